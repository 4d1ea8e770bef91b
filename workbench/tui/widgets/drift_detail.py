"""What is watched in panes: a column over both distributions, windows, performance, how it is watched."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from workbench.output.table import indented
from workbench.plot.heat import draw_heat, legend_line
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.drift_column import ColumnCourse, column_pane, performance_pane
from workbench.tui.questions.drift_view import DriftView
from workbench.tui.questions.pane_texts import PaneText
from workbench.tui.widgets.pane import Pane, PaneView
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.pane_layout import Plan
from workbench.tui.wrapping import wrapped_all

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

DRIFT = Plan(
    order=("column", "windows", "performance", "about"),
    left=("column",),
    served=("column", "windows", "performance", "about"),
)
_TITLES = {"about": "how it is watched"}


class DriftDetail(PaneArea):
    """One subject.

    Attributes:
        view: what is shown; None for nothing.
        metric: the name of the metric that is drawn.
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__({key: Pane(key, _TITLES.get(key, key), cursor=True) for key in DRIFT.order}, DRIFT, id=id)
        self.view: DriftView | None = None
        self.metric = ""
        self._column: str | None = None
        self._course: Sequence[tuple[object, ...]] = ()

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.show_none()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.rest()

    @property
    def _desk(self) -> Any:
        return cast("WorkbenchApp", self.app).desk

    # what screens call

    def ask(self) -> None:
        """Have the course of the column kept up to date."""
        if self.is_mounted and self.view is not None and self._column is not None:
            self._desk.watch(self, "course", ColumnCourse(self.view.subject, self._column))

    def rest(self) -> None:
        """Ask nothing while nobody looks; `ask` goes on."""
        self._desk.forget(self)

    def show_view(self, view: DriftView | None, column: str | None) -> None:
        """Show a subject, and one of its columns."""
        fresh = view is None or self.view is None or view.subject.key != self.view.subject.key
        if fresh or column != self._column:
            self._course = ()
            self.panes["column"].view.first_again()
        self.view, self._column = view, column
        if view is None:
            self.rest()
            self.show_none()
            return
        if self.metric not in view.metrics:
            self.metric = next(iter(view.metrics), "")
        self.ask()
        self.draw()

    def next_metric(self, by: int) -> None:
        """Draw another metric."""
        names = list(self.view.metrics) if self.view is not None else []
        if names:
            self.metric = names[(names.index(self.metric) + by) % len(names)]
            self.draw()

    # hearing and showing

    def on_answered(self, message: Answered) -> None:
        """The course of the column."""
        if self.view is not None and message.question == ColumnCourse(self.view.subject, self._column or ""):
            self._course = message.answer
            self.draw()

    def on_unanswered(self, message: Unanswered) -> None:
        """Without its course, the column is shown all the same."""
        message.stop()

    def draw(self) -> None:
        """Show what is known."""
        view = self.view
        if view is None:
            return
        shape = self.shape()
        for key, pane in self.panes.items():
            text = self._text(view, key)
            pane.show(text.lines, text.summary, text.gist)
            pane.display = pane.wanted > 0
        if self.shape() != shape:
            self.rearrange()

    def _text(self, view: DriftView, key: str) -> PaneText:
        width = self.panes[key].view.size.width or self.size.width
        if key == "column":
            document = view.documents.get(self._column or "")
            return column_pane(document, self._course, width) if document is not None else PaneText([])
        if key == "windows":
            chosen = len(view.names) - 1 - view.place
            lines = draw_heat(view.heat, view.names[::-1], width=max(20, width - 2), chosen=chosen)
            lines = indented([*lines, legend_line(view.heat)] if lines else [])
            return PaneText(lines, f"{len(view.names)} window{'s' * (len(view.names) != 1)}, J K go through")
        if key == "performance":
            return performance_pane(view, self.metric, width)
        about = view.about
        return PaneText(wrapped_all(about.lines, max(20, width - 1)), about.summary)

    def on_pane_view_sized(self, message: PaneView.Sized) -> None:
        """Charts and tables are drawn anew."""
        message.stop()
        self.draw()

    def on_line_view_moved(self, message: Any) -> None:
        """Nothing depends on what is in sight."""
        message.stop()
