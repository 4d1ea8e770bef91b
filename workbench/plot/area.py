"""The plot area: which cells it has, what they stand for, and putting curves, letters and ticks into lines."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.output.spans import Line, Span
from workbench.plot.axis import Scale, duration_label, tick_label, x_ticks
from workbench.plot.braille import Canvas


@dataclass(frozen=True, slots=True)
class Area:
    """The scales of a chart and the cells that they are drawn on."""

    x: Scale
    y: Scale
    columns: int
    rows: int
    ascii: bool

    def canvas(self) -> Canvas:
        """An empty canvas of the size of the area."""
        return Canvas(self.columns, self.rows, ascii=self.ascii)

    def column(self, x: float | None) -> int | None:
        """The cell column of an x value; None where it is not shown."""
        if x is None or not math.isfinite(x):
            return None
        share = self.x.share(x)
        return round(share * (self.columns - 1)) if 0 <= share <= 1 else None

    def row(self, value: float) -> float:
        """The row of cells, 0 at the top, that a value belongs to; the nearest one for values outside."""
        return (1 - min(max(self.y.share(value), 0.0), 1.0)) * (self.rows - 1)


@dataclass(frozen=True, slots=True)
class Layer:
    """A drawn curve: its dots, its style, and the character that stands for a dot in ASCII.

    Attributes:
        below: drawn only in cells that no curve above goes through, such as the raw curve behind smoothed ones.
    """

    canvas: Canvas
    style: str
    letter: str
    below: bool = False


@dataclass(frozen=True, slots=True)
class PlotRow:
    """One row of the area with all curves in it.

    Attributes:
        text: one character a cell, a space where there is no curve.
        owners: for each cell the number of the layer that gives it its style; NOBODY where there is no curve.
    """

    text: str
    owners: bytes


NOBODY, CURSOR = 255, 254
"""Owners of cells without a curve; a chart draws fewer layers than that."""
_BRAILLE = {dots: 0x2800 + dots if dots else 0x20 for dots in range(256)}
_ANY = bytes([0] + [255] * 255)
_SAME = re.compile(rb"(.)\1*", re.DOTALL)


def plot_rows(area: Area, layers: Sequence[Layer]) -> list[PlotRow]:
    """The dots of all layers together, each cell in the style of the uppermost; layers below come last."""
    drawn = [layer.canvas.cell_rows() for layer in layers]
    return [_merged(area, layers, [rows[row] for rows in drawn]) for row in range(area.rows)]


def _merged(area: Area, layers: Sequence[Layer], cells: Sequence[bytes]) -> PlotRow:
    """Cells as one large number, so that each layer is added by a few operations on all of them."""
    size = area.columns
    dots, taken, owners = 0, 0, int.from_bytes(b"\xff" * size, "big")
    everywhere = owners
    for number, (layer, own) in enumerate(zip(layers, cells, strict=True)):
        if not any(own):
            continue
        mask = int.from_bytes(own.translate(_ANY), "big")
        free = mask & (everywhere ^ taken)
        dots |= int.from_bytes(own, "big") & free if layer.below else int.from_bytes(own, "big")
        owners ^= free & (owners ^ int.from_bytes(bytes([min(number, CURSOR - 1)]) * size, "big"))
        taken |= mask
    owned = owners.to_bytes(size, "big")
    if area.ascii:
        return PlotRow("".join([" " if owner == NOBODY else layers[owner].letter for owner in owned]), owned)
    return PlotRow(dots.to_bytes(size, "big").decode("latin-1").translate(_BRAILLE), owned)


def plot_line(row: PlotRow, layers: Sequence[Layer], cursor_column: int | None) -> Line:
    """A row as spans, with the cursor where no curve is."""
    text, owners = row.text, row.owners
    if cursor_column is not None and owners[cursor_column] == NOBODY:
        text = f"{text[:cursor_column]}│{text[cursor_column + 1 :]}"
        owners = owners[:cursor_column] + bytes([CURSOR]) + owners[cursor_column + 1 :]
    return [(text[same.start() : same.end()], _style(layers, owners[same.start()])) for same in _SAME.finditer(owners)]


def _style(layers: Sequence[Layer], owner: int) -> str:
    if owner >= CURSOR:
        return "faint" if owner == CURSOR else ""
    return layers[owner].style


def end_marks(area: Area, ends: Sequence[tuple[float, Span]]) -> dict[int, Span]:
    """Marks by row: each in the row of the value that it stands for, or in the nearest free one."""
    marks: dict[int, Span] = {}
    for value, mark in ends:
        free = [row for row in range(area.rows) if row not in marks]
        if free and area.y.shows(value):
            wanted = area.row(value)
            marks[min(free, key=lambda row: abs(row - wanted))] = mark
    return marks


def x_axis(area: Area, *, time: bool, cursor: float | None) -> Line:
    """The line below the area with its tick labels; the label of the cursor takes the place of those it touches."""
    labels = {start: (text, "dim") for start, text in x_ticks(area.x, area.columns, time=time).items()}
    column = area.column(cursor)
    if cursor is not None and column is not None:
        text = duration_label(cursor) if time else tick_label(cursor)
        first = max(0, min(column - len(text) // 2, area.columns - len(text)))
        labels = {
            start: (label, style)
            for start, (label, style) in labels.items()
            if start + len(label) < first or start > first + len(text)
        }
        labels[first] = (text, "accent")
    line: Line = []
    column = 0
    for start, (text, style) in sorted(labels.items()):
        line += [("─" * (start - column), "faint"), (text, style)]
        column = start + len(text)
    return [*line, ("─" * (area.columns - column), "faint")]
