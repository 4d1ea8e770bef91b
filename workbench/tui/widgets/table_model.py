"""What a virtual table shows, where its columns stand, and the spans of its lines: no widget is needed for it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workbench.output.cells import ELLIPSIS, cell_width, clip, fit, pad, visible
from workbench.output.spans import Span

MARK = "▌"
GUTTER = 2
"""Cells at the left, for the mark of a row."""
GAP = 2
"""Cells between two columns."""
MIN_FIRST = 8
"""Cells that the first column keeps when another one needs the room."""
MIN_CUT = 3
"""Cells below which a cut column says nothing."""

Drawn = tuple[str, str, str]
"""Text, style name, and the style name of what lies below it."""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """One column.

    Attributes:
        key: the expression, e.g. `metrics.auc`; it is the column, whatever its place.
        title: the header's text without the mark of the sort order.
        width: cells; room for the mark of the sort order included.
        align: "left" or "right".
        sort: "▲" or "▼" where rows are sorted by it; else empty.
        least: cells that it is content with as the last column; 0 where it is whole or not there.
    """

    key: str
    title: str
    width: int
    align: str = "left"
    sort: str = ""
    least: int = 0


@dataclass(frozen=True, slots=True)
class TableRow:
    """One row.

    Attributes:
        key: what the row is about, e.g. the id of a run.
        cells: one for each column: a text on one line, and a style name.
        flags: marks at the right end of the first column.
    """

    key: str
    cells: tuple[Span, ...]
    flags: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a column stands: its index, its first cell, its width in cells."""

    index: int
    x: int
    width: int

    @property
    def end(self) -> int:
        """The first cell after it."""
        return self.x + self.width


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns that are drawn.

    Attributes:
        width: cells of a line.
        placed: the columns from the left.
        left: index of the first column after the pinned one.
        more_left, more_right: columns are hidden on that side.
    """

    width: int
    placed: tuple[Placed, ...] = ()
    left: int = 1
    more_left: bool = False
    more_right: bool = False

    def column_at(self, x: int) -> int | None:
        """The index of the column at a cell, the gap after it included; None right of the last one."""
        return next((column.index for column in self.placed if x < column.end + GAP), None)


def merged(old: Sequence[TableColumn], new: Sequence[TableColumn]) -> tuple[TableColumn, ...]:
    """The new columns, none narrower than before where they are the same ones."""
    if [column.key for column in old] != [column.key for column in new]:
        return tuple(new)
    return tuple(
        replace(after, width=before.width) if before.width > after.width else after
        for before, after in zip(old, new, strict=True)
    )


def natural_width(rows: Iterable[TableRow]) -> int:
    """Cells that the first column needs to show each row's first text and flags whole."""
    need = 0
    for row in rows:
        if row.cells:
            flags = sum(cell_width(text) for text, _ in row.flags)
            need = max(need, cell_width(row.cells[0][0]) + (flags + 1 if flags else 0))
    return need


def lay_out(
    widths: Sequence[int], *, width: int, need: int = 0, left: int = 1, cursor: int = 0, least: int = 0
) -> Layout:
    """Place columns in a line: the first is pinned, the others are whole or not there, but for the last one.

    Args:
        widths: cells of each column.
        width: cells of the line.
        need: cells that the first column would like to have.
        left: the first column after the pinned one, as it was; it changes so that the cursor's column is in sight.
        cursor: index of the cursor's column.
        least: cells that the last column is content with; 0 where it is whole or not there, as the others are.
    """
    least = min(least, widths[-1]) if least and len(widths) > 1 else 0
    count, room = len(widths), width - GUTTER
    if not count or room <= 0:
        return Layout(width, more_right=bool(count))
    first = min(widths[0], room)
    if cursor and sum(widths) + GAP * (count - 1) > room:
        # A pinned column must not keep the cursor's column out of sight.
        wanted = least if least and cursor == count - 1 else widths[cursor]
        rest = room - GAP - wanted - (cursor < count - 1)
        first = min(first, max(rest, min(MIN_FIRST, first)))
    left = max(1, min(left, count - 1, cursor or count))
    while cursor > left and not _reaches(widths, width, first, left, cursor, least):
        left += 1
    while left > 1 and _reaches(widths, width, first, left - 1, count - 1, least):
        left -= 1
    others = _run(widths, width, first, left, least)
    if not others and cursor == left:
        x = GUTTER + first + GAP
        cut = width - x - (cursor < count - 1)
        others = [Placed(cursor, x, cut)] if cut >= MIN_CUT else []
    end = others[-1].end if others else GUTTER + first
    more_right = (others[-1].index if others else left - 1) < count - 1
    spare = min(width - more_right - end, need - first)
    if spare > 0:
        first += spare
        others = [Placed(column.index, column.x + spare, column.width) for column in others]
    return Layout(width, (Placed(0, GUTTER, first), *others), left, left > 1, more_right)


