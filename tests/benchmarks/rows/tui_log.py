"""How fast a training logs while the terminal app shows its runs, beside the same training alone."""

from __future__ import annotations

import statistics

from tests.benchmarks.app import environment, logging_rate, not_measured, open_app, run_workbench
from tests.benchmarks.harness import Context, Row, interleaved, median_ratio
from tests.benchmarks.stores import fill_store, table_of_runs
from tests.benchmarks.terminal import Terminal, unavailable

DURATION_S = 4.0
LEAST_RATIO = 0.9


def measure(context: Context) -> list[Row]:
    """One row."""
    promise = "`run.log` as fast as it can while the terminal app shows its run, against without the app"
    if why := unavailable():
        return not_measured(promise, why)
    duration_s = max(0.5, DURATION_S * min(1.0, context.scale))
    root = context.folder / "log"
    fill_store(root, table_of_runs(context.size(200, 20), 5, 4, 10))
    with Terminal(env=environment(context.make_folder("log-home"))) as terminal:

        def alone() -> float:
            rate = logging_rate(root, duration_s)
            run_workbench(root, "runs", "list", "-n", "1")  # folds the points in, so that the app need not
            return rate

        def watched() -> float:
            open_app(terminal, root, 5)
            rate = logging_rate(root, duration_s)
            terminal.stop()
            return rate

        alone(), watched()
        alone_rates, watched_rates = interleaved(context.repetitions, alone, watched)
    ratio = median_ratio(watched_rates, alone_rates)
    alone_per_s, watched_per_s = statistics.median(alone_rates), statistics.median(watched_rates)
    return [
        Row(
            promise,
            f"{ratio:.2f}x the rate ({watched_per_s:,.0f}/s)",
            f"≥ {LEAST_RATIO:g}x",
            f"alone: {alone_per_s:,.0f}/s",
            ratio >= LEAST_RATIO,
            {"ratio": ratio, "alone_per_s": alone_per_s, "watched_per_s": watched_per_s},
        )
    ]
