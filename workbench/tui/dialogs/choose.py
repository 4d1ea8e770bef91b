"""One of many: typing narrows the list, arrows move, enter takes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, visible
from workbench.output.spans import Line, plain
from workbench.tui.actions import bindings
from workbench.tui.dialogs.base import LOW_ROWS, Dialog
from workbench.tui.fuzzy import ranked
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.pick_list import PickList
from workbench.tui.widgets.span_lines import SpanLines


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose.

    Attributes:
        value: the answer.
        label: how it is shown and found.
        detail: more about it, at the right.
    """

    value: str
    label: Line
    detail: str = ""


class Choose(Dialog[str]):
    """Asks for one of the options; answers its value.

    Args:
        title: what is asked for.
        options: in the order to show them, 10,000 and more.
        current: the value that holds now; the cursor begins there.
        empty: what to say where there are no options.
        twin: the command that does the same in a shell.
        preview: called with the value under the cursor whenever that changes.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("choose", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("choose")
    AUTO_FOCUS = "LineInput"
    DEFAULT_CSS = """
    Choose #find { height: 1; margin-top: 1; background: $surface; }
    Choose #find SpanLines { width: auto; }
    Choose.-low #find { margin-top: 0; }
    """

    def __init__(
        self,
        title: str,
        options: Sequence[Option],
        *,
        current: str | None = None,
        empty: str = "",
        twin: str = "",
        preview: Callable[[str], None] | None = None,
    ) -> None:
        super().__init__(title, twin=twin)
        self._options = list(options)
        self._folded = [f"{plain(option.label)} {option.detail}".rstrip().lower() for option in self._options]
        self._current = current
        self._empty = empty or "there is nothing to choose"
        self._preview = preview
        self._found = list(range(len(self._options)))
        self._seen = current

    def compose_body(self) -> Iterable[Widget]:
        """Input with the number of options, and their list."""
        yield Horizontal(LineInput(placeholder="type to find"), SpanLines(id="number"), id="find")
        yield PickList(id="options")

    def on_mount(self) -> None:
        """Show all, with the cursor on the current one."""
        super().on_mount()
        self._show()
        places = [place for place, option in enumerate(self._options) if option.value == self._current]
        if places:
            self.call_after_refresh(self._list.move_to, places[0])

    def lay_out(self, width: int, height: int) -> None:
        """As high as all options, as far as there is room."""
        room = height - (3 if height < LOW_ROWS else 9)
        self._list.styles.height = max(1, min(max(1, len(self._options)), room))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the list."""
        message.stop()
        found = ranked(message.value, self._folded)
        if found != self._found:
            self._found = found
            self._show()
            self._list.move_to(0)

    async def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter in the input."""
        message.stop()
        self.action_submit()

    def on_line_view_moved(self, message: LineView.Moved) -> None:
        """The cursor moved."""
        message.stop()
        value = self._options[self._found[message.index]].value if message.index < len(self._found) else None
        if value is not None and value != self._seen:
            self._seen = value
            if self._preview is not None:
                self._preview(value)

    def on_line_view_chosen(self, message: LineView.Chosen) -> None:
        """A double click."""
        message.stop()
        self.action_submit()

    def action_submit(self) -> None:
        """Take the option under the cursor; without one, stay."""
        if self._found:
            self.dismiss(self._options[self._found[self._list.index]].value)

    def action_next_option(self) -> None:
        """One down."""
        self._list.step(1)

    def action_previous_option(self) -> None:
        """One up."""
        self._list.step(-1)

    def action_next_page(self) -> None:
        """One page down."""
        self._list.action_page_down()

    def action_previous_page(self) -> None:
        """One page up."""
        self._list.action_page_up()

    @property
    def _list(self) -> PickList:
        return self.query_one(PickList)

    def _show(self) -> None:
        if self._found:
            self._list.show_from(len(self._found), self._row)
        else:
            text = "nothing fits" if self._options else self._empty
            self._list.show_from(1, lambda index: [(f"  {visible(text)}", "dim")])
        total, found = format_number(len(self._options)), format_number(len(self._found))
        number = total if len(self._found) == len(self._options) else f"{found} of {total}"
        self.query_one("#number", SpanLines).show([[(f" {number}", "dim")]])

    def _row(self, index: int) -> Line:
        option = self._options[self._found[index]]
        mark = "● " if option.value == self._current else "  "
        label: Line = [(mark, ""), *((visible(text), style) for text, style in option.label)]
        room = self._list.row_width
        width = sum(cell_width(text) for text, _ in label)
        detail = clip(visible(option.detail), max(0, min(room // 2, room - width - 2)))
        gap = room - width - cell_width(detail)
        return [*label, (" " * gap, ""), (detail, "dim")] if detail else label
