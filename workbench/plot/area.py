"""The plot area: which cells it has, what they stand for, and putting curves, letters and ticks into lines."""

from __future__ import annotations

import math
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
    """A drawn curve: its dots, its style, and the character that stands for a dot in ASCII."""

    canvas: Canvas
    style: str
    letter: str


def plot_line(area: Area, layers: Sequence[Layer], row: int, cursor_column: int | None) -> Line:
    """One row of the area: the dots of all layers together, each cell in the style of the uppermost."""
    start = row * area.columns
    cells = [layer.canvas.cells[start : start + area.columns] for layer in layers]
    line: Line = []
    text, style = "", ""
    for column in range(area.columns):
        dots, owner = 0, None
        for layer, own in zip(layers, cells, strict=True):
            if own[column]:
                dots |= own[column]
                owner = owner or layer
        if owner is None:
            character, wanted = ("│", "faint") if column == cursor_column else (" ", "")
        else:
            character, wanted = owner.letter if area.ascii else chr(0x2800 + dots), owner.style
        if wanted != style and text:
            line.append((text, style))
            text = ""
        text, style = text + character, wanted
    return [*line, (text, style)]


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
