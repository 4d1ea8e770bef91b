"""One chart: the curves of one metric under a title that shows the values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width
from workbench.output.marks import status_mark
from workbench.output.spans import Line
from workbench.plot.chart import Drawing
from workbench.plot.legend import Legend, header_line, values_line
from workbench.tui.styles import ink

if TYPE_CHECKING:
    from workbench.plot.series import Series
    from workbench.tui.questions.curves import MetricCurves

VALUE_WIDTH = 10
"""Cells for the values of the legend, so that the chart keeps its width while the crosshair moves."""


@dataclass(frozen=True, slots=True)
class Look:
    """How a chart is drawn.

    Attributes:
        smoothing: 0 for none, to below 1.
        log_y: whether values are on a logarithmic scale.
        axis: step or time.
        x_range: the part of the x axis; None is all of it.
        legend: whether names and values of several runs stand beside the chart, rather than values in its title.
    """

    smoothing: float = 0.0
    log_y: bool = False
    axis: str = "step"
    x_range: tuple[float, float] | None = None
    legend: bool = False


class ChartView(Widget):
    """A chart; drawn anew only when its curves, its look or its size are other ones.

    Attributes:
        curves: what is shown; None before there is an answer.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "ChartView { width: 1fr; height: 1fr; }"

    class Pointed(Message):
        """The chart was clicked.

        Attributes:
            view: which chart.
            x: the x under the mouse; None beside the plot.
            double: whether it was a double click.
        """

        def __init__(self, view: ChartView, x: float | None, double: bool) -> None:
            super().__init__()
            self.view = view
            self.x = x
            self.double = double

    class Wheeled(Message):
        """The wheel was turned over the chart.

        Attributes:
            view: which chart.
            x: the x under the mouse; None beside the plot.
            closer: whether to zoom in.
        """

        def __init__(self, view: ChartView, x: float | None, closer: bool) -> None:
            super().__init__()
            self.view = view
            self.x = x
            self.closer = closer

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.curves: MetricCurves | None = None
        self._look = Look()
        self._cursor: float | None = None
        self._lit = False
        self._drawing: Drawing | None = None
        self._lines: list[Line] | None = None

    def show(self, curves: MetricCurves | None, look: Look, *, cursor: float | None = None, lit: bool = False) -> None:
        """Show curves.

        Args:
            cursor: x of the crosshair; None is none.
            lit: whether the chart is the chosen one.
        """
        if curves != self.curves or look != self._look:
            self._drawing = self._lines = None
        elif cursor != self._cursor or lit != self._lit:
            self._lines = None
        self.curves, self._look, self._cursor, self._lit = curves, look, cursor, lit
        if self._lines is None:
            self.refresh()

    @property
    def drawing(self) -> Drawing | None:
        """The drawn curves below the title; None before there is an answer."""
        curves, (width, height) = self.curves, self.size
        if curves is None:
            return None
        known = self._drawing
        if known is None or (known.width, known.height) != (width, max(0, height - 1)):
            legend = self._legend()
            self._lines = None
            self._drawing = known = Drawing(
                curves.series,
                width=width,
                height=height - 1,
                x=self._look.axis,
                log_y=self._look.log_y,
                smoothing=self._look.smoothing,
                x_range=self._range(),
                legend_columns=legend.columns if legend else 0,
            )
        return known

    def lines(self) -> list[Line]:
        """The chart with its title, line by line."""
        drawing = self.drawing
        if self._lines is None or drawing is None:
            self._lines = [self._title(), *drawing.at(self._cursor, self._legend()).lines] if drawing else []
        return self._lines

    def render_line(self, y: int) -> Strip:
        """One line."""
        lines = self.lines()
        return ink(self).strip(lines[y] if y < len(lines) else [], self.size.width).apply_style(self.rich_style)

    def x_at(self, column: int) -> float | None:
        """The x under a cell of the widget; None beside the plot."""
        return self.drawing.x_at(column) if self.drawing else None

    def _range(self) -> tuple[float, float] | None:
        """From the first point to the last, also where several of them share a bucket."""
        has_points = self.curves is not None and any(one.xs for one in self.curves.series)
        whole = self.curves.x_range if self.curves and has_points else None
        return self._look.x_range or (whole if whole and whole[0] < whole[1] else None)

    def _valued(self) -> tuple[Series, ...]:
        """The series whose values are shown: what is only drawn towards has none here."""
        series, x_range = self.curves.series if self.curves else (), self._look.x_range
        if self._cursor is not None or x_range is None:
            return series
        return tuple(one.within(*x_range) for one in series)

    def _legend(self) -> Legend | None:
        series = self._valued()
        if not self._look.legend or len(series) < 2:
            return None
        legend = Legend(series, width=self.size.width, cursor=self._cursor, ascii=False, value_width=VALUE_WIDTH)
        return legend if legend.columns else None

    def _title(self) -> Line:
        curves, width = self.curves, self.size.width
        assert curves is not None
        counts = [(curves.n_nan, "NaN"), (curves.n_infinite, "∞")]
        facts: Line = [(f"{format_number(count)} {what}  ", "warn") for count, what in counts if count]
        room = width - 7 - 2 * curves.running - sum(cell_width(text) for text, _ in facts)
        values: Line = []
        if self._legend() is None:
            # Half of a name says which metric it is; the values are what the eye goes to.
            room -= min(cell_width(curves.key), max(8, room // 2))
            values = values_line(self._valued(), self._cursor, room)
        if facts and not values:
            facts[-1] = (facts[-1][0].rstrip(), "warn")
        taken = sum(cell_width(text) for text, _ in (*facts, *values))
        mark = [status_mark("running")] if curves.running else []
        return header_line(
            curves.key,
            [*facts, *values],
            width,
            style="title-on" if self._lit else "heading",
            mark=mark,
            room=width - taken - 7 - 2 * len(mark) if taken else None,
        )

    def on_click(self, event: events.Click) -> None:
        """Choose the chart and the x."""
        self.post_message(self.Pointed(self, self.x_at(event.x), event.chain > 1))

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Closer."""
        event.stop()
        self.post_message(self.Wheeled(self, self.x_at(event.x), True))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Further."""
        event.stop()
        self.post_message(self.Wheeled(self, self.x_at(event.x), False))
