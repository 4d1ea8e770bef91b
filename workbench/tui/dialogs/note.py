"""A note to be written, where no editor can be started."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Button, TextArea

from workbench.output.spans import Line
from workbench.tui.actions import bindings
from workbench.tui.dialogs.base import LOW_ROWS, Dialog
from workbench.tui.dialogs.confirm import Confirm

# Control characters are drawn as their pictures, one cell each, and stay what they are in the text.
_PICTURES = {code: 0x2400 + code for code in range(0x20)} | {0x7F: 0x2421} | dict.fromkeys(range(0x80, 0xA0), 0xFFFD)
del _PICTURES[0x09]


class NoteArea(TextArea):
    """Textual's area, which shows control characters instead of sending them to the terminal."""

    def get_line(self, line_index: int) -> Text:
        """One line of the text as it is drawn."""
        line = super().get_line(line_index)
        if not line.plain.isprintable():
            line.plain = line.plain.translate(_PICTURES)
        return line


class NoteEditor(Dialog[str]):
    """Asks for a text of many lines; answers it as it was typed.

    Args:
        title: whose note it is.
        text: the note as it is now.
        twin: the command that does the same in a shell.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("note_editor", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("note_editor")
    AUTO_FOCUS = "NoteArea"
    DEFAULT_CSS = """
    NoteEditor NoteArea {
        height: 10; border: none; padding: 0; margin: 1 0; background: $surface; scrollbar-size: 1 1;
    }
    NoteEditor NoteArea:focus { border: none; }
    NoteEditor.-low NoteArea { margin: 0; }
    NoteEditor #answers { height: 1; }
    NoteEditor.-low #answers { display: none; }
    NoteEditor Button { width: auto; min-width: 4; margin-right: 2; }
    NoteEditor Button:focus { text-style: bold reverse; }
    """

    def __init__(self, title: str, text: str, *, twin: str = "") -> None:
        super().__init__(title, twin=twin)
        self._first = text

    def compose_body(self) -> Iterable[Widget]:
        """The text, and two buttons."""
        area = NoteArea(self._first, soft_wrap=True, show_line_numbers=False, tab_behavior="focus")
        area.cursor_blink = False
        area.highlight_cursor_line = False
        yield area
        yield Horizontal(
            Button(Content(" Save "), id="save", compact=True),
            Button(Content(" Cancel "), id="leave", compact=True),
            id="answers",
        )

    def on_mount(self) -> None:
        """Write on at the end."""
        super().on_mount()
        self._first = self._area.text  # as the area gives it back: it knows one kind of line end only
        self._area.move_cursor(self._area.document.end)

    def lay_out(self, width: int, height: int) -> None:
        """As high as there is room, up to 16 rows."""
        self._area.styles.height = max(1, min(16, height - (2 if height < LOW_ROWS else 9)))

    def on_button_pressed(self, message: Button.Pressed) -> None:
        """A button, by enter or by the mouse."""
        message.stop()
        if message.button.id == "save":
            self.action_save()
        else:
            self.action_cancel()

    def action_save(self) -> None:
        """Answer the text."""
        self.dismiss(self._area.text)

    def action_cancel(self) -> None:
        """Close; what was typed is given up only after a question."""
        if self._area.text == self._first:
            self.dismiss(None)
            return
        lines: list[Line] = [[("What was typed is not saved.", "")]]

        def agreed(yes: bool | None) -> None:
            if yes:
                self.dismiss(None)

        self.app.push_screen(Confirm("Give up the changes?", lines, "Give them up"), agreed)

    @property
    def _area(self) -> NoteArea:
        return self.query_one(NoteArea)
