"""What every dialog has: a box with a title, its keys, the command that does the same, and an answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widget import Widget

from workbench.output.cells import clip, visible
from workbench.output.spans import Line
from workbench.tui.actions import Action, actions_of, bindings
from workbench.tui.widgets.key_line import KeyLine
from workbench.tui.widgets.span_lines import SpanLines

T = TypeVar("T")

LOW_ROWS = 14
"""Below so many rows a dialog has neither frame nor twin, and one row of keys."""


class Dialog(ModalScreen[T | None], Generic[T]):
    """A box over the screen below; escape dismisses it with None.

    Nothing that is typed reaches the screen below. Subclasses yield their widgets from `compose_body` and call
    `dismiss` with the answer.

    Args:
        title: one line; may hold a name of the user's.
        twin: the command that does the same in a shell; empty for none.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("dialog",)
    """Scopes whose actions work here, in the order of the hints."""
    BINDINGS: ClassVar[list[BindingType]] = bindings("dialog")
    VERTICAL_BREAKPOINTS = [(0, "-low"), (LOW_ROWS, "-high")]  # noqa: RUF012  (as Textual annotates it)
    DEFAULT_CSS = """
    Dialog { align: center middle; }
    Dialog > #box {
        width: 72; max-width: 100%; height: auto; max-height: 100%;
        background: $background; border: round $primary; padding: 0 1;
    }
    Dialog > #box > .gap { height: 1; }
    Dialog > #box > #twin { color: $text-muted; }
    Dialog.-low > #box { border: none; }
    Dialog.-low > #box > #twin { display: none; }
    Dialog.-low > #box > .gap { display: none; }
    """

    def __init__(self, title: str, *, twin: str = "") -> None:
        super().__init__()
        self.heading = visible(title)
        self._twin_text = twin

    def compose(self) -> ComposeResult:
        """Title, body, keys, twin."""
        with Vertical(id="box"):
            yield SpanLines([[(self.heading, "title")]], id="heading")
            yield from self.compose_body()
            yield SpanLines(classes="gap")
            yield KeyLine()
            yield SpanLines(self._twin_lines(), id="twin")

    def compose_body(self) -> Iterable[Widget]:
        """The widgets between title and keys."""
        return ()

    def on_mount(self) -> None:
        """Show the keys."""
        self.refresh_keys()

    def on_resize(self) -> None:
        """Keep to the rows that there are."""
        self.query_one(KeyLine).max_rows = 1 if self.size.height < LOW_ROWS else 3
        self.lay_out(self.size.width, self.size.height)

    def lay_out(self, width: int, height: int) -> None:
        """Called with the size of the screen whenever it changes: for lists, whose height depends on it."""

    def hinted_actions(self) -> Sequence[Action]:
        """The actions whose hints are shown; escape comes last."""
        own = [action for action in actions_of(*self.SCOPES) if action.scope != "dialog"]
        return [*own, *(action for action in actions_of(*self.SCOPES) if action.scope == "dialog")]

    def refresh_keys(self) -> None:
        """Show the keys anew after they have changed."""
        self.query_one(KeyLine).show(self.hinted_actions())

    def show_twin(self, twin: str) -> None:
        """Show another command."""
        self._twin_text = twin
        self.query_one("#twin", SpanLines).show(self._twin_lines())

    def on_key_line_chosen(self, message: KeyLine.Chosen) -> None:
        """A click on a key does what the key does."""
        for target in (self.focused, self):
            if target is not None and hasattr(target, f"action_{message.action.name}"):
                self.call_later(target.run_action, message.action.name)
                return

    def action_cancel(self) -> None:
        """Close without an answer."""
        self.dismiss(None)

    def _twin_lines(self) -> list[Line]:
        return [[(clip(f"cli: {visible(self._twin_text)}", 400), "dim")]] if self._twin_text else []
