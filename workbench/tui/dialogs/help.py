"""The keys that work now: found by key or by word, and done with enter."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from textual.binding import BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, fit
from workbench.output.spans import Line
from workbench.tui.actions import SCOPES, Action, bindings, shown_key
from workbench.tui.dialogs.base import LOW_ROWS, Dialog
from workbench.tui.widgets.line_input import LineInput
from workbench.tui.widgets.line_view import LineView
from workbench.tui.widgets.pick_list import PickList
from workbench.tui.widgets.span_lines import SpanLines

MAX_KEYS_WIDTH = 14
MIN_TWIN_WIDTH = 24
"""Where less is left beside the sentences, commands are shown below the list only."""


@dataclass(frozen=True, slots=True)
class _Row:
    """A line of the list.

    Attributes:
        action: what enter does; None in a heading.
        title: of a heading.
    """

    action: Action | None
    title: str = ""


class Help(Dialog[Action]):
    """Shows actions by their scopes; answers the one that is to be done.

    Args:
        actions: those that work now.
        twin: the command that does the same as an action; empty for none.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("choose", "dialog")
    BINDINGS: ClassVar[list[BindingType]] = bindings("choose")
    AUTO_FOCUS = "LineInput"
    DEFAULT_CSS = """
    Help > #box { width: 120; }
    Help #find { height: 1; margin-top: 1; background: $surface; }
    Help #find SpanLines { width: auto; }
    Help.-low #find { margin-top: 0; }
    """

    def __init__(self, actions: list[Action], twin: Callable[[Action], str]) -> None:
        super().__init__("Keys")
        self._actions = [action for action in actions if action.keys]
        self._twin = {action.id: twin(action) for action in self._actions}
        self._keys = {action.id: keys_of(action) for action in self._actions}
        self._keys_width = min(MAX_KEYS_WIDTH, max(map(cell_width, self._keys.values()), default=0))
        self._label_width = max((cell_width(action.label) for action in self._actions), default=0)
        self._rows: list[_Row] = []

    def compose_body(self) -> Iterable[Widget]:
        """What is sought, and the list."""
        yield Horizontal(LineInput(placeholder="type a key or a word"), SpanLines(id="number"), id="find")
        yield PickList(id="actions")

    def on_mount(self) -> None:
        """All of them."""
        super().on_mount()
        self._show("")

    def hinted_actions(self) -> Sequence[Action]:
        """Enter does what is under the cursor."""
        shown = super().hinted_actions()
        return [replace(action, hint="do it") if action.name == "submit" else action for action in shown]

    def lay_out(self, width: int, height: int) -> None:
        """As high as there is room for."""
        count = len(self._actions) + len({action.scope for action in self._actions})
        self._list.styles.height = max(1, min(count, height - (3 if height < LOW_ROWS else 8)))

    def on_input_changed(self, message: Input.Changed) -> None:
        """Narrow the list."""
        message.stop()
        self._show(message.value)

    def on_input_submitted(self, message: Input.Submitted) -> None:
        """Enter."""
        message.stop()
        self.action_submit()

    def on_line_view_moved(self, message: LineView.Moved) -> None:
        """The command of the action under the cursor; a heading is stepped over."""
        message.stop()
        self._show_twin()

    def on_line_view_chosen(self, message: LineView.Chosen) -> None:
        """A double click."""
        message.stop()
        self.action_submit()

    def action_submit(self) -> None:
        """Do the action under the cursor."""
        action = self._action_at(self._list.index)
        if action is not None:
            self.dismiss(action)

    def action_next_option(self) -> None:
        """One down."""
        self._go(self._list.index + 1, 1)

    def action_previous_option(self) -> None:
        """One up."""
        self._go(self._list.index - 1, -1)

    def action_next_page(self) -> None:
        """One page down."""
        self._go(min(self._list.index + self._page, len(self._rows) - 1), 1)

    def action_previous_page(self) -> None:
        """One page up."""
        self._go(max(self._list.index - self._page, 0), -1)

    @property
    def _list(self) -> PickList:
        return self.query_one(PickList)

    @property
    def _page(self) -> int:
        return max(1, self._list.size.height - 1)

    def _action_at(self, index: int) -> Action | None:
        return self._rows[index].action if 0 <= index < len(self._rows) else None

    def _go(self, index: int, way: int) -> None:
        """To the action at `index`, or to the next one in that direction, else in the other."""
        for step in (way, -way):
            place = index
            while 0 <= place < len(self._rows):
                if self._rows[place].action is not None:
                    self._list.move_to(place)
                    if place == 1:  # with its heading
                        self._list.scroll_to(y=0, animate=False, force=True)
                    return
                place += step

    def _show(self, sought: str) -> None:
        found = [action for action in self._actions if self._fits(action, sought.strip())]
        exact = [action for action in found if sought.strip() in map(shown_key, action.keys)]
        self._rows = [_Row(None, f"Key {sought.strip()}")] if exact else []
        self._rows += [_Row(action) for action in exact]
        for scope in dict.fromkeys(action.scope for action in found):
            group = [action for action in found if action.scope == scope and action not in exact]
            if group:
                self._rows += [_Row(None, SCOPES.get(scope, scope)), *map(_Row, group)]
        if self._rows:
            self._list.show_from(len(self._rows), self._line)
        else:
            self._list.show_from(1, lambda index: [("  no key fits", "dim")])
        self._go(0, 1)
        total, number = format_number(len(self._actions)), format_number(len(found))
        text = total if len(found) == len(self._actions) else f"{number} of {total}"
        self.query_one("#number", SpanLines).show([[(f" {text}", "dim")]])
        self._show_twin()

    def _fits(self, action: Action, sought: str) -> bool:
        """Whether an action has the key, or all the words."""
        if sought in map(shown_key, action.keys):
            return True
        text = f"{action.label} {action.hint} {action.id} {self._twin[action.id]}".lower()
        keys = self._keys[action.id]
        return all(word.lower() in text or (len(word) > 1 and word in keys) for word in sought.split())

    def _show_twin(self) -> None:
        action = self._action_at(self._list.index)
        self.show_twin(self._twin[action.id] if action is not None else "")

    def _line(self, index: int) -> Line:
        row = self._rows[index]
        room = self._list.row_width
        if row.action is None:
            return [(clip(row.title, room), "heading")]
        label_width = min(self._label_width, max(8, room - self._keys_width - 4))
        left = room - self._keys_width - label_width - 6
        line: Line = [
            ("  ", ""),
            (fit(self._keys[row.action.id], self._keys_width), "key"),
            ("  ", ""),
            (fit(row.action.label, label_width), ""),
        ]
        twin = self._twin[row.action.id]
        return [*line, ("  ", ""), (clip(twin, left), "dim")] if twin and left >= MIN_TWIN_WIDTH else line


def keys_of(action: Action) -> str:
    """The keys of an action, as people write them."""
    return " ".join(map(shown_key, action.keys))