def _run(widths: Sequence[int], width: int, first: int, left: int, least: int) -> list[Placed]:
    """The columns from `left` on that fit; a cell stays free for the sign that there are more."""
    placed: list[Placed] = []
    x = GUTTER + first + GAP
    for index in range(left, len(widths)):
        last = index == len(widths) - 1
        size = min(widths[index], width - x) if last and least and x + least <= width else widths[index]
        if x + size > width - (not last):
            break
        placed.append(Placed(index, x, size))
        x += size + GAP
    return placed


def _reaches(widths: Sequence[int], width: int, first: int, left: int, column: int, least: int) -> bool:
    placed = _run(widths, width, first, left, least)
    return bool(placed) and placed[-1].index >= column


def header_line(columns: Sequence[TableColumn], layout: Layout) -> list[Drawn]:
    """The titles, with the mark of the sort order and signs where columns are hidden."""
    base = "table-header"
    line: list[Drawn] = [(" " * min(GUTTER, layout.width), "", base)]
    x = GUTTER
    for place in layout.placed:
        if place.x > x:
            line.append((" ‹" if layout.more_left and x < place.x == layout.placed[1].x else " " * GAP, "", base))
        line.append((_title(columns[place.index], place.width), "", base))
        x = place.end
    rest = layout.width - x
    if rest > 0:
        line.append((" " * (rest - 1) + ("›" if layout.more_right else " "), "", base))
    return line


def _title(column: TableColumn, width: int) -> str:
    title = visible(column.title)
    if column.sort and width > 2:
        return pad(f"{clip(title, width - 2)} {column.sort}", width, column.align)
    return fit(title, width, column.align)


def row_line(
    row: TableRow | None,
    columns: Sequence[TableColumn],
    layout: Layout,
    *,
    base: str = "",
    marked: bool = False,
    cell: int | None = None,
) -> list[Drawn]:
    """One row, exactly as wide as the layout.

    Args:
        row: what to draw; None where it is not there yet.
        columns: all columns.
        layout: where they stand.
        base: style name below everything.
        marked: draw the mark in the gutter.
        cell: index of the column under the cursor, drawn as such.
    """
    gutter = (MARK if marked else " ") + " " * (GUTTER - 1)
    line: list[Drawn] = [(gutter[: layout.width], "accent" if marked else "", base)]
    x = GUTTER
    for place in layout.placed:
        if place.x > x:
            line.append((" " * (place.x - x), "", base))
        below = "cell" if place.index == cell else base
        align = columns[place.index].align
        if row is None:
            line.append((fit(ELLIPSIS, place.width, align), "dim", below))
        elif place.index >= len(row.cells):
            line.append((" " * place.width, "", below))
        else:
            text, style = row.cells[place.index]
            flags = row.flags if place.index == 0 else ()
            taken = sum(cell_width(flag) for flag, _ in flags)
            if not flags or taken + 2 > place.width:
                line.append((fit(text, place.width, align), style, below))
            else:
                line.append((fit(text, place.width - taken - 1, align) + " ", style, below))
                line.extend((flag, name, below) for flag, name in flags)
        x = place.end
    if layout.width > x:
        line.append((" " * (layout.width - x), "", base))
    return line
