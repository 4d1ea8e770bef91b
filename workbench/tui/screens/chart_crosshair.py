"""The crosshair of the charts screen and the part of the x axis that it shows, the same for all charts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.plot.window import Range, next_x, union, zoomed
from workbench.tui.screens.chart_facts import Facts
from workbench.tui.screens.chart_points import ChartPoints
from workbench.tui.widgets.chart import ChartView
from workbench.tui.widgets.span_lines import SpanLines

if TYPE_CHECKING:
    from workbench.tui.held_curves import HeldCurves
    from workbench.tui.widgets.chart_grid import ChartGrid

FAR = 10
"""Columns that the crosshair goes at once."""


class ChartCrosshair(ChartPoints):
    """The part of the charts screen that moves along the x axis."""

    _alone: bool
    _x_range: Range | None
    _held: HeldCurves

    if TYPE_CHECKING:

        @property
        def grid(self) -> ChartGrid: ...

        @property
        def metrics_in_sight(self) -> tuple[str, ...]: ...

        @property
        def facts(self) -> Facts: ...

        @property
        def first(self) -> int: ...

        def choose(self, index: int) -> None: ...

        def action_zoom(self) -> None: ...

    def chosen_view(self) -> ChartView | None:
        """The chart whose title is lit, or that is alone; the screen knows."""
        raise NotImplementedError

    def refresh_charts(self) -> None:
        """Ask for what is missing and draw what is known; the screen does."""
        raise NotImplementedError

    def draw_charts(self) -> None:
        """Draw the charts; the screen does."""
        raise NotImplementedError

    def action_zoom_in(self) -> None:
        """Half as wide."""
        self._zoom(0.5, self._cursor)

    def action_zoom_out(self) -> None:
        """Twice as wide."""
        self._zoom(2.0, self._cursor)

    def action_reset(self) -> None:
        """Everything."""
        self._x_range = self._cursor = None
        self.refresh_charts()

    def _zoom(self, factor: float, around: float | None) -> None:
        extent = union(self._held.extent(key) for key in self.metrics_in_sight) or self._x_range
        if extent is None:
            return
        wanted = zoomed(self._x_range or extent, extent, factor, around, whole=self.state.x_axis == "step")
        if wanted != self._x_range:
            self._x_range = wanted
            self.refresh_charts()

    # the crosshair

    def _move(self, columns: int) -> None:
        view = self.chosen_view()
        drawing = view.drawing if view is not None else None
        if view is None or view.curves is None or drawing is None:
            return
        self._point(next_x([one.xs for one in view.curves.series], self._cursor, columns, drawing.column))

    def _point(self, x: float | None) -> None:
        self._cursor = x
        self.query_one("#facts", SpanLines).show([self.facts.line(self.size.width)])
        self.draw_charts()
        self.refresh_footer()

    def action_left(self) -> None:
        """To the point before."""
        self._move(-1)

    def action_right(self) -> None:
        """To the next point."""
        self._move(1)

    def action_far_left(self) -> None:
        """Several columns back."""
        self._move(-FAR)

    def action_far_right(self) -> None:
        """Several columns on."""
        self._move(FAR)

    def on_chart_view_pointed(self, message: ChartView.Pointed) -> None:
        """A click chooses a chart and an x, a second one shows it alone."""
        place = self.grid.views.index(message.view)
        if not self._alone and place < len(self.metrics_in_sight):
            self.choose(self.first + place)
        drawing, curves = message.view.drawing, message.view.curves
        if message.x is not None and drawing is not None and curves is not None:
            nearest = [entry for one in curves.series if (entry := one.value_at(message.x))]
            clicked = message.x
            self._point(min((x for x, _ in nearest), key=lambda x: abs(x - clicked), default=clicked))
        if message.double:
            self.action_zoom()

    def on_chart_view_wheeled(self, message: ChartView.Wheeled) -> None:
        """The wheel zooms around the mouse."""
        self._zoom(0.5 if message.closer else 2.0, self._cursor if message.x is None else message.x)
