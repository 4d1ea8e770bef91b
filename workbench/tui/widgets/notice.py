"""A few lines in the middle of an area that has nothing else to show."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.strip import Strip
from textual.widget import Widget

from workbench.output.cells import cell_width
from workbench.output.spans import Line
from workbench.tui.styles import ink


class Notice(Widget):
    """Lines, centred as one block."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "Notice { height: 1fr; width: 1fr; }"

    def __init__(self, lines: Sequence[Line] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lines = list(lines)

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines."""
        self._lines = list(lines)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        """One line of the area."""
        width, height = self.size
        widest = max((_width(line) for line in self._lines), default=0)
        top = max(0, (height - len(self._lines)) // 2)
        index = y - top
        line: Line = []
        if 0 <= index < len(self._lines):
            line = [(" " * max(0, (width - widest) // 2), ""), *self._lines[index]]
        return ink(self).strip(line, width).apply_style(self.rich_style)


def _width(line: Line) -> int:
    return sum(cell_width(text) for text, _ in line)
