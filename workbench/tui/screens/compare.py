"""Runs side by side: what differs between them, and the curves of one metric over each other."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType
from textual.widget import Widget

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, visible
from workbench.output.marks import FLAG
from workbench.output.records import write_json
from workbench.output.spans import Line
from workbench.tui.actions import Action, bindings
from workbench.tui.dialogs.export import Export, ExportChoice
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.comparison import FORMATS, Compare, Compared, WriteComparison
from workbench.tui.questions.curves import CurvesOf
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.widgets.chart import Look
from workbench.tui.widgets.overlaid_curves import OverlaidCurves
from workbench.tui.widgets.run_columns import RunColumns
from workbench.tui.widgets.span_lines import SpanLines

if TYPE_CHECKING:
    from workbench.store.curves import Axis
    from workbench.tracking.compare import Comparison
    from workbench.tui.questions.curves import MetricCurves

MIN_CHART_ROWS = 6
"""Below so many rows there is no chart."""
MAX_RUNS = 50
"""More columns and curves than that tell nothing; a person may have marked 100,000 runs."""
POINTS_PER_CELL = 2


class CompareScreen(WorkbenchScreen):
    """A comparison of two runs or more.

    Args:
        uids: ids of the runs, in the order of marking.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("compare",)
    TAB = "Compare"
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("compare"), *bindings("pane", only="zoom_pane")]
    AUTO_FOCUS = "ComparisonRows"
    DEFAULT_CSS = "CompareScreen #title { height: 1; }"

    def __init__(self, uids: tuple[str, ...]) -> None:
        super().__init__()
        marked = tuple(dict.fromkeys(uids))
        self._uids, self._left_out = marked[:MAX_RUNS], marked[MAX_RUNS:]
        self._all = False
        self._compared: Compared | None = None
        self._chosen: str | None = None
        self._metric: str | None = None
        self._curves: MetricCurves | None = None
        self._zoomed = False
        self._said: set[str] = set()
        self._ended = False

    def compose_body(self) -> Iterable[Widget]:
        """A line of title, the runs, the chart."""
        yield SpanLines(id="title")
        yield RunColumns(id="columns")
        yield OverlaidCurves()

    def on_mount(self) -> None:
        """Say what is not compared."""
        if self._left_out:
            total = format_number(MAX_RUNS + len(self._left_out))
            self.workbench.refuse(f"only the first {MAX_RUNS} of {total} runs are compared")

    # asking and hearing

    def on_screen_resume(self) -> None:
        """Listen while the screen can be seen."""
        self._ask()

    def on_screen_suspend(self) -> None:
        """Nobody looks."""
        self.desk.forget(self)

    on_unmount = on_screen_suspend

    @property
    def question(self) -> Compare:
        """What is compared."""
        return Compare(self._uids, self._all)

    def _ask(self) -> None:
        self.desk.watch(self, "comparison", self.question)
        self._ask_curves()

    def _ask_curves(self) -> None:
        comparison = self._comparison
        if comparison is None or self._metric is None:
            self.desk.forget(self, "curves")
            self._curves = None
            return
        order = tuple(comparison.run_ids[index] for index in self._order)
        width = max(1, self.size.width) * POINTS_PER_CELL
        axis: Axis = "time" if self.workbench.state.x_axis == "time" else "step"
        self.desk.watch(self, "curves", CurvesOf(order, (self._metric,), 1, width, axis))

    def on_answered(self, message: Answered) -> None:
        """The comparison, or the curves of a metric."""
        if message.slot == "comparison" and message.question == self.question:
            self._show(message.answer)
        elif message.slot == "curves" and message.question.keys == (self._metric,):
            [self._curves] = message.answer
            self._draw_chart()

    def on_unanswered(self, message: Unanswered) -> None:
        """The store cannot be read; what was read stays."""
        if message.slot == "curves":
            self._curves = None
            self._draw_chart()
        elif self._compared is None:
            self.query_one("#title", SpanLines).show([[(f" ✗ {message.error.message}", "bad")]])

    def _show(self, compared: Compared) -> None:
        self._compared = compared
        lost = [(uid, f"run {uid[:8]} is not in the store any more") for uid in compared.gone]
        lost += [(uid, f"{visible(name)} is in the trash, and left out") for uid, name in compared.trashed]
        for uid, sentence in lost:
            if uid not in self._said:
                self._said.add(uid)
                self.workbench.refuse(sentence)
        comparison, table = compared.comparison, compared.table
        if comparison is None or table is None or len(comparison.run_ids) < 2:
            self._close("a comparison needs two runs")
            return
        if self._chosen not in comparison.run_ids:
            self._chosen = comparison.run_ids[self._order[1]]
        if self._metric not in compared.metrics:
            self._metric = compared.metrics[0] if compared.metrics else None
        self._columns.show(table, comparison.run_ids.index(self._chosen))
        self._lay_out()
        self._show_title()
        self._ask_curves()
        self.refresh_footer()

    def _close(self, why: str) -> None:
        if self.is_current and not self._ended:
            self._ended = True
            self.workbench.refuse(why)
            self.app.pop_screen()

    # drawing

    @property
    def _columns(self) -> RunColumns:
        return self.query_one(RunColumns)

    @property
    def _chart(self) -> OverlaidCurves:
        return self.query_one(OverlaidCurves)

    @property
    def _comparison(self) -> Comparison | None:
        return self._compared.comparison if self._compared else None

    @property
    def _order(self) -> list[int]:
        """The runs as they stand: the baseline first."""
        return self._compared.table.order if self._compared and self._compared.table else []

    @property
    def _metrics(self) -> tuple[str, ...]:
        return self._compared.metrics if self._compared else ()

    def on_resize(self) -> None:
        """Rows and chart share what there is; a wider chart shows more."""
        self._lay_out()
        self._show_title()
        self._ask_curves()

    def _show_title(self) -> None:
        """How many runs, measured against which; what is not on the screen."""
        comparison = self._comparison
        if comparison is None:
            return
        width = self.size.width
        before, after = self._columns.hidden
        rest: Line = [(f"‹ {before}  " * (before > 0), "accent"), (f"{after} ›" * (after > 0), "accent")]
        room = width - 2 - sum(cell_width(text) for text, _ in rest)
        line: Line = [(f" Compare {format_number(len(comparison.run_ids))} runs", "title")]
        what = "also what is equal" if self._all else "only what differs"
        name_room = max(8, room - cell_width(line[0][0]) - len(what) - 8)
        name = clip(visible(comparison.names[comparison.baseline]), name_room)
        line += [(f"  {FLAG} ", "accent"), (name, ""), (f"   {what}", "dim")]
        used = sum(cell_width(text) for text, _ in line)
        self.query_one("#title", SpanLines).show([[*line, (" " * max(1, room + 1 - used), ""), *rest]])

    def _lay_out(self) -> None:
        """The rows get what they need, the chart at least two fifths and all that is left."""
        body = self.size.height - 3  # without header, title and footer
        least = max(MIN_CHART_ROWS, body * 2 // 5)
        fits = self._metric is not None and not self._zoomed and body - 1 - least >= 3
        self._chart.display = fits
        self._columns.styles.height = 1 + min(self._columns.row_count, body - 1 - least) if fits else "1fr"

    def _draw_chart(self) -> None:
        if self._metric in self._metrics:
            state = self.workbench.state
            place = f"{self._metrics.index(self._metric) + 1} of {len(self._metrics)}"
            self._chart.show(self._curves, place, Look(state.smoothing, state.log_y, state.x_axis))

    # runs

    def _index(self) -> int | None:
        uids = self._comparison.run_ids if self._comparison else []
        return uids.index(self._chosen) if self._chosen in uids else None

    def _choose(self, index: int) -> None:
        if self._comparison is not None:
            self._chosen = self._comparison.run_ids[index]
            self._columns.choose(index)
            self._show_title()
            self.refresh_footer()

    def _step(self, way: int) -> None:
        index = self._index()
        place = -1 if index is None else self._order.index(index) + way
        if 0 <= place < len(self._order):
            self._choose(self._order[place])

    def on_run_columns_chosen(self, message: RunColumns.Chosen) -> None:
        """A click on a column."""
        self._choose(message.index)

    def action_next_run(self) -> None:
        """The run at the right."""
        self._step(1)

    def action_previous_run(self) -> None:
        """The run at the left."""
        self._step(-1)

    def action_open(self) -> None:
        """Show the run alone."""
        if self._chosen is not None:
            neighbours = [self._comparison.run_ids[index] for index in self._order] if self._comparison else []
            self.workbench.open_run(self._chosen, neighbours=neighbours)

    def action_unmark(self) -> None:
        """Leave the run out, and unmark it."""
        index = self._index()
        if index is None or self._chosen is None:
            return
        place = self._order.index(index)
        others = [one for one in self._order if one != index]
        self.workbench.marks.remove([self._chosen])
        if len(others) < 2:
            self._close("a comparison needs two runs: it is closed")
            return
        self._uids = tuple(uid for uid in self._uids if uid != self._chosen)
        if self._comparison is not None:
            self._chosen = self._comparison.run_ids[others[min(place, len(others) - 1)]]
        self._ask()

    def action_pin(self) -> None:
        """Measure the others against this run."""
        from workbench.tui.questions.edits import Pin

        if self._chosen is None or self._compared is None:
            return
        if self._chosen == self._compared.pinned:
            self.workbench.refuse("this run is the baseline already")
        else:
            self.workbench.perform(Pin(self._chosen))

    def action_diff(self) -> None:
        """What changed between the baseline and the run."""
        from workbench.tui.screens.diff import DiffScreen

        comparison = self._comparison
        if comparison is None or self._chosen is None:
            return
        base = comparison.run_ids[comparison.baseline]
        if self._chosen == base:
            self.workbench.refuse("this is the baseline: choose another run with h and l")
        else:
            self.app.push_screen(DiffScreen(base, self._chosen))

    def action_charts(self) -> None:
        """Draw all metrics."""
        if self._comparison is not None:
            self.workbench.show_charts([self._comparison.run_ids[index] for index in self._order])

    # what is shown

    def action_all(self) -> None:
        """Show also what is equal, or not."""
        self._all = not self._all
        self._ask()

    def action_zoom_pane(self) -> None:
        """The rows alone, or with the chart again."""
        self._zoomed = not self._zoomed
        self._lay_out()

    def step_back(self) -> bool:
        """The chart comes back first."""
        if self._zoomed:
            self.action_zoom_pane()
            return True
        return False

    def action_next_metric(self) -> None:
        """The curves of the next metric."""
        self._step_metric(1)

    def action_previous_metric(self) -> None:
        """The curves of the metric before."""
        self._step_metric(-1)

    def _step_metric(self, way: int) -> None:
        known = self._metrics
        if self._metric in known:
            self._metric = known[(known.index(self._metric) + way) % len(known)]
            self._curves = None
            self._ask_curves()
            self.refresh_footer()
        else:
            self.workbench.refuse("these runs have no metrics")

    def action_log_y(self) -> None:
        """Logarithmic values, or linear ones."""
        self.workbench.state.log_y = not self.workbench.state.log_y
        self._draw_chart()

    def action_x_axis(self) -> None:
        """Over time, or over steps."""
        state = self.workbench.state
        state.x_axis = "step" if state.x_axis == "time" else "time"
        self._ask_curves()

    def action_smooth(self) -> None:
        """Smooth more; after the most, not at all."""
        self.workbench.state.smooth_more()
        self._draw_chart()

    # copies

    def action_copy(self) -> None:
        """Copy the comparison as JSON."""
        if self._comparison is not None:
            text = io.StringIO()
            write_json(self._comparison.to_json(), text)
            self.workbench.copy(text.getvalue(), "the comparison as JSON")

    def action_export(self) -> None:
        """Write the comparison to a file."""

        def chosen(choice: ExportChoice | None) -> None:
            if choice is not None:
                self.workbench.perform(WriteComparison(self.question, choice.path, choice.format))

        def twin(path: str, format: str) -> str:
            return f"{self.view_twin()} --json > {path or 'FILE'}" if format == "json" else ""

        self.app.push_screen(Export("Write the comparison", FORMATS, "comparison.json", twin), chosen)

    # words

    def can(self, action: Action) -> bool:
        """What needs a metric needs one; the baseline differs from the others only."""
        comparison = self._comparison
        if action.scope == "pane" and action.name in ("scroll_left", "scroll_right", "copy_line"):
            return False
        if action.name in ("next_metric", "previous_metric", "log_y", "x_axis", "smooth"):
            return self._metric is not None
        if action.id in ("compare.diff", "compare.pin"):
            return comparison is not None and self._chosen != comparison.run_ids[comparison.baseline]
        return True

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The runs, the baseline, the chosen run, the metric."""
        comparison = self._comparison
        uids = comparison.run_ids if comparison else self._uids
        return {
            "runs": [uid[:8] for uid in uids],
            "run": self._chosen[:8] if self._chosen else "",
            "baseline": uids[comparison.baseline][:8] if comparison else "",
            "metric": self._metric or "",
        }

    def view_twin(self) -> str:
        """The comparison in a shell."""
        runs = " ".join(self.words()["runs"])
        return f"workbench runs compare {runs}{' --all' * self._all}"
