"""Charts side by side and below each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from textual.containers import Container

from workbench.tui.chart_layout import GUTTER, Layout
from workbench.tui.widgets.chart import ChartView, Look

if TYPE_CHECKING:
    from workbench.tui.questions.curves import MetricCurves


class ChartGrid(Container):
    """As many charts as its layout has; those that show nothing are hidden, and keep their place."""

    DEFAULT_CSS = f"""
    ChartGrid {{ layout: grid; grid-gutter: 0 {GUTTER}; height: 1fr; width: 1fr; }}
    ChartGrid > .-hidden {{ visibility: hidden; }}
    ChartGrid > .-away {{ display: none; }}
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._views: list[ChartView] = []
        self._layout = Layout(1, 1, 1)

    @property
    def views(self) -> list[ChartView]:
        """The charts in sight, from left to right and from top to bottom."""
        return self._views[: self._layout.count]

    def lay_out(self, layout: Layout) -> None:
        """Have so many charts."""
        if layout != self._layout:
            self._layout = layout
            self.styles.grid_size_columns = layout.columns
            self.styles.grid_size_rows = layout.rows
        if self.is_attached:
            missing = [ChartView() for _ in range(layout.count - len(self._views))]
            if missing:
                self._views += missing
                self.mount(*missing)
            for place, view in enumerate(self._views):
                view.set_class(place >= layout.count, "-away")

    def show(
        self,
        charts: Sequence[MetricCurves | None],
        look: Look,
        *,
        cursor: float | None = None,
        lit: int | None = None,
    ) -> None:
        """Show charts, the one at place `lit` with its title lit.

        Args: as those of `ChartView.show`.
        """
        for place, view in enumerate(self.views):
            view.set_class(place >= len(charts), "-hidden")
            curves = charts[place] if place < len(charts) else None
            view.show(curves, look, cursor=cursor, lit=place == lit)
