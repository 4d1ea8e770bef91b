"""The keys of a dialog, one after the other, in as many rows as they need."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from workbench.output.cells import cell_width
from workbench.output.spans import Line
from workbench.tui.actions import Action
from workbench.tui.styles import ink

_GAP = "   "


class KeyLine(Widget):
    """Keys with a word or two each; a click on one does it.

    Actions that follow each other with the same word are shown as one: `J/K move`.

    Attributes:
        max_rows: hints that do not fit into so many rows are left out, the last one never.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "KeyLine { height: auto; width: 100%; }"

    class Chosen(Message):
        """A hint was clicked.

        Attributes:
            action: what it does.
        """

        def __init__(self, action: Action) -> None:
            super().__init__()
            self.action = action

    def __init__(self) -> None:
        super().__init__()
        self.max_rows = 3
        self._hints: list[tuple[str, Action]] = []

    def show(self, actions: Iterable[Action]) -> None:
        """Show the hints of actions; those without a hint are left out."""
        hints: list[tuple[str, Action]] = []
        for action in actions:
            if action.hint and hints and hints[-1][1].hint == action.hint:
                hints[-1] = (f"{hints[-1][0]}/{action.key}", hints[-1][1])
            elif action.hint:
                hints.append((action.key, action))
        if hints != self._hints:
            self._hints = hints
            self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """As many rows as the hints need."""
        return len(self._rows(width))

    def render_line(self, y: int) -> Strip:
        """One row."""
        line: Line = []
        rows = self._rows(self.size.width)
        for key, action in rows[y] if y < len(rows) else ():
            line += [(key, "key"), (f" {action.hint}{_GAP}", "dim")]
        return ink(self).strip(line, self.size.width).apply_style(self.rich_style)

    def on_click(self, event: events.Click) -> None:
        """A click on a hint."""
        rows = self._rows(self.size.width)
        start = 0
        for key, action in rows[event.y] if event.y < len(rows) else ():
            stop = start + _width(key, action)
            if start <= event.x < stop:
                self.post_message(self.Chosen(action))
            start = stop

    def _rows(self, width: int) -> list[list[tuple[str, Action]]]:
        hints = list(self._hints)
        while True:
            rows = _broken(hints, width)
            if len(rows) <= max(1, self.max_rows) or len(hints) < 2:
                return rows
            del hints[-2]


def _broken(hints: list[tuple[str, Action]], width: int) -> list[list[tuple[str, Action]]]:
    rows: list[list[tuple[str, Action]]] = []
    left = 0
    for key, action in hints:
        size = _width(key, action)
        if not rows or size - len(_GAP) > left:
            rows.append([])
            left = width
        rows[-1].append((key, action))
        left -= size
    return rows


def _width(key: str, action: Action) -> int:
    return cell_width(f"{key} {action.hint}{_GAP}")
