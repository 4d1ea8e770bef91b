"""The metrics of runs, drawn over each other: as many charts as the terminal holds, with one crosshair over all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual.widget import Widget

from workbench.output.spans import Line
from workbench.plot.window import Range
from workbench.tui.actions import Action, bindings
from workbench.tui.chart_layout import Layout, fitting, layout_of
from workbench.tui.dialogs.prompt import Prompt
from workbench.tui.held_curves import HeldCurves
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.curves import ChartedRuns, CurvesOf
from workbench.tui.screens.base import filled_twin
from workbench.tui.screens.chart_crosshair import ChartCrosshair
from workbench.tui.screens.chart_facts import Facts, run_legend, why_empty
from workbench.tui.widgets.chart import ChartView, Look
from workbench.tui.widgets.chart_grid import ChartGrid
from workbench.tui.widgets.notice import Notice
from workbench.tui.widgets.span_lines import SpanLines

if TYPE_CHECKING:
    from workbench.tui.questions.curves import Charted, MetricCurves

MAX_RUNS = 20
"""More curves in one chart are not told apart."""
LEGEND_WIDTH = 100
"""Cells of the screen from which on the legend stands beside a chart that is alone."""
LEGEND_LINES = 3
"""At most, where the screen is high."""
LOW = 30
"""Rows of a screen below which the legend has one line."""
BUCKETS_PER_COLUMN = 2
"""A cell of braille has two dots side by side."""


class ChartsScreen(ChartCrosshair):
    """Charts of one run's metrics, or of several runs'.

    Args:
        uids: the runs; the first MAX_RUNS are drawn.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("charts",)
    TAB = "Runs"
    BINDINGS = bindings("charts")
    DEFAULT_CSS = "ChartsScreen .-hidden { display: none; }"

    def __init__(self, uids: tuple[str, ...]) -> None:
        super().__init__()
        self._asked_for = len(uids)
        self._uids = uids[:MAX_RUNS]
        self._charted: Charted | None = None
        self._metrics: tuple[str, ...] = ()
        self._pattern = ""
        self._chosen = 0
        self._alone = False
        self._cursor: float | None = None
        self._x_range: Range | None = None
        self._held = HeldCurves()
        self._led: CurvesOf | None = None
        self._failed: Unanswered | None = None

    def compose_body(self) -> Iterable[Widget]:
        """What is shown, which run is which, the charts."""
        yield SpanLines(id="facts")
        yield SpanLines(id="legend")
        yield ChartGrid()
        yield Notice(id="empty")

    def on_mount(self) -> None:
        """Ask for the first charts."""
        self.query_one("#empty").add_class("-hidden")
        self.refresh_charts()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.desk.forget(self)

    def on_screen_suspend(self) -> None:
        """Nothing is asked while another screen covers this one."""
        self.desk.forget(self)

    def on_screen_resume(self) -> None:
        """Ask again."""
        self._led = None
        if self.is_mounted:
            self.refresh_charts()

    def on_resize(self) -> None:
        """More charts, or fewer."""
        if self.is_mounted:
            self.refresh_charts()

    # what is in sight

    @property
    def grid(self) -> ChartGrid:
        """The charts."""
        return self.query_one(ChartGrid)

    @property
    def metric(self) -> str | None:
        """The metric of the chosen chart."""
        return self._metrics[self._chosen] if self._chosen < len(self._metrics) else None

    @property
    def metrics_in_sight(self) -> tuple[str, ...]:
        """The metrics of the charts in sight."""
        if self._alone:
            return self._metrics[self._chosen : self._chosen + 1]
        first = self.first
        return self._metrics[first : first + self._layout.count]

    @property
    def first(self) -> int:
        """The first metric in sight where several charts are."""
        count = self._layout.count
        return self._chosen // count * count

    @property
    def _layout(self) -> Layout:
        height = self.size.height - 3 - len(self._legend())
        if self._alone:
            return layout_of(self.size.width, height, 1)
        return layout_of(self.size.width, height, len(self._metrics) if self._metrics else None)

    @property
    def _look(self) -> Look:
        state = self.state
        return Look(
            state.smoothing,
            state.log_y,
            state.x_axis,
            self._x_range,
            legend=self._alone and self.size.width >= LEGEND_WIDTH,
        )

    @property
    def charts(self) -> list[MetricCurves | None]:
        """The curves in sight; None for those that the store has not told of yet."""
        return [self._held.best(key, self._x_range) for key in self.metrics_in_sight]

    def chosen_view(self) -> ChartView | None:
        """The chart whose title is lit, or that is alone."""
        views = self.grid.views
        place = 0 if self._alone else self._chosen - self.first
        return views[place] if place < len(views) and self.metric is not None else None

    # asking and hearing

    def _ask(self) -> None:
        """The first chart, and once that is there the others: what is looked at first is there soon."""
        self.desk.watch(self, "charted", ChartedRuns(self._uids))
        keys = self.metrics_in_sight
        # As long as the names are not known, and as long as it is the first one, the store looks for it itself.
        by_order = not self._alone and not self._pattern and self.first == 0
        if by_order or keys:
            lead = self._question(None if by_order else keys[:1])
            self.desk.watch(self, "lead", lead)
            if len(keys) > 1 and lead == self._led:
                self.desk.watch(self, "rest", self._question(keys[1:]))
        if len(keys) < 2:
            self.desk.forget(self, "rest")

    def _question(self, keys: tuple[str, ...] | None) -> CurvesOf:
        axis = cast(Literal["step", "time"], self.state.x_axis)
        return CurvesOf(self._uids, keys, 1, self._layout.chart_width * BUCKETS_PER_COLUMN, axis, self._x_range)

    def on_answered(self, message: Answered) -> None:
        """Names or curves."""
        self._failed = None
        if message.slot == "charted":
            self._hear_names(message.answer)
        elif message.question.axis == self.state.x_axis:
            self._held.hold(message.question, message.answer)
            if message.slot == "lead":
                self._led = message.question
        self.refresh_charts()

    def on_unanswered(self, message: Unanswered) -> None:
        """What is drawn stays; where nothing is, the reason is shown."""
        self._failed = message
        self.refresh_charts()

    def _hear_names(self, answer: Charted) -> None:
        metric = self.metric
        self._charted = answer
        self._metrics = fitting(self._pattern, answer.metrics)
        if metric is not None and metric in self._metrics[self._chosen :]:
            self._chosen = self._metrics.index(metric, self._chosen)
        elif metric is not None and metric in self._metrics:
            self._chosen = self._metrics.index(metric)
        self._chosen = max(0, min(self._chosen, len(self._metrics) - 1))

    # drawing

    def refresh_charts(self) -> None:
        """Lay out, ask for what is missing, draw what is known."""
        self._ask()
        self._draw()

    def _draw(self) -> None:
        empty = why_empty(self._charted, self._metrics, self._pattern, self._failed.error if self._failed else None)
        self.query_one("#facts", SpanLines).show([self.facts.line(self.size.width)])
        legend = self._legend()
        self.query_one("#legend", SpanLines).show(legend)
        self.query_one("#legend").set_class(not legend, "-hidden")
        notice = self.query_one("#empty", Notice)
        notice.set_class(empty is None, "-hidden")
        self.grid.set_class(empty is not None, "-hidden")
        if empty is not None:
            notice.show(empty)
        self.grid.lay_out(self._layout)
        self.draw_charts()
        self.refresh_footer()

    def draw_charts(self) -> None:
        """Draw the charts as they are known."""
        lit = None if self._alone else self._chosen - self.first
        self.grid.show(self.charts, self._look, cursor=self._cursor, lit=lit)

    @property
    def facts(self) -> Facts:
        """What the line above the charts says."""
        shown, state = self.metrics_in_sight, self.state
        return Facts(
            uids=self._uids,
            asked_for=self._asked_for,
            charted=self._charted,
            first=self._chosen if self._alone else self.first,
            count=len(shown),
            total=len(self._metrics),
            pattern=self._pattern,
            smoothing=state.smoothing,
            log_y=state.log_y,
            axis=state.x_axis,
            x_range=self._x_range,
            cursor=self._cursor,
        )

    def _legend(self) -> list[Line]:
        """Which run is which; beside a chart alone, where that is wide enough."""
        if self._alone and self.size.width >= LEGEND_WIDTH:
            return []
        return run_legend(self._uids, self._charted, self.size.width, LEGEND_LINES if self.size.height >= LOW else 1)

    # words for commands

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The runs, the chosen metric, how it is drawn."""
        state = self.state
        uids = [uid[:8] for uid in self._uids]
        words: dict[str, str | Sequence[str]] = {"runs": uids, "run": uids[0] if uids else ""}
        return words | {"metric": self.metric or "", "smoothing": f"{state.smoothing:g}", "axis": state.x_axis}

    def view_twin(self) -> str:
        """The command that draws the chosen chart."""
        state = self.state
        options = f" --smooth {state.smoothing:g}" if state.smoothing else ""
        options += (" --log-y" if state.log_y else "") + (" --x time" if state.x_axis == "time" else "")
        return filled_twin("runs plot {runs} -m {metric}", self.words()) + options if self.metric else ""

    def can(self, action: Action) -> bool:
        """Without metrics there is nothing to do but to look for others."""
        if action.scope != "charts":
            return True
        if action.name == "find":
            return self._charted is not None and bool(self._charted.metrics)
        if action.name in ("next_page", "previous_page"):
            return len(self._metrics) > len(self.metrics_in_sight)
        if action.name == "copy_values":
            return self._cursor is not None
        return self.metric is not None

    def step_back(self) -> bool:
        """From one chart to all, from some metrics to all."""
        if self._alone:
            self.action_zoom()
            return True
        if self._pattern:
            self._find("")
            return True
        return False

    # which charts

    def choose(self, index: int) -> None:
        """Go to a chart, by its place among the metrics."""
        if not self._metrics:
            return
        self._chosen = max(0, min(index, len(self._metrics) - 1))
        self.refresh_charts()

    def action_next_page(self) -> None:
        """The metrics that follow."""
        count = len(self.metrics_in_sight)
        first = self._chosen if self._alone else self.first
        if first + count < len(self._metrics):
            self.choose(first + count)

    def action_previous_page(self) -> None:
        """The metrics before."""
        first = self._chosen if self._alone else self.first
        if first:
            self.choose(first - self._layout.count)

    def action_next_chart(self) -> None:
        """The next chart."""
        self.choose(self._chosen + 1)

    def action_previous_chart(self) -> None:
        """The chart before."""
        self.choose(self._chosen - 1)

    def action_zoom(self) -> None:
        """One chart alone, or all."""
        if self.metric is not None:
            self._alone = not self._alone
            self.refresh_charts()

    def action_find(self) -> None:
        """Some metrics by their names."""
        metrics = self._charted.metrics if self._charted else ()
        if not metrics:
            return

        def check(text: str) -> str | None:
            return None if fitting(text, metrics) else "no metric is called like that"

        def typed(text: str | None) -> None:
            if text is not None:
                self._find(text)

        self.app.push_screen(
            Prompt(
                "Find metrics by name",
                value=self._pattern,
                placeholder="loss, or val/*; nothing shows all",
                check=check,
                suggestions=metrics,
            ),
            typed,
        )

    def _find(self, pattern: str) -> None:
        metric = self.metric
        self._pattern = pattern
        self._metrics = fitting(pattern, self._charted.metrics) if self._charted else ()
        self._chosen = self._metrics.index(metric) if metric in self._metrics and not pattern else 0
        self.refresh_charts()

    # how they are drawn

    def action_smooth(self) -> None:
        """Smoother, or as logged."""
        self.state.smooth_more()
        self._draw()

    def action_log_y(self) -> None:
        """Logarithmic, or linear."""
        self.state.log_y = not self.state.log_y
        self._draw()

    def action_x_axis(self) -> None:
        """Steps, or time."""
        self.state.x_axis = "time" if self.state.x_axis == "step" else "step"
        self._held.clear()
        self._x_range = self._cursor = None
        self.refresh_charts()
