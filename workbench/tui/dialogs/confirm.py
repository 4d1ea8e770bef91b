"""Yes or no, where no is what enter says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button

from workbench.output.cells import visible
from workbench.output.spans import Line
from workbench.tui.actions import bindings
from workbench.tui.dialogs.base import LOW_ROWS, Dialog
from workbench.tui.widgets.span_lines import SpanLines


class Confirm(Dialog[bool]):
    """Asks before something is done; answers True, or None for no.

    Args:
        title: what is asked.
        lines: what will be done, to which things.
        yes: the words of the button that agrees, such as "Delete 3 runs".
        twin: the command that does the same in a shell.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("confirm", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("confirm")
    AUTO_FOCUS = "#no"
    DEFAULT_CSS = """
    Confirm #what { height: auto; scrollbar-size: 1 1; }
    Confirm #answers { height: 1; }
    Confirm Button { width: auto; min-width: 4; margin-right: 2; }
    Confirm Button:focus { text-style: bold reverse; }
    """

    def __init__(self, title: str, lines: Sequence[Line], yes: str, twin: str = "") -> None:
        super().__init__(title, twin=twin)
        self._what = list(lines)
        self._yes = visible(yes)

    def compose_body(self) -> Iterable[Widget]:
        """What will be done, and two buttons."""
        yield SpanLines(classes="gap")
        yield VerticalScroll(SpanLines(self._what, wrap=True), id="what", can_focus=False)
        yield SpanLines(classes="gap")
        yield Horizontal(
            Button(Content(" No "), id="no", compact=True),
            Button(Content(f" {self._yes} "), id="yes", compact=True),
            id="answers",
        )

    def lay_out(self, width: int, height: int) -> None:
        """The buttons stay in sight."""
        around = 3 if height < LOW_ROWS else 9
        self.query_one("#what").styles.max_height = max(1, height - around)

    def on_button_pressed(self, message: Button.Pressed) -> None:
        """A button, by enter or by the mouse."""
        message.stop()
        self.dismiss(True if message.button.id == "yes" else None)

    def action_agree(self) -> None:
        """Yes."""
        self.dismiss(True)

    def action_refuse(self) -> None:
        """No."""
        self.dismiss(None)

    def action_other_button(self) -> None:
        """From one button to the other."""
        other = "#no" if self.query_one("#yes").has_focus else "#yes"
        self.query_one(other).focus()
