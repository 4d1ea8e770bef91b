"""What the product promises about speed and size, measured beside its peers in the same run.

    uv run python -m tests.benchmarks             the whole table, some minutes
    uv run python -m tests.benchmarks --quick     a twentieth of the data, to see that it works
    uv run python -m tests.benchmarks --only log --only ingest

docs/performance.md says what each row means and shows a measured table.
"""
