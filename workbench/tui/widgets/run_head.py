"""The lines about a run above its panes, or in the place of panes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.strip import Strip
from textual.widget import Widget

from workbench.output.cells import cell_width, clip, visible
from workbench.output.spans import Line, plain
from workbench.tui.styles import ink
from workbench.tui.wrapping import wrapped_all


class RunHead(Widget):
    """Lines at the top; texts in the place of panes stand below them, broken to the width."""

    ALLOW_SELECT: ClassVar[bool] = False

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[Line] = []
        self._texts: list[Line] = []

    @property
    def wanted(self) -> int:
        """How many lines there are."""
        return len(self._lines)

    def show(self, lines: Sequence[Line]) -> bool:
        """Show these lines; whether their number is another one."""
        return self._put(list(lines), [])

    def say(self, title: Line, texts: Sequence[Line]) -> None:
        """Show a title, and texts where there are no panes."""
        self._put([title] if title else [], list(texts))

    def _put(self, lines: list[Line], texts: list[Line]) -> bool:
        other = len(lines) != len(self._lines)
        if (lines, texts) != (self._lines, self._texts):
            self._lines, self._texts = lines, texts
            self.refresh()
        return other

    def render_line(self, y: int) -> Strip:
        """One line; in a single one stand all that fit."""
        width, height = self.size
        room = max(1, width - 2)
        if y == 0 and height == 1 and len(self._lines) > 2:
            first, error = self._lines[0], self._lines[1]
            line = [*first, ("  ", ""), *error]
        elif y < len(self._lines):
            line = self._lines[y]
        else:
            body = wrapped_all(self._texts, room) if self._texts else []
            place = y - len(self._lines) - 1
            line = body[place] if 0 <= place < len(body) else []
        shown: Line = [(" ", "")]
        for text, style in line:
            text = clip(visible(text), room - cell_width(plain(shown)) + 1)
            if text:
                shown.append((text, style))
        return ink(self).strip(shown, width).apply_style(self.rich_style)
