"""The lines of a run's metrics, made when they are drawn: a run may have 10,000 and more."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from workbench.output.cells import cell_width, clip, fit
from workbench.output.spans import Line

if TYPE_CHECKING:
    from workbench.tui.questions.metric_rows import MetricRows
    from workbench.tui.widgets.line_view import LineView

SPARKS_STEP = 32
"""Courses of metrics are asked for in blocks of so many lines."""
MIN_NAME_WIDTH = 12
MIN_SPARK_WIDTH = 4


class MetricLine:
    """Makes the line of a metric when it is drawn: its name, last and best value, its course where that is known."""

    def __init__(self, rows: MetricRows, sparks: Mapping[str, str], view: LineView) -> None:
        self._rows = rows
        self._sparks = sparks
        self._view = view
        self._run_name_width = max(map(cell_width, rows.names), default=0)
        self._last_width = max(map(cell_width, rows.lasts[:1]), default=0)
        self._best_width = max(map(cell_width, rows.bests[:1]), default=0)

    def __call__(self, index: int) -> Line:
        rows = self._rows
        width = self._view.size.width - 1
        fixed = 2 + self._last_width
        best_width = self._best_width + 2 if self._best_width else 0
        if width - fixed - best_width < min(self._run_name_width, 12):
            best_width = 0
        name_width = max(4, min(self._run_name_width, width - fixed - best_width))
        spark_room = width - name_width - fixed - best_width - 2
        line: Line = [(" ", ""), (fit(rows.names[index], name_width), "dim"), ("  ", ""), (rows.lasts[index], "")]
        if best_width:
            line.append((f"  {rows.bests[index]}", "dim"))
        spark = self._sparks.get(rows.keys[index], "")
        if spark and spark_room >= MIN_SPARK_WIDTH:
            line.append(("  " + clip(spark, spark_room), "series0"))
        return line


def keys_in_sight(rows: MetricRows, view: LineView) -> tuple[str, ...]:
    """The metrics in sight, in whole blocks, so that a step of the cursor asks for nothing new."""
    if not view.size.height:
        return ()
    sight = view.lines_in_sight()
    first = sight.start // SPARKS_STEP * SPARKS_STEP
    last = -(-sight.stop // SPARKS_STEP) * SPARKS_STEP
    return rows.keys[first:last]
