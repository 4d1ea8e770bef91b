"""The curves of several runs over each other under a line that says how they are drawn, with their names beside."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual.strip import Strip
from textual.widget import Widget

from workbench.base.numbers import format_number
from workbench.output.spans import Line
from workbench.plot.chart import draw_chart
from workbench.tui.styles import ink
from workbench.tui.widgets.chart import Look

if TYPE_CHECKING:
    from workbench.tui.questions.curves import MetricCurves


class OverlaidCurves(Widget):
    """One metric; drawn anew only when its curves, its look or its size are other ones."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "OverlaidCurves { width: 1fr; height: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._curves: MetricCurves | None = None
        self._place = ""
        self._look = Look()
        self._drawn: tuple[int, int, list[Line]] | None = None

    def show(self, curves: MetricCurves | None, place: str, look: Look) -> None:
        """Show curves; None shows nothing.

        Args:
            place: which metric it is, such as `2 of 7`.
        """
        if (curves, place, look) != (self._curves, self._place, self._look):
            self._curves, self._place, self._look, self._drawn = curves, place, look, None
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line."""
        width, height = self.size
        if self._drawn is None or self._drawn[:2] != (width, height):
            self._drawn = (width, height, self._lines(width, height))
        lines = self._drawn[2]
        return ink(self).strip(lines[y] if y < len(lines) else [], width).apply_style(self.rich_style)

    def _lines(self, width: int, height: int) -> list[Line]:
        curves = self._curves
        if curves is None:
            return []
        counts = [(curves.n_nan, "NaN"), (curves.n_infinite, "∞")]
        facts = [self._place, *(f"{format_number(count)} {what}" for count, what in counts if count)]
        return draw_chart(
            curves.series,
            width=width,
            height=height,
            title="  ".join([curves.key, *facts]),
            x=self._look.axis,
            log_y=self._look.log_y,
            smoothing=self._look.smoothing,
        ).lines
