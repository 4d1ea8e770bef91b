"""What every full screen has: header and footer, its actions, and words for the commands that do the same."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input

from workbench.tui.actions import Action, actions_of
from workbench.tui.widgets.footer import Footer
from workbench.tui.widgets.header import Header

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp
    from workbench.tui.asking import Mood
    from workbench.tui.desk import Desk
    from workbench.tui.state import State

MIN_WIDTH, MIN_HEIGHT = 60, 15


class WorkbenchScreen(Screen[None]):
    """A full screen.

    Subclasses yield their widgets from `compose_body`, say which actions they have in `SCOPES`, and which
    of them make sense at the moment in `can`.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ()
    TAB: ClassVar[str] = ""
    """The tab of the header that is lit."""

    def compose(self) -> ComposeResult:
        """Header, body, footer."""
        yield Header(self.TAB)
        yield from self.compose_body()
        yield Footer()

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between header and footer."""
        return ()

    @property
    def workbench(self) -> WorkbenchApp:
        """The app."""
        return cast("WorkbenchApp", self.app)

    @property
    def desk(self) -> Desk:
        """The store's thread."""
        return self.workbench.desk

    @property
    def state(self) -> State:
        """What is remembered of the project."""
        return self.workbench.state

    @property
    def opening(self) -> bool:
        """Whether what the next key may be meant for is still to come."""
        return False

    def scopes(self) -> tuple[str, ...]:
        """The scopes whose actions work now: those of the screen and of the widget that has the focus."""
        if isinstance(self.focused, Input):
            return self._focused_scopes()  # every other key is text
        return (*self.SCOPES, *self._focused_scopes(), "app")

    def actions(self) -> list[Action]:
        """The actions that work now; where two have the same key, that of the widget with the focus."""
        nearer = {key for action in actions_of(*self._focused_scopes()) for key in action.keys}
        return [
            action
            for action in actions_of(*self.scopes())
            if (action.scope not in self.SCOPES or not nearer.intersection(action.keys))
            and self.workbench.allows(action)
            and self.can(action)
        ]

    def _focused_scopes(self) -> tuple[str, ...]:
        return tuple(scope for scope in getattr(self.focused, "SCOPES", ()) if scope not in self.SCOPES)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys of actions that write do nothing in a read-only app."""
        own = (one for one in actions_of(*self.SCOPES) if one.name == action)
        return all(self.workbench.allows(one) for one in own)

    def can(self, action: Action) -> bool:
        """Whether an action makes sense at the moment, such as comparing when there are two runs."""
        return True

    def words(self) -> Mapping[str, str | Sequence[str]]:
        """What stands in the place of `{run}` and the like in twins: a text, or several arguments."""
        return {}

    def twin(self, action: Action) -> str:
        """The command that does the same in a shell; empty where there is none."""
        return filled_twin(action.twin, self.words())

    def view_twin(self) -> str:
        """The command that shows what the screen shows, for the footer."""
        return ""

    def refresh_footer(self) -> None:
        """Draw the footer anew after what can be done has changed."""
        for footer in self.query(Footer):
            footer.refresh()

    def on_descendant_focus(self) -> None:
        """Another widget has the focus, and other keys with it."""
        self.refresh_footer()

    def mood_changed(self, mood: Mood) -> None:
        """The store is in another state; see `Mood`."""

    def grow_older(self) -> None:
        """Some seconds have passed: ages are drawn anew."""

    def work_moved(self) -> None:
        """What is done with the engine has gone on."""

    def step_back(self) -> bool:
        """Undo one step of the screen itself, such as a filter; False where there is none, and the screen closes."""
        return False


def filled_twin(twin: str, words: Mapping[str, str | Sequence[str]]) -> str:
    """A twin with its places filled in and quoted for a shell; one that nothing fills keeps its name, in capitals."""
    if not twin:
        return ""
    filled = []
    for word in twin.split():
        place = word[1:-1] if word.startswith("{") and word.endswith("}") else None
        if place is None:
            filled.append(word.format_map(_Capitals(words)) if "{" in word else word)
            continue
        value = words.get(place, "")
        values = [value] if isinstance(value, str) else list(value)
        filled += [word if place == "view" else shlex.quote(word) for word in values if word] or [place.upper()]
    return "workbench " + " ".join(filled)


class _Capitals(dict[str, str]):
    def __init__(self, words: Mapping[str, str | Sequence[str]]) -> None:
        super().__init__({name: word for name, word in words.items() if isinstance(word, str)})

    def __missing__(self, name: str) -> str:
        return name.upper()
