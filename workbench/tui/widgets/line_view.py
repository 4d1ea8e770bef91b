"""A pane of ready-made lines: scrolled by lines, with a cursor where its lines can be chosen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from workbench.output.cells import cell_width
from workbench.output.spans import Line, plain
from workbench.tui.actions import bindings
from workbench.tui.styles import ink


class LineView(ScrollView, can_focus=True):
    """Lines drawn as they are.

    Args:
        cursor: whether a line is chosen rather than only scrolled to.
        follow: keep the last line in sight while new ones arrive, until the reader scrolls away.
        id, classes: as for any widget.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("pane",)
    BINDINGS = bindings("pane")
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    LineView { scrollbar-size: 1 1; overflow-x: hidden; height: 1fr; }
    """

    class Moved(Message):
        """The cursor, or the first line in sight, is another one.

        Attributes:
            view: which pane.
            index: 0-based line.
        """

        def __init__(self, view: LineView, index: int) -> None:
            super().__init__()
            self.view = view
            self.index = index

    class Chosen(Message):
        """A line was double-clicked. Attributes as `Moved`."""

        def __init__(self, view: LineView, index: int) -> None:
            super().__init__()
            self.view = view
            self.index = index

    def __init__(
        self, *, cursor: bool = False, follow: bool = False, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.index = 0
        self._has_cursor = cursor
        self._follow = follow
        self._count = 0
        self._line_at: Callable[[int], Line] = lambda index: []
        self._left = 0
        self._width = 0

    @property
    def count(self) -> int:
        """The number of lines."""
        return self._count

    def show(self, lines: Sequence[Line]) -> None:
        """Show these lines in the place of what was there; the reader stays where they are."""
        same = self._count == len(lines)
        changed = [i for i in range(len(lines)) if not same or self._line_at(i) != lines[i]] if same else []
        if same and not changed:
            return
        self._width = max((sum(cell_width(text) for text, _ in line) for line in lines), default=0)
        self.show_from(len(lines), lambda index: lines[index], width=self._width)

    def show_from(self, count: int, line_at: Callable[[int], Line], *, width: int = 0) -> None:
        """Show `count` lines, each made when it is drawn: for panes of 10,000 lines and more."""
        at_end = self._follow and self.scroll_offset.y >= self.max_scroll_y
        self._count, self._line_at, self._width = count, line_at, width
        self.virtual_size = Size(1, count)
        self.index = min(self.index, max(0, count - 1))
        if at_end:
            self.index = max(0, count - 1)
            self.scroll_to(y=max(0, count - self.size.height), animate=False, force=True)
        self.refresh()

    def line_text(self, index: int) -> str:
        """The text of a line."""
        return plain(self._line_at(index)) if 0 <= index < self._count else ""

    def lines_in_sight(self) -> range:
        """The indices of the lines that are drawn now."""
        first = self.scroll_offset.y
        return range(first, min(self._count, first + max(1, self.size.height)))

    def render_line(self, y: int) -> Strip:
        """One line of the pane."""
        index = self.scroll_offset.y + y
        width = self.size.width
        if index >= self._count:
            return Strip.blank(width, self.rich_style)
        base = ""
        if self._has_cursor and index == self.index:
            base = "cursor" if self.has_focus else "cursor-blurred"
        return ink(self).strip(self._line_at(index), width, base, left=self._left).apply_style(self.rich_style)

    def move_to(self, index: int) -> None:
        """Go to a line; without a cursor, scroll to it."""
        index = max(0, min(index, self._count - 1))
        if self._has_cursor:
            self.index = index
            self.scroll_to_region(Region(0, index, 1, 1), animate=False, force=True)
        else:
            self.index = max(0, min(index, self._count - self.size.height))
            self.scroll_to(y=self.index, animate=False, force=True)
        self.refresh()
        self.post_message(self.Moved(self, self.index))

    def _step(self, lines: int) -> None:
        here = self.index if self._has_cursor else self.scroll_offset.y
        self.move_to(here + lines)

    def action_line_down(self) -> None:
        self._step(1)

    def action_line_up(self) -> None:
        self._step(-1)

    def action_page_down(self) -> None:
        self._step(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._step(-max(1, self.size.height - 1))

    def action_half_page_down(self) -> None:
        self._step(max(1, self.size.height // 2))

    def action_half_page_up(self) -> None:
        self._step(-max(1, self.size.height // 2))

    def action_top(self) -> None:
        self.move_to(0)

    def action_bottom(self) -> None:
        self.move_to(self._count - 1)

    def action_scroll_left(self) -> None:
        self._left = max(0, self._left - 8)
        self.refresh()

    def action_scroll_right(self) -> None:
        self._left = min(self._left + 8, max(0, self._width - self.size.width))
        self.refresh()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The mouse scrolls too: whoever fills in what is in sight hears of it."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self.post_message(self.Moved(self, self.index))

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """A click goes to a line, a second one chooses it."""
        index = self.scroll_offset.y + event.y
        if self._has_cursor and 0 <= index < self._count:
            self.move_to(index)
            if event.chain > 1:
                self.post_message(self.Chosen(self, index))
