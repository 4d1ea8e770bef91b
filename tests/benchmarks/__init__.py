"""What the product promises about speed and size, measured beside its peers in the same run.

    uv run python -m tests.benchmarks             the whole table, some minutes
    uv run python -m tests.benchmarks --quick     a twentieth of the data, to see that it works
    uv run python -m tests.benchmarks --only log --only ingest
    uv run python -m tests.benchmarks --only tui  the terminal app, a quarter of an hour; needs tmux

WORKBENCH_BENCHMARK_WANDB names a `wandb` program that is not on PATH, the app's peer; WORKBENCH_BENCHMARK_MINUTES says
how long the app is used before its memory is read.

docs/performance.md says what each row means and shows a measured table.
"""
