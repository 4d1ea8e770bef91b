"""Tables made of characters: aligned, cut to the terminal, whole in a pipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from workbench.base.clock import now_us as clock_now_us
from workbench.output.cells import cell_width, fit, pad, visible
from workbench.output.columns import Column, guess_columns
from workbench.output.formats import NUMERIC_KINDS, as_number, format_cell
from workbench.output.spans import Line, Span

__all__ = ["Column", "Table", "guess_columns", "render_table"]

GAP = "  "


@dataclass(frozen=True, slots=True)
class Table:
    """A drawn table.

    Attributes:
        lines: the header and one line per row.
        hidden: names of the columns that did not fit, in their order.
    """

    lines: list[Line]
    hidden: list[str] = field(default_factory=list)

    @property
    def note(self) -> str | None:
        """What to tell the user on stderr about hidden columns; None where all are shown."""
        if not self.hidden:
            return None
        count = len(self.hidden)
        return f"{count} column{'s' * (count > 1)} hidden, the terminal is too narrow: {', '.join(self.hidden)}"


def render_table(
    rows: Sequence[Sequence[object]],
    columns: Sequence[Column],
    *,
    width: int | None = None,
    now_us: int | None = None,
) -> Table:
    """Draw rows under their columns.

    Numbers stand on their decimal points. Where the table is wider than `width`, text columns are cut
    first (with `…`), then whole columns are left out; the first column always stays. The same column is
    as wide in every row, counted in terminal cells.

    Args:
        rows: typed values, one per column; None is a missing value.
        columns: what the values are.
        width: cells of the terminal; None (a pipe, a file) cuts nothing.
        now_us: microseconds since the epoch that ages count to; None is now.
    """
    if not columns:
        return Table([])
    now_us = clock_now_us() if now_us is None else now_us
    headers = [visible(f"{column.name} {column.sort}".rstrip()) for column in columns]
    cells = [column_cells(column, [row[i] for row in rows], now_us) for i, column in enumerate(columns)]
    natural = [
        max(cell_width(header), *(cell_width(text) for text, _ in texts), 0)
        for header, texts in zip(headers, cells, strict=True)
    ]
    shown, widths = _choose(columns, natural, width)
    lines = [_line([(headers[i], "bold") for i in shown], [columns[i] for i in shown], widths)]
    lines += [_line([cells[i][row] for i in shown], [columns[i] for i in shown], widths) for row in range(len(rows))]
    return Table(lines, [columns[i].name for i in range(len(columns)) if i not in shown])


def column_cells(column: Column, values: Sequence[object], now_us: int) -> list[Span]:
    """The values of a column as texts; numbers padded so that flush right puts their decimal points together."""
    cells = [format_cell(value, column.kind, now_us) for value in values]
    return _on_decimal_points(cells, values) if column.kind == "number" else cells


def _on_decimal_points(cells: list[Span], values: Sequence[object]) -> list[Span]:
    """Numbers padded on the right, so that flush right puts their decimal points under each other."""
    decimals = [
        len(text) - text.index(".") if "." in text and as_number(value) is not None else 0
        for (text, _), value in zip(cells, values, strict=True)
    ]
    widest = max(decimals, default=0)
    return [
        (text + " " * (widest - places) if as_number(value) is not None else text, style)
        for (text, style), places, value in zip(cells, decimals, values, strict=True)
    ]


def _choose(columns: Sequence[Column], natural: list[int], width: int | None) -> tuple[list[int], list[int]]:
    """Which columns are shown, and how wide."""
    shown = list(range(len(columns)))
    if width is None:
        return shown, natural
    while True:
        widths = _shrink([columns[i] for i in shown], [natural[i] for i in shown], width)
        if widths is not None:
            return shown, widths
        if len(shown) == 1:
            return shown, [max(1, width)]
        shown.remove(min(shown[1:], key=lambda i: (columns[i].priority, -i)))


def _shrink(columns: Sequence[Column], natural: list[int], width: int) -> list[int] | None:
    """Widths that fit, text columns cut as little as needed, the widest first; None where they cannot."""
    widths = list(natural)
    excess = sum(widths) + len(GAP) * (len(widths) - 1) - width
    floors = [
        have if column.kind in NUMERIC_KINDS else min(have, column.min_width)
        for column, have in zip(columns, natural, strict=True)
    ]
    if excess > sum(widths) - sum(floors):
        return None
    while excess > 0:
        widest = max(range(len(widths)), key=lambda i: widths[i] - floors[i])
        rest = sorted((widths[i] for i in range(len(widths)) if i != widest and widths[i] > floors[i]), reverse=True)
        target = max(floors[widest], min(widths[widest] - 1, rest[0] if rest else 0), widths[widest] - excess)
        excess -= widths[widest] - target
        widths[widest] = target
    return widths


def _line(cells: Sequence[Span], columns: Sequence[Column], widths: Sequence[int]) -> Line:
    line: Line = []
    for (text, style), column, width in zip(cells, columns, widths, strict=True):
        if line:
            line.append((GAP, ""))
        padded = fit(text, width, column.alignment)
        content = padded.strip()
        before, _, after = padded.partition(content) if content else (padded, "", "")
        line += [span for span in ((before, ""), (content, style), (after, "")) if span[0]]
    while line and line[-1][0].isspace():
        line.pop()
    return line


def indented(lines: Sequence[Line], margin: str = " ") -> list[Line]:
    """The lines with a margin on the left."""
    return [[(margin, ""), *line] if line else [] for line in lines]


def pairs(items: Sequence[tuple[str, Span]], *, label_width: int | None = None) -> list[Line]:
    """Lines of a name and a value, the values under each other."""
    width = max((cell_width(name) for name, _ in items), default=0) if label_width is None else label_width
    return [[(pad(name, width), "dim"), (GAP, ""), value] for name, value in items]
