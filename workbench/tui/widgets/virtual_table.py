"""A table of any number of rows, drawn from the pages that its owner hands it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import ClassVar, TypeAlias

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.scrollbar import ScrollDown, ScrollTo, ScrollUp
from textual.strip import Strip

from workbench.tui.actions import bindings
from workbench.tui.styles import Styles, ink
from workbench.tui.widgets import table_messages
from workbench.tui.widgets.table_model import (
    Drawn,
    Layout,
    TableColumn,
    TableRow,
    header_line,
    lay_out,
    merged,
    natural_width,
    row_line,
)
from workbench.tui.widgets.table_pages import TablePages, page_around

MAX_STRIPS = 1024
"""Drawn lines that are kept."""


class VirtualTable(ScrollView, can_focus=True, inherit_bindings=False):
    """Rows with a cursor, a header that stays, and a first column that stays.

    It holds the rows around those in sight and posts `RowsNeeded` for others; its owner answers with `show`.
    Nothing that it does takes time in proportion to the number of rows.

    Args:
        marks: keys of marked rows; the collection is looked at whenever a row is drawn.
        id, classes: as for any widget.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("table",)
    BINDINGS = bindings("table")
    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS = """
    VirtualTable { scrollbar-size: 1 1; overflow-x: hidden; overflow-y: auto; height: 1fr; }
    """

    CursorMoved: TypeAlias = table_messages.CursorMoved
    HeaderClicked: TypeAlias = table_messages.HeaderClicked
    RowChosen: TypeAlias = table_messages.RowChosen
    RowMarked: TypeAlias = table_messages.RowMarked
    RowsNeeded: TypeAlias = table_messages.RowsNeeded

    def __init__(
        self, *, marks: Collection[str] = frozenset(), id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.marks = marks
        self._columns: tuple[TableColumn, ...] = ()
        self._pages = TablePages()
        self._row = 0
        self._column = 0
        self._need = 0
        self._placed = Layout(0)
        self._laid_out: tuple[object, ...] = ()
        self._follows = True
        self._told: tuple[int, str | None, str] | None = None
        self._strips: dict[tuple[TableRow | None, str, bool, int | None], Strip] = {}
        self._drawn_with: tuple[object, ...] = ()
        self._styles: Styles
        self._below = Style()

    # What is shown

    @property
    def columns(self) -> tuple[TableColumn, ...]:
        """The columns, with the widths that they have."""
        return self._columns

    @property
    def total(self) -> int:
        """The number of rows of the whole table."""
        return self._pages.total

    @property
    def cursor_row(self) -> int:
        """The cursor's row; 0 where there are none."""
        return self._row

    @property
    def cursor_column(self) -> int:
        """The cursor's column; 0 where there are none."""
        return self._column

    @property
    def cursor_key(self) -> str | None:
        """The key of the cursor's row; None where the row is not at hand."""
        row = self.row_at(self._row)
        return None if row is None else row.key

    @property
    def cursor_column_key(self) -> str:
        """The key of the cursor's column; empty where there are none."""
        return self._columns[self._column].key if self._columns else ""

    @property
    def sight(self) -> range:
        """The rows between header and bottom."""
        first = self.scroll_offset.y
        return range(first, max(first, min(self.total, first + self.size.height - self._header_height)))

    @property
    def page_in_sight(self) -> range:
        """The page that a question for the rows in sight should ask for, as in `RowsNeeded`."""
        return page_around(self.sight)

    def row_at(self, index: int) -> TableRow | None:
        """A row; None where it is not at hand."""
        return self._pages.row(index)

    def show(
        self,
        columns: Sequence[TableColumn],
        total: int,
        first: int,
        rows: Sequence[TableRow],
        *,
        keep: bool = False,
        follow: bool = True,
    ) -> None:
        """Take a page of rows. Only lines that are other than before are drawn again.

        Args:
            columns: all columns; while they are the same ones, none gets narrower.
            total: the number of rows of the whole table.
            first: index of the first of `rows`.
            rows: the page.
            keep: rows of other pages stay until they are replaced. Not for other columns.
            follow: the cursor goes with its row where that stands elsewhere in the page now; else it keeps its index.
        """
        key, column_key, total_before = self.cursor_key, self.cursor_column_key, self.total
        same = [column.key for column in columns] == [column.key for column in self._columns]
        wider = merged(self._columns, columns)
        need = max(self._need if same else 0, natural_width(rows))
        redraw = (wider, need) != (self._columns, self._need)
        self._columns, self._need = wider, need
        if not same:
            keys = [column.key for column in wider]
            last = max(0, len(keys) - 1)
            self._column = keys.index(column_key) if column_key in keys else min(self._column, last)
        changed = self._pages.show(total, first, rows, keep=keep and same)
        follows = self._follows
        # The header's line counts also where it is not drawn: a size that changes must not change what was scrolled to.
        self.virtual_size = Size(0, self.total + 1 if self.total else 0)
        there = self._pages.index_of(key) if follow and key is not None and self.cursor_key != key else None
        before, self._row = self._row, max(0, min(self._row if there is None else there, self.total - 1))
        top = self.scroll_offset.y
        if there is not None and top:
            # At the top new rows come into sight; below it the reader's lines stay where they are.
            self._scroll_to_row(top + there - before)
        elif top > self.max_scroll_y:
            self._scroll_to_row(top)
        if follows:
            self._reveal()
        if redraw or self.total != total_before:
            self.refresh()
        else:
            self._refresh_rows(*changed, *((before, self._row) if before != self._row else ()))
        self._tell()
        self._ask()

    def refresh_marks(self) -> None:
        """Draw the rows again after `marks` have changed."""
        self.refresh()

    def move_to(self, row: int, column: int | None = None) -> None:
        """Put the cursor into a row, and a column, and bring it into sight."""
        self._go(row, column)

    # Drawing

    @property
    def _header_height(self) -> int:
        # In a single line the cursor's row says more than the titles.
        return 1 if self.size.height > 1 else 0

    @property
    def _inner_width(self) -> int:
        return max(0, self.size.width - self.scrollbar_size_vertical)

    def _layout(self) -> Layout:
        laid_out = (self._columns, self._inner_width, self._need, self._column)
        if laid_out != self._laid_out:
            widths = [column.width for column in self._columns]
            self._placed = lay_out(
                widths,
                width=self._inner_width,
                need=self._need,
                left=self._placed.left,
                cursor=self._column,
                least=self._columns[-1].least if self._columns else 0,
            )
            self._laid_out = laid_out
        return self._placed

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines of the table; what is the same for all of them is found once."""
        styles, below, layout = ink(self), self.rich_style, self._layout()
        drawn_with = (styles, below, self._columns, layout, self.size.width)
        if drawn_with != self._drawn_with:
            self._drawn_with = drawn_with
            self._styles, self._below = styles, below
            self._strips.clear()
        return super().render_lines(crop)

    def render_line(self, y: int) -> Strip:
        """The header, or a row."""
        if not self.total or not self._columns:
            return Strip.blank(self.size.width, self._below)
        if y < self._header_height:
            return self._strip(header_line(self._columns, self._layout()))
        index = self.scroll_offset.y + y - self._header_height
        if index >= self.total:
            return Strip.blank(self.size.width, self._below)
        row = self.row_at(index)
        marked = row is not None and row.key in self.marks
        here = index == self._row
        base = ("cursor" if self.has_focus else "cursor-blurred") if here else "marked" if marked else ""
        cell = self._column if here and self.has_focus else None
        known = (row, base, marked, cell)
        strip = self._strips.get(known)
        if strip is None:
            if len(self._strips) >= MAX_STRIPS:
                self._strips.clear()
            line = row_line(row, self._columns, self._layout(), base=base, marked=marked, cell=cell)
            strip = self._strips[known] = self._strip(line)
        return strip

    def _strip(self, line: Sequence[Drawn]) -> Strip:
        segments = [Segment(text, self._below + self._styles.on(name, base)) for text, name, base in line]
        return Strip(segments, self._inner_width).adjust_cell_length(self.size.width, self._below)

    def _refresh_rows(self, *rows: int) -> None:
        sight = self.sight
        lines = [row - sight.start + self._header_height for row in rows if row in sight]
        if lines:
            self.refresh(*(Region(0, y, self.size.width, 1) for y in lines))

    # Moving

    def _go(self, row: int, column: int | None = None, *, scroll: int = 0) -> None:
        layout, before = self._layout(), self._row
        self._row = max(0, min(row, self.total - 1))
        if column is not None:
            self._column = max(0, min(column, len(self._columns) - 1))
        if scroll:
            self._scroll_to_row(self.scroll_offset.y + scroll)
        self._reveal()
        if self._layout() != layout:
            self.refresh()
        else:
            self._refresh_rows(before, self._row)
        self._tell()

    def _reveal(self) -> None:
        """Scroll as little as it takes to see the cursor."""
        self._follows = True
        first, height = self.scroll_offset.y, self._page_height
        if not first <= self._row < first + height:
            self._scroll_to_row(self._row if self._row < first else self._row - height + 1)

    def _scroll_to_row(self, row: int) -> None:
        if self.size.height:
            self.scroll_to(y=row, animate=False, force=True)

    def _tell(self) -> None:
        now = (self._row, self.cursor_key, self.cursor_column_key)
        if self.is_mounted and self.size.height and now != self._told:
            self._told = now
            self.post_message(self.CursorMoved(self, *now))

    def _ask(self) -> None:
        page = self._pages.ask(self.sight) if self.is_mounted else None
        if page is not None:
            self.post_message(self.RowsNeeded(self, page.start, len(page)))

    @property
    def _page_height(self) -> int:
        return max(1, self.size.height - self._header_height)

    def action_cursor_down(self) -> None:
        self._go(self._row + 1)

    def action_cursor_up(self) -> None:
        self._go(self._row - 1)

    def action_cursor_left(self) -> None:
        self._go(self._row, self._column - 1)

    def action_cursor_right(self) -> None:
        self._go(self._row, self._column + 1)

    def action_page_down(self) -> None:
        self._go(self._row + self._page_height, scroll=self._page_height)

    def action_page_up(self) -> None:
        self._go(self._row - self._page_height, scroll=-self._page_height)

    def action_half_page_down(self) -> None:
        half = max(1, self._page_height // 2)
        self._go(self._row + half, scroll=half)

    def action_half_page_up(self) -> None:
        half = max(1, self._page_height // 2)
        self._go(self._row - half, scroll=-half)

    def action_top(self) -> None:
        self._go(0)

    def action_bottom(self) -> None:
        self._go(self.total - 1)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """However it came to be scrolled: other rows may be needed, and the cursor may be out of sight now."""
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._follows = self._row in self.sight
            self._ask()

    def on_resize(self) -> None:
        """Another size, or one again after the table was hidden: the cursor stays in sight."""
        if self._follows:
            self._reveal()
        self._tell()
        self._ask()

    # The mouse

    def on_click(self, event: events.Click) -> None:
        """A click moves the cursor, a second one chooses the row; on a title it is the owner's to sort."""
        offset = event.get_content_offset(self)
        if offset is None or not self.total:
            return
        column = self._layout().column_at(offset.x)
        if offset.y < self._header_height:
            if column is not None:
                self.post_message(self.HeaderClicked(self, self._columns[column].key))
            return
        row = self.scroll_offset.y + offset.y - self._header_height
        if row >= self.total:
            return
        self._go(row, column)
        if event.ctrl or event.shift:
            self.post_message(self.RowMarked(self, row, self.cursor_key, to_here=event.shift))
        elif event.chain > 1:
            self.post_message(self.RowChosen(self, row, self.cursor_key))

    def on_scroll_to(self, message: ScrollTo) -> None:
        """The scrollbar is dragged: rows follow at once, without gliding through those between."""
        message.prevent_default().stop()
        if message.y is not None:
            self.scroll_to(y=message.y, animate=False)

    def on_scroll_up(self, message: ScrollUp) -> None:
        """A click above the scrollbar's thumb."""
        message.prevent_default().stop()
        self._scroll_to_row(self.scroll_offset.y - self._page_height)

    def on_scroll_down(self, message: ScrollDown) -> None:
        """A click below the scrollbar's thumb."""
        message.prevent_default().stop()
        self._scroll_to_row(self.scroll_offset.y + self._page_height)
