"""A text to read: a long value, a file, or what could not be copied."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from workbench.base.numbers import format_number
from workbench.output.spans import Line, plain
from workbench.tui.actions import bindings
from workbench.tui.dialogs.base import Dialog
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.span_lines import SpanLines
from workbench.tui.wrapping import wrapped_all


class Viewer(Dialog[None]):
    """Shows a text over the whole screen; long lines are broken.

    There is no frame at the sides, so that the terminal's own selection (shift and the mouse in most) holds the
    text alone.

    Args:
        title: what it is.
        text: the text, or ready-made lines.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("viewer", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("viewer")
    AUTO_FOCUS = "LineView"
    DEFAULT_CSS = """
    Viewer > #box {
        width: 100%; height: 100%; padding: 0; border: none;
        border-top: solid $primary; border-bottom: solid $primary;
    }
    Viewer > #box > .gap { display: none; }
    Viewer > #box > #heading { padding: 0 1; }
    Viewer > #box > KeyLine { padding: 0 1; }
    Viewer LineView { height: 1fr; }
    Viewer #find { height: 1; padding: 0 1; display: none; background: $surface; }
    Viewer #find.-open { display: block; }
    Viewer #find SpanLines { width: auto; }
    """

    def __init__(self, title: str, text: Sequence[Line] | str) -> None:
        super().__init__(title)
        self._whole = text if isinstance(text, str) else "\n".join(plain(line) for line in text)
        self._text_lines = _lines_of(text) if isinstance(text, str) else list(text)
        self._broken: list[Line] = []
        self._folded: list[str] = []
        self._wanted = ""
        self._match = 0
        self._width = 0

    def compose_body(self) -> Iterable[Widget]:
        """The text, and a line to find something in it."""
        yield LineView()
        yield Horizontal(
            SpanLines([[("find ", "dim")]]), LineInput(), SpanLines(id="matches", classes="matches"), id="find"
        )

    def lay_out(self, width: int, height: int) -> None:
        """Break the lines anew where the width is another one; the reader stays about where they are."""
        width = max(1, width - 1)  # a cell for the scroll bar
        if width == self._width:
            return
        before = len(self._broken)
        self._width = width
        self._broken = wrapped_all(self._text_lines, width, words=False)
        self._folded = [plain(line).lower() for line in self._broken]
        view = self._view
        place = view.scroll_offset.y * len(self._broken) // before if before else 0
        view.show_from(len(self._broken), self._row, width=width)
        self.call_after_refresh(view.move_to, place)

    def on_input_changed(self, message: Input.Changed) -> None:
        """Go to the first match from here while typing."""
        message.stop()
        self._wanted = message.value.lower()
        self._match = self._view.scroll_offset.y
        self._go(0)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Back to the text; `n` goes on."""
        message.stop()
        self._view.focus()
        if not self._wanted:
            self.query_one("#find").remove_class("-open")

    def action_find(self) -> None:
        """Ask what to find."""
        self.query_one("#find").add_class("-open")
        self.query_one(LineInput).focus()

    def action_next_match(self) -> None:
        """The next line that holds the text."""
        self._go(1)

    def action_previous_match(self) -> None:
        """The line before that holds the text."""
        self._go(-1)

    def action_copy_all(self) -> None:
        """The whole text, to the clipboard of the person's terminal."""
        self.app.copy_to_clipboard(self._whole)
        self.notify(f"copied {format_number(len(self._whole))} characters", markup=False)

    def action_close(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_cancel(self) -> None:
        """What is sought goes first, then the dialog."""
        if self.query_one("#find").has_class("-open"):
            self._wanted = ""
            self.query_one(LineInput).put("")
            self.query_one("#find").remove_class("-open")
            self._view.focus()
            self._view.refresh()
        else:
            self.dismiss(None)

    @property
    def _view(self) -> LineView:
        return self.query_one(LineView)

    def _go(self, direction: int) -> None:
        """To the next line that holds what is sought: from the last one on (0), behind it (1) or before it (-1)."""
        self._view.refresh()
        number = sum(self._wanted in text for text in self._folded) if self._wanted else 0
        shown = f" {format_number(number)} lines" if self._wanted else ""
        self.query_one("#matches", SpanLines).show([[(shown, "dim" if number else "warn")]])
        if not number:
            return
        count = len(self._folded)
        for distance in range(count):
            index = (self._match + direction + (direction or 1) * distance) % count
            if self._wanted in self._folded[index]:
                self._match = index
                self._view.move_to(index)
                return

    def _row(self, index: int) -> Line:
        line = self._broken[index]
        if not self._wanted or self._wanted not in self._folded[index]:
            return line
        return _lit(line, self._folded[index], self._wanted)


def _lines_of(text: str) -> list[Line]:
    return [[(line.removesuffix("\r").expandtabs(4), "")] for line in text.removesuffix("\n").split("\n")]


def _lit(line: Line, folded: str, wanted: str) -> Line:
    """The line with every place of what is sought set off."""
    text = plain(line)
    if len(folded) != len(text):  # lower case may be longer
        return [(text, "bold")]
    lit: Line = []
    start = 0
    while (found := folded.find(wanted, start)) >= 0:
        lit += [(text[start:found], ""), (text[found : found + len(wanted)], "cursor")]
        start = found + len(wanted)
    return [*lit, (text[start:], "")]
