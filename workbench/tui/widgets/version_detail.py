"""One version of a model in panes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from workbench.base.errors import ExitCode
from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.version import VersionPanes, VersionQuestion
from workbench.tui.widgets.pane import Pane, PaneView
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.pane_layout import Plan
from workbench.tui.wrapping import wrapped_all

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

VERSION = Plan(
    order=("review", "gates", "metrics", "card", "facts", "data", "lineage", "history", "audit"),
    left=("review", "gates", "metrics", "card"),
    served=("review", "gates", "facts", "metrics", "lineage", "history", "card", "data", "audit"),
)
_TITLES = {"review": "approval", "metrics": "metrics when registered", "data": "data and signature"}
_TITLES |= {"history": "aliases it had"}
_BROKEN = ("review", "card", "gates")
"""Panes whose lines are sentences: they are broken to the width rather than scrolled to the side."""


class VersionDetail(PaneArea):
    """One version.

    Attributes:
        model, number: which one is shown, or asked for; None for none.
        answer: what the panes show; None until there is an answer.
        waiting: whether there is neither an answer nor a reason why there is none.
    """

    def __init__(self, model: str | None = None, number: int | None = None, *, id: str | None = None) -> None:
        keys = VERSION.order
        super().__init__(
            {key: Pane(key, _TITLES.get(key, key), cursor=key not in _BROKEN) for key in keys}, VERSION, id=id
        )
        self.model = model
        self.number = number
        self.answer: VersionPanes | None = None
        self.waiting = True

    def on_mount(self) -> None:
        """Ask."""
        self._show_nothing()
        self.ask()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self._desk.forget(self)

    @property
    def _reference(self) -> str:
        return f"{visible(self.model or '')}/{self.number}"

    @property
    def _desk(self) -> Any:
        return cast("WorkbenchApp", self.app).desk

    # what screens call

    def ask(self) -> None:
        """Have what is shown kept up to date."""
        if self.is_mounted and self.model is not None and self.number is not None:
            self._desk.watch(self, "version", VersionQuestion(self._desk.project, self.model, self.number))

    def rest(self) -> None:
        """Ask nothing while nobody looks; `ask` goes on."""
        self._desk.forget(self)

    def show_version(self, model: str | None, number: int | None) -> None:
        """Show another version; what the panes hold goes when the answer comes."""
        if (model, number) == (self.model, self.number):
            return
        self.model, self.number, self.answer, self.waiting = model, number, None, True
        if number is None:
            self.rest()
            self._show_nothing()
        self.ask()

    def _show_nothing(self) -> None:
        self.show_none()
        self.head.say([(self._reference, "bold")] if self.number is not None else [], [[("…", "dim")]])

    def grow_older(self) -> None:
        """Ages go on."""
        self._desk.rework(self, "version")

    # hearing and showing

    def on_answered(self, message: Answered) -> None:
        """Show what is known now."""
        if self._is_about(message.question):
            self.waiting = False
            self._show(message.answer)

    def on_unanswered(self, message: Unanswered) -> None:
        """A version that is gone says so; what was read stays while only the store cannot be read."""
        if not self._is_about(message.question):
            return
        self.waiting = False
        error = message.error
        if self.answer is None or error.exit_code == ExitCode.NOT_FOUND:
            self.answer = None
            self.show_none()
            self.head.say([(self._reference, "bold")], [[(error.message, "bad")], [], [(error.hint or "", "dim")]])

    def _is_about(self, question: VersionQuestion) -> bool:
        return (question.model, question.number) == (self.model, self.number)

    def _show(self, answer: VersionPanes) -> None:
        fresh, self.answer = self.answer is None, answer
        shape = self.shape()
        taller = self.head.show(answer.head)
        for key, pane in self.panes.items():
            text = answer.panes.get(key)
            pane.show(self._fitted(key, text.lines) if text else [], *((text.summary, text.gist) if text else ()))
            pane.display = pane.wanted > 0
        if fresh:
            for pane in self.panes.values():
                pane.view.first_again()
        if fresh or taller or self.shape() != shape:
            self.rearrange()
        if fresh:
            self.post_message(self.Shown())

    def _fitted(self, key: str, lines: list[Line]) -> list[Line]:
        """The lines of a pane, broken to its width where they are sentences."""
        if key not in _BROKEN:
            return lines
        width = self.panes[key].view.size.width or self.size.width
        broken = wrapped_all([line[1:] for line in lines], max(10, width - 2))
        return [[(" ", ""), *line] if line else [] for line in broken]

    def on_pane_view_sized(self, message: PaneView.Sized) -> None:
        """Sentences are broken anew."""
        message.stop()
        if self.answer is not None:
            self._show(self.answer)

    def on_line_view_moved(self, message: PaneView.Moved) -> None:
        """Nothing depends on what is in sight."""
        message.stop()
