"""One version of a model on the whole screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar

from textual.widget import Widget

from workbench.tui.actions import Action, bindings
from workbench.tui.questions.versions import VersionFacts
from workbench.tui.screens.version_edits import VersionEdits
from workbench.tui.widgets.pane_area import PaneArea
from workbench.tui.widgets.version_detail import VersionDetail


class VersionScreen(VersionEdits):
    """One version.

    Args:
        model, number: which.
        neighbours: numbers of the model's versions, the newest one first, as far as they are known.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("version", "version_pages")
    TAB = "Models"
    BINDINGS = bindings("version", "version_pages")
    AUTO_FOCUS = ""

    def __init__(self, model: str, number: int, *, neighbours: Sequence[int] = ()) -> None:
        super().__init__()
        self._detail = VersionDetail(model, number)
        self._neighbours = tuple(neighbours)

    def compose_body(self) -> Iterable[Widget]:
        """The version."""
        yield self._detail

    @property
    def opening(self) -> bool:
        """Until the version is there, or is known to be gone."""
        return self._detail.waiting

    def on_screen_suspend(self) -> None:
        """Nothing is asked while another screen covers this one."""
        self._detail.rest()

    def on_screen_resume(self) -> None:
        """Ask again."""
        self._detail.ask()

    @property
    def detail(self) -> VersionDetail:
        """The panes."""
        return self._detail

    def on_pane_area_shown(self, message: PaneArea.Shown) -> None:
        """Keys go to the panes as soon as there are some."""
        message.stop()
        if self.focused is None:
            self._detail.focus_first()
        self.refresh_footer()

    def grow_older(self) -> None:
        """Ages go on."""
        self._detail.grow_older()

    def step_back(self) -> bool:
        """The zoomed pane gives its room back."""
        return self._detail.step_back()

    # actions

    def action_next_version(self) -> None:
        """The version below in the table."""
        self._go(1)

    def action_previous_version(self) -> None:
        """The version above in the table."""
        self._go(-1)

    def _numbers(self) -> tuple[int, ...]:
        answer = self._detail.answer
        return answer.numbers if answer is not None else self._neighbours

    def _go(self, by: int) -> None:
        numbers = self._numbers()
        place = numbers.index(self._detail.number) + by if self._detail.number in numbers else -1
        if not 0 <= place < len(numbers):
            self.workbench.refuse("there is no older version" if by > 0 else "there is no newer version")
            return
        self._neighbours = numbers
        self._detail.show_version(self._detail.model, numbers[place])
        self.refresh_footer()

    # words

    def chosen(self) -> VersionFacts | None:
        """The version, as soon as it is known."""
        answer = self._detail.answer
        return answer.facts if answer is not None else None

    def can(self, action: Action) -> bool:
        """Neighbours need to be there."""
        if action.scope == "version_pages":
            return len(self._numbers()) > 1
        return super().can(action)

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """The version, its model and its run."""
        one = self.chosen()
        run = one.run if one is not None else None
        return {"version": self._reference, "model": self._detail.model or "", "run": run[:8] if run else ""}

    def view_twin(self) -> str:
        """The version in a shell."""
        return f"workbench models show {self._reference}"

    @property
    def _reference(self) -> str:
        return f"{self._detail.model}/{self._detail.number}"
