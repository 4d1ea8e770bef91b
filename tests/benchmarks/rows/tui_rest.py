"""The terminal app left alone, and used for minutes: what it costs while nothing happens, and whether it grows."""

from __future__ import annotations

import os
import statistics
import time

from tests.benchmarks.app import ROW, SETTLE_S, environment, not_measured, open_app
from tests.benchmarks.harness import Context, Row
from tests.benchmarks.rows.tui_list import METRICS, PARAMS, POINTS, RUNS
from tests.benchmarks.stores import fill_store, table_of_runs
from tests.benchmarks.terminal import Terminal, matching_lines, unavailable

MINUTES_VARIABLE = "WORKBENCH_BENCHMARK_MINUTES"
"""Names how long the app is used, instead of 10 minutes at full scale."""
MINUTES = 10.0
IDLE_S = 10.0
CPU_PERCENT = 1.0
RSS_MB = 160
GROWTH_MB_PER_MIN = 0.5
"""Less is what a heap does by itself."""
KEY_PAUSE_S = 0.15
ESCAPE_PAUSE_S = 0.6
"""A terminal sends the same for escape and then `g` as for alt and `g`: only the time between them tells."""
FILTER = ["/", *"metrics.m000>0.02", "Enter"]
CLEAR = ["/", "C-u", "Enter"]
ROUND = (
    ["j"] * 6, ["PageDown", "PageDown", "PageUp"], ["Enter", "j", "j", "PageDown", "Escape"],
    ["g", "Space", "Space", "Space", "m", "+", "+", "-", "Escape"], ["g", "Space", "Space", "Space"],
    FILTER, ["j", "j", "G", "g"], CLEAR, ["G", "g"],
)  # fmt: skip
"""What is done over and over: move, open a run, mark three for charts and unmark them, filter."""


def measure(context: Context) -> list[Row]:
    """Two rows."""
    if why := unavailable():
        return not_measured("the terminal app left alone", why)
    runs = context.size(RUNS, 100)
    minutes = float(os.environ.get(MINUTES_VARIABLE) or MINUTES * min(1.0, context.scale))
    root = context.folder / "rest"
    fill_store(root, table_of_runs(runs, PARAMS, METRICS, POINTS))
    with Terminal(env=environment(context.make_folder("rest-home"))) as terminal:
        open_app(terminal, root, 5)
        time.sleep(SETTLE_S)
        percent = _idle_percent(terminal)
        samples = _use(terminal, minutes * 60)
        terminal.stop()
    settled = samples[len(samples) * 2 // 3 :]
    growth, _ = statistics.linear_regression(*zip(*settled, strict=True)) if len(settled) > 2 else (0.0, 0.0)
    rss_mb = settled[-1][1]
    return [
        Row(
            f"the terminal app on {runs:,} runs, nothing happening: processor time over {IDLE_S:g} s",
            f"{percent:.2f} % of a core",
            f"< {CPU_PERCENT:g} %",
            "",
            percent < CPU_PERCENT,
            {"cpu_percent": percent},
        ),
        Row(
            f"the same after {minutes:g} minutes of moving, filtering, opening runs and charts: memory",
            f"{rss_mb:.0f} MB, {growth:+.2f} MB/min in the last third",
            f"≤ {RSS_MB} MB, ≤ {GROWTH_MB_PER_MIN:g} MB/min",
            "",
            rss_mb <= RSS_MB and growth <= GROWTH_MB_PER_MIN,
            {
                "rss_mb": rss_mb,
                "growth_mb_per_min": growth,
                "first_mb": samples[0][1],
                "most_mb": max(mb for _, mb in samples),
                "minutes": minutes,
            },
        ),
    ]


def _idle_percent(terminal: Terminal) -> float:
    """Of one core; nobody looks at the screen meanwhile."""
    processes = terminal.processes()

    def used_s() -> float:
        return sum(sum(process.cpu_times()[:2]) for process in processes)

    began, before_s = time.perf_counter(), used_s()
    time.sleep(IDLE_S)
    return (used_s() - before_s) / (time.perf_counter() - began) * 100


def _use(terminal: Terminal, duration_s: float) -> list[tuple[float, float]]:
    """Minutes and MB, about once a second, while keys are typed; at least one whole round."""
    began = time.perf_counter()
    samples: list[tuple[float, float]] = []
    while not samples or time.perf_counter() - began < duration_s:
        for keys in ROUND:
            for key in keys:
                terminal.type(key)
                time.sleep(ESCAPE_PAUSE_S if key == "Escape" else KEY_PAUSE_S)
            mb = sum(process.memory_info().rss for process in terminal.processes()) / 1e6
            samples.append(((time.perf_counter() - began) / 60, mb))
        terminal.wait_for(_listed, time.perf_counter() - began + 60)
    return samples


def _listed(shown: str) -> bool:
    return matching_lines(shown, ROW) >= 5
