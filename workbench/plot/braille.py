"""A grid of cells that vertical strokes are drawn on: braille dots, or one ASCII character a cell.

A braille cell holds 2 x 4 dots (Unicode block U+2800: dots 1-3 and 7 are the left column from the
top, 4-6 and 8 the right one). Everything on a chart is a run of dots in one dot column. A column of
cells is one integer with a byte for each cell, so that a run of any length is set by one operation.
"""

from __future__ import annotations

from functools import lru_cache

_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))


class Canvas:
    """Dots on `columns` x `rows` cells.

    Attributes:
        dot_columns, dot_rows: the size of the grid of dots; row 0 is at the top.
        dots: one integer for each column of cells, its lowest byte the cell at the top; in ASCII mode any non-zero
            byte is a mark.
        above: for the left and the right dot column of a cell, the dots above each dot row.
    """

    def __init__(self, columns: int, rows: int, *, ascii: bool = False) -> None:
        self.columns = columns
        self.rows = rows
        self.ascii = ascii
        self.dot_columns = columns if ascii else 2 * columns
        self.dot_rows = rows if ascii else 4 * rows
        self.dots = [0] * columns
        self.above = _above(rows, ascii)

    def stroke(self, x: int, top: int, bottom: int) -> None:
        """Set the dots of column `x` from row `top` to row `bottom`, both included; what is outside is left out."""
        if not 0 <= x < self.dot_columns:
            return
        top = max(top, 0)
        bottom = min(bottom, self.dot_rows - 1)
        if top <= bottom:
            above = self.above[x & 1]
            self.dots[x if self.ascii else x >> 1] |= above[bottom + 1] ^ above[top]

    def cell_rows(self) -> list[bytes]:
        """The dots of each row of cells from the top, one byte a cell."""
        rows = self.rows
        flat = b"".join([column.to_bytes(rows, "little") for column in self.dots])
        return [flat[row::rows] for row in range(rows)]


@lru_cache(maxsize=64)
def _above(rows: int, ascii: bool) -> tuple[tuple[int, ...], tuple[int, ...]]:
    marks = ((1,), (1,)) if ascii else _BITS
    tables = []
    for column in marks:
        sums = [0]
        for row in range(rows):
            for bit in column:
                sums.append(sums[-1] | bit << 8 * row)
        tables.append(tuple(sums))
    return tables[0], tables[1]
