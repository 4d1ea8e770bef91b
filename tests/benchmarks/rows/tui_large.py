"""The terminal app on 100,000 runs with 200 columns while eight more are training: the first page, and every key."""

from __future__ import annotations

import statistics
import subprocess
import sys

from tests.benchmarks.app import (
    LIST_VIEW,
    ROW,
    SETTLE_S,
    app_command,
    environment,
    keys_ms,
    not_measured,
    open_app,
    percentile,
    run_workbench,
    training,
)
from tests.benchmarks.harness import Context, Row, interleaved, seconds
from tests.benchmarks.stores import fill_store, table_of_runs
from tests.benchmarks.terminal import Terminal, unavailable

RUNS, PARAMS, METRICS = 100_000, 100, 100
LIVE, POINTS_PER_S = 8, 100
IMPORTS = "import textual.app, duckdb"
START_MORE_S = 0.4
KEY_MS = 50
PAST_LIVE = 12
"""Moves down the list before keys are timed, so that the cursor stands on a run that has ended."""
KEYS = (
    ["j", "j", "j", "k"] * 8 + ["PageDown"] * 12 + ["j"] * 12 + ["PageUp"] * 8 + ["G", "k", "k", "PageUp", "g", "j"] * 3
)


def measure(context: Context) -> list[Row]:
    """Two rows."""
    if why := unavailable():
        return not_measured("the terminal app on a large store", why)
    runs = context.size(RUNS, 800)  # as many as the keys go through
    root = context.folder / "large"
    fill_store(root, table_of_runs(runs, PARAMS, METRICS, 1))
    env = environment(context.make_folder("large-home"))
    with training(root, LIVE, POINTS_PER_S), Terminal(env=env) as terminal:
        run_workbench(root, "runs", "list", "-n", "1")

        def ours() -> float:
            terminal.start(app_command(root))
            _, full_s = terminal.wait_for_lines(ROW, least=5)
            terminal.stop()
            return full_s

        def bare() -> float:
            command = [sys.executable, "-c", IMPORTS]
            return seconds(lambda: subprocess.run(command, env=env, check=True))

        ours(), bare()
        ours_s, bare_s = interleaved(context.repetitions, ours, bare)
        open_app(terminal, root, 5)
        for _ in range(PAST_LIVE):
            terminal.type("j")
        terminal.settle(SETTLE_S, 3 * SETTLE_S)
        samples = keys_ms(terminal, KEYS, LIST_VIEW)
        rss_mb = sum(process.memory_info().rss for process in terminal.processes()) / 1e6
        cost_ms = terminal.capture_cost_ms()
        terminal.stop()
    more_s = statistics.median(a - b for a, b in zip(ours_s, bare_s, strict=True))
    p95_ms = percentile(samples, 95)
    start_ms, bare_ms = (statistics.median(values) * 1e3 for values in (ours_s, bare_s))
    where = f"{runs:,} runs x {PARAMS + METRICS} columns, {LIVE} more logging {POINTS_PER_S} points/s each"
    return [
        Row(
            f"the terminal app on {where}: process start to the first full page",
            f"imports + {more_s:.2f} s ({start_ms:.0f} ms)",
            f"≤ imports + {START_MORE_S:g} s",
            f'`python -c "{IMPORTS}"`: {bare_ms:.0f} ms',
            more_s <= START_MORE_S,
            {"more_s": more_s, "start_ms": start_ms, "bare_ms": bare_ms},
        ),
        Row(
            "the same: key to repaint, 95th percentile",
            f"{p95_ms:.0f} ms (median {statistics.median(samples):.0f} ms)",
            f"≤ {KEY_MS} ms",
            "",
            p95_ms <= KEY_MS,
            {
                "p95_ms": p95_ms,
                "median_ms": statistics.median(samples),
                "slowest_ms": max(samples),
                "rss_mb": rss_mb,
                "capture_ms": cost_ms,
            },
        ),
    ]
