"""A grid of cells that vertical strokes are drawn on: braille dots, or one ASCII character a cell.

A braille cell holds 2 x 4 dots (Unicode block U+2800: dots 1-3 and 7 are the left column from the
top, 4-6 and 8 the right one). Everything on a chart is a run of dots in one dot column, so that one
primitive, `stroke`, sets up to four dots of a cell at a time.
"""

from __future__ import annotations

_BITS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
# _RUNS[column][top][bottom]: the dots from row `top` to row `bottom` of one column of a cell.
_RUNS = tuple(
    tuple(tuple(sum(column[top : bottom + 1]) for bottom in range(4)) for top in range(4)) for column in _BITS
)


class Canvas:
    """Dots on `columns` x `rows` cells.

    Attributes:
        dot_columns, dot_rows: the size of the grid of dots; row 0 is at the top.
        cells: one byte of dots per cell, row by row; in ASCII mode any non-zero value is a mark.
    """

    def __init__(self, columns: int, rows: int, *, ascii: bool = False) -> None:
        self.columns = columns
        self.rows = rows
        self.ascii = ascii
        self.dot_columns = columns if ascii else 2 * columns
        self.dot_rows = rows if ascii else 4 * rows
        self.cells = bytearray(columns * rows)

    def stroke(self, x: int, top: int, bottom: int) -> None:
        """Set the dots of column `x` from row `top` to row `bottom`, both included; what is outside is left out."""
        if not 0 <= x < self.dot_columns:
            return
        top = max(top, 0)
        bottom = min(bottom, self.dot_rows - 1)
        if top > bottom:
            return
        cells, columns = self.cells, self.columns
        if self.ascii:
            cells[top * columns + x : bottom * columns + x + 1 : columns] = b"\x01" * (bottom - top + 1)
            return
        runs = _RUNS[x & 1]
        first, last = top >> 2, bottom >> 2
        position = first * columns + (x >> 1)
        if first == last:
            cells[position] |= runs[top & 3][bottom & 3]
            return
        cells[position] |= runs[top & 3][3]
        whole = runs[0][3]
        for _ in range(first + 1, last):
            position += columns
            cells[position] |= whole
        cells[position + columns] |= runs[0][bottom & 3]
