"""What is opened from the terminal app's list: charts of very long curves, and a run with very many metrics."""

from __future__ import annotations

import re
import statistics

from tests.benchmarks.app import environment, keys_ms, not_measured, open_app
from tests.benchmarks.harness import Context, Row
from tests.benchmarks.stores import fill_store, long_curves, table_of_runs
from tests.benchmarks.terminal import Terminal, matching_lines, rows_and_cursor, unavailable

CURVES, CURVE_POINTS = 5, 1_000_000
PAINT_MS, ZOOM_MS = 150, 60
ZOOMS = ["+"] * 5 + ["-"] * 5
NAMES, NAME_POINTS = 12_000, 10
OPEN_MS, SCROLL_MS = 500, 50
SCROLL = ["j"] * 20 + ["PageDown"] * 10 + ["k"] * 10
METRIC = r"\bm\d{3,}\b"
METRIC_VIEW = rows_and_cursor(METRIC)
LEAST_METRICS = 8
"""Lines that begin with a metric's name are a list of metrics: above a list of runs the names stand in one line."""


def charts(context: Context) -> list[Row]:
    """Two rows: the first paint, a step of the zoom."""
    promise = f"the terminal app, {CURVES} curves in one chart"
    if why := unavailable():
        return not_measured(promise, why)
    points = context.size(CURVE_POINTS, 1000)
    root = context.folder / "charts"
    fill_store(root, long_curves(CURVES, points))
    paint_ms: list[float] = []
    zoom_ms: list[float] = []
    whole = 0  # characters of the finished chart: the first paint that counts shows most of all its curves

    def painted(shown: str) -> bool:
        return len(dots(shown)) >= max(20, whole * 0.8)

    with Terminal(env=environment(context.make_folder("charts-home"))) as terminal:
        for turn in range(context.repetitions + 1):  # the first warms the file cache and says how much a chart is
            open_app(terminal, root, CURVES)
            for _ in range(CURVES):
                terminal.press("Space")
            terminal.settle()
            taken_ms = terminal.press_until("m", painted)
            terminal.settle()
            whole = len(dots(terminal.screen()))
            steps_ms = keys_ms(terminal, ZOOMS, dots)
            if turn:
                paint_ms.append(taken_ms)
                zoom_ms += steps_ms
            cost_ms = terminal.capture_cost_ms()
            terminal.stop()
    first_ms, step_ms = statistics.median(paint_ms), statistics.median(zoom_ms)
    return [
        Row(
            f"{promise} of {points:,} points each: key to first paint",
            f"{first_ms:.0f} ms",
            f"≤ {PAINT_MS} ms",
            "",
            first_ms <= PAINT_MS,
            {"paint_ms": first_ms, "slowest_ms": max(paint_ms), "characters": whole, "capture_ms": cost_ms},
        ),
        Row(
            "the same: one step of the zoom, median",
            f"{step_ms:.0f} ms",
            f"≤ {ZOOM_MS} ms",
            "",
            step_ms <= ZOOM_MS,
            {"zoom_ms": step_ms, "slowest_ms": max(zoom_ms)},
        ),
    ]


def metrics(context: Context) -> list[Row]:
    """Two rows: a run with very many metrics opens, and its list of them scrolls."""
    names = context.size(NAMES, 600)  # as many as the keys go through
    promise = f"the terminal app, a run with {names:,} metric names"
    if why := unavailable():
        return not_measured(promise, why)
    root = context.folder / "metrics"
    fill_store(root, table_of_runs(1, 5, names, NAME_POINTS))
    opened_ms: list[float] = []
    scrolled_ms: list[float] = []
    with Terminal(env=environment(context.make_folder("metrics-home"))) as terminal:
        for turn in range(context.repetitions + 1):
            open_app(terminal, root, 1)
            before = terminal.screen()

            def opened(shown: str, before: str = before) -> bool:
                return shown != before and matching_lines(shown, METRIC) >= LEAST_METRICS

            taken_ms = terminal.press_until("Enter", opened)
            terminal.settle()
            steps_ms = keys_ms(terminal, SCROLL, METRIC_VIEW)
            if turn:
                opened_ms.append(taken_ms)
                scrolled_ms += steps_ms
            terminal.stop()
    open_ms, scroll_ms = statistics.median(opened_ms), statistics.median(scrolled_ms)
    return [
        Row(
            f"{promise}: key to its metrics",
            f"{open_ms:.0f} ms",
            f"≤ {OPEN_MS} ms",
            "",
            open_ms <= OPEN_MS,
            {"open_ms": open_ms, "slowest_ms": max(opened_ms)},
        ),
        Row(
            "the same: scrolling them, key to repaint, median",
            f"{scroll_ms:.0f} ms",
            f"≤ {SCROLL_MS} ms",
            "",
            scroll_ms <= SCROLL_MS,
            {"scroll_ms": scroll_ms, "slowest_ms": max(scrolled_ms)},
        ),
    ]


def dots(screen: str) -> list[tuple[int, str]]:
    """Where which characters of a curve are: those made of dots, but for the empty one."""
    plain = re.sub(r"\x1b\[[0-9;:]*m", "", screen)
    return [(match.start(), match[0]) for match in re.finditer("[\u2801-\u28ff]", plain)]
