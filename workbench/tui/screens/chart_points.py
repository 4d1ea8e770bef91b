"""Taking values away from charts: to the clipboard and to files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.output.cells import clip, visible
from workbench.tui.dialogs.export import Export, ExportChoice
from workbench.tui.questions.curves import FORMATS, WritePoints, values_at
from workbench.tui.screens.base import WorkbenchScreen, filled_twin
from workbench.tui.screens.chart_facts import x_text

if TYPE_CHECKING:
    from workbench.tui.questions.curves import Charted, MetricCurves

MAX_NAME = 80
"""Letters of a metric's name in the name of a file."""


class ChartPoints(WorkbenchScreen):
    """The part of the charts screen that gives values away."""

    _uids: tuple[str, ...]
    _charted: Charted | None
    _cursor: float | None

    @property
    def metric(self) -> str | None:
        """The metric of the chosen chart; the screen knows."""
        raise NotImplementedError

    @property
    def charts(self) -> Sequence[MetricCurves | None]:
        """The curves in sight; the screen knows."""
        raise NotImplementedError

    def action_copy_values(self) -> None:
        """The values at the crosshair, one line a run, one column a metric."""
        if self._cursor is None:
            self.workbench.refuse("there is no crosshair: h or l sets it")
            return
        axis = self.workbench.state.x_axis
        charts = [chart for chart in self.charts if chart is not None]
        names = {label.uid: label.name for label in self._charted.runs} if self._charted else {}
        lines = ["\t".join(["run_id", "run", axis, *(visible(chart.key) for chart in charts)])]
        for uid, values in zip(self._uids, values_at(charts, self._uids, self._cursor), strict=True):
            cells = [uid, visible(names.get(uid, "")), f"{self._cursor:.15g}"]
            lines.append("\t".join([*cells, *("" if value is None else repr(value) for value in values)]))
        self.workbench.copy("\n".join(lines) + "\n", f"the values at {x_text(self._cursor, axis)}")

    def action_export(self) -> None:
        """All points of the chosen metric."""
        metric = self.metric
        if metric is None:
            return
        twin = filled_twin("runs metrics {run} {metric}", self.words()) if len(self._uids) == 1 else ""

        def command(path: str, form: str) -> str:
            return f"{twin} --format {form} -o {path}" if twin else ""

        def chosen(choice: ExportChoice | None) -> None:
            if choice is not None:
                self.workbench.perform(WritePoints(self._uids, (metric,), choice.path, choice.format))

        title = f"Write the points of {clip(visible(metric), 40)} to a file"
        self.app.push_screen(Export(title, FORMATS, path=_file_name(metric), twin=command), chosen)


def _file_name(metric: str) -> str:
    safe = "".join(character if character.isalnum() or character in "-_." else "_" for character in metric)
    return f"{safe.lstrip('.')[:MAX_NAME] or 'points'}.csv"
