"""One version of a dataset in panes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from workbench.base.errors import ExitCode, WorkbenchError
from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.output.table import indented
from workbench.tui.messages import Answered, Unanswered
from workbench.tui.questions.dataset_version import (
    DataVersionPanes,
    DataVersionQuestion,
    column_pane,
    profile_pane,
    remarks_pane,
)
from workbench.tui.questions.pane_texts import PaneText
from workbench.tui.questions.relative import without_root
from workbench.tui.widgets.pane import Pane, PaneView
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.pane_layout import Plan
from workbench.tui.wrapping import wrapped_all

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

BESIDE_VERSIONS = Plan(
    order=("profile", "facts", "lineage", "remarks"),
    left=("profile",),
    served=("profile", "facts", "lineage", "remarks"),
)
"""The panes below a table of versions."""
BELOW_COLUMNS = Plan(
    order=("column", "facts", "lineage", "remarks", "schema"),
    left=("column",),
    served=("column", "facts", "lineage", "remarks", "schema"),
)
"""The panes below a table of columns, which is the profile."""
_TITLES = {"facts": "where it is from", "lineage": "used by"}
_BROKEN = ("remarks",)
"""Panes whose lines are sentences."""


class DatasetDetail(PaneArea):
    """One version.

    Attributes:
        reference: which one is shown, or asked for; None for none.
        answer: what is recorded of it; None until there is an answer.
        waiting: whether there is neither an answer nor a reason why there is none.
    """

    def __init__(self, plan: Plan, reference: str | None = None, *, id: str | None = None) -> None:
        super().__init__({key: Pane(key, _TITLES.get(key, key), cursor=True) for key in plan.order}, plan, id=id)
        self.reference = reference
        self.answer: DataVersionPanes | None = None
        self.waiting = True
        self._column: str | None = None

    def on_mount(self) -> None:
        """Ask."""
        self._show_nothing()
        self.ask()

    def on_unmount(self) -> None:
        """Nobody listens any more."""
        self.rest()

    @property
    def _app(self) -> WorkbenchApp:
        return cast("WorkbenchApp", self.app)

    @property
    def profile(self) -> Mapping[str, Any] | None:
        """The profile, of when it was registered or of now; None where there is none yet."""
        found = self._found()
        return None if isinstance(found, WorkbenchError) else found

    @property
    def problem(self) -> WorkbenchError | None:
        """Why it could not be looked into."""
        found = self._found()
        return found if isinstance(found, WorkbenchError) else None

    def _found(self) -> Mapping[str, Any] | WorkbenchError | None:
        if self.answer is None:
            return None
        return self.answer.profile or self._app.data_work.profile(self.answer.version)

    # what screens call

    def ask(self) -> None:
        """Have what is shown kept up to date."""
        if self.is_mounted and self.reference is not None:
            self._app.desk.watch(self, "data", DataVersionQuestion(self._app.desk.project, self.reference))

    def rest(self) -> None:
        """Ask nothing while nobody looks; `ask` goes on."""
        self._app.desk.forget(self)

    def show_version(self, reference: str | None) -> None:
        """Show another version."""
        if reference == self.reference:
            return
        self.reference, self.answer, self.waiting = reference, None, True
        if reference is None:
            self.rest()
        self._show_nothing()
        self.ask()

    def _show_nothing(self) -> None:
        self.show_none()
        self.head.say(*(([(visible(self.reference), "bold")], [[("…", "dim")]]) if self.reference else ([], [])))

    def show_column(self, name: str | None) -> None:
        """Show another column."""
        if name != self._column:
            self._column = name
            self.draw()
            if "column" in self.panes:
                self.panes["column"].view.first_again()

    def grow_older(self) -> None:
        """Ages go on."""
        self._app.desk.rework(self, "data")

    # hearing and showing

    def on_answered(self, message: Answered) -> None:
        """Show what is known now."""
        if message.question.reference == self.reference:
            fresh, self.answer, self.waiting = self.answer is None, message.answer, False
            self.draw(fresh)

    def on_unanswered(self, message: Unanswered) -> None:
        """A version that is gone says so; what was read stays while only the store cannot be read."""
        if message.question.reference != self.reference:
            return
        self.waiting = False
        error = message.error
        if self.answer is None or error.exit_code == ExitCode.NOT_FOUND:
            self.answer = None
            self.show_none()
            lines: list[Line] = [[(error.message, "bad")], [], [(error.hint or "", "dim")]]
            self.head.say([(visible(self.reference or ""), "bold")], lines)
            self.post_message(self.Shown())

    def draw(self, fresh: bool = False) -> None:
        """Show what is known, and what was found out since."""
        answer = self.answer
        if answer is None:
            return
        shape = self.shape()
        taller = self.head.show(answer.head)
        for key, pane in self.panes.items():
            text = self._text(answer, key)
            lines = text.lines if text else []
            if text and key in _BROKEN:
                lines = wrapped_all(lines, max(10, self._width(key) - 1))
            pane.show(lines, *((text.summary, text.gist) if text else ()))
            pane.display = pane.wanted > 0
            if fresh:
                pane.view.first_again()
        if fresh or taller or self.shape() != shape:
            self.rearrange()
        if fresh:
            self.post_message(self.Shown())

    def _text(self, answer: DataVersionPanes, key: str) -> PaneText | None:
        profile = self.profile
        if key == "remarks" and answer.profile is None and profile is not None:
            return remarks_pane(answer.version, profile)
        if key not in ("profile", "column"):
            return answer.panes.get(key)
        if profile is None:
            return self._without_profile(answer, key)
        if key == "profile":
            return profile_pane(profile, self._width(key))
        return column_pane(profile, self._column, self._width(key)) if self._column is not None else None

    def _without_profile(self, answer: DataVersionPanes, key: str) -> PaneText:
        problem = self.problem
        if problem is not None:
            message = without_root(problem.message, self._app.desk.project)
            said: list[Line] = [[("✗ ", "bad"), (visible(message), "bad")]]
            said += [[(visible(problem.hint), "dim")]] if problem.hint else []
            lines = indented(wrapped_all(said, max(10, self._width(key) - 2)))
            return PaneText(lines, "cannot be looked into")
        if self._app.data_work.is_looking_into(answer.version):
            return PaneText([[(" its columns are looked into … ", "dim"), ("ctrl+c", "key"), (" gives it up", "dim")]])
        return PaneText(
            [[(" nobody has looked into its columns: ", "dim"), ("p", "key"), (" does", "dim")]], "none yet"
        )

    def _width(self, key: str) -> int:
        return self.panes[key].view.size.width or self.size.width

    def on_pane_view_sized(self, message: PaneView.Sized) -> None:
        """Tables and sentences are laid out anew."""
        message.stop()
        self.draw()

    def on_line_view_moved(self, message: Any) -> None:
        """Nothing depends on what is in sight."""
        message.stop()
