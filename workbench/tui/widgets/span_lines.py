"""A few ready-made lines in a box or a bar, as high as they need to be."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual.geometry import Size
from textual.strip import Strip
from textual.widget import Widget

from workbench.output.cells import cell_width, visible
from workbench.output.spans import Line
from workbench.tui.styles import ink
from workbench.tui.wrapping import cut, wrapped_all


class SpanLines(Widget):
    """Lines that are only read.

    Args:
        lines: what to show; control characters in it are shown as escapes.
        wrap: break long lines at spaces; else they are cut.
        id, classes: as for any widget.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = "SpanLines { height: auto; width: 100%; }"

    def __init__(
        self, lines: Sequence[Line] = (), *, wrap: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._shown = _printable(lines)
        self._wrap = wrap
        self._broken: tuple[int, list[Line]] = (-1, [])

    @property
    def shown(self) -> list[Line]:
        """The lines as given."""
        return self._shown

    def show(self, lines: Sequence[Line]) -> None:
        """Show other lines."""
        lines = _printable(lines)
        if lines != self._shown:
            self._shown, self._broken = lines, (-1, [])
            self.refresh(layout=True)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """The longest line."""
        return max((sum(cell_width(text) for text, _ in line) for line in self._shown), default=0)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """One row a line, more where lines are broken."""
        return len(self._lines_at(width))

    def render_line(self, y: int) -> Strip:
        """One row."""
        width = self.size.width
        lines = self._lines_at(width)
        line = lines[y] if y < len(lines) else []
        return ink(self).strip(line if self._wrap else cut(line, width), width).apply_style(self.rich_style)

    def _lines_at(self, width: int) -> list[Line]:
        if not self._wrap:
            return self._shown
        if self._broken[0] != width:
            self._broken = (width, wrapped_all(self._shown, width))
        return self._broken[1]


def _printable(lines: Sequence[Line]) -> list[Line]:
    return [[(visible(text), style) for text, style in line] for line in lines]
