"""Draws curves on canvases: each bucket from its lowest to its highest value, joined to the end of the one before."""

from __future__ import annotations

import math
from dataclasses import replace

from workbench.plot.area import Area, Layer
from workbench.plot.braille import Canvas
from workbench.plot.series import Series
from workbench.plot.smoothing import smooth

PATTERNS = ((1,), (1, 1, 1, 1, 0, 0), (1, 0), (1, 1, 1, 1, 0, 1, 0))
"""Which dot columns of a flat line are drawn, one pattern per series in turn."""


def draw_layers(area: Area, one: Series, pattern_index: int, style: str, letter: str, smoothing: float) -> list[Layer]:
    """The curve, and with smoothing the raw one below it."""
    pattern = (1,) if area.rows < 4 else PATTERNS[pattern_index % len(PATTERNS)]
    if smoothing <= 0:
        return [Layer(_drawn(area, one, pattern), style, letter)]
    smoothed = smooth(one.lasts, smoothing)
    curve = replace(one, lows=smoothed, highs=smoothed, lasts=smoothed)
    return [Layer(_drawn(area, curve, pattern), style, letter), Layer(_drawn(area, one, (1, 0)), "faint", ".")]


def _drawn(area: Area, one: Series, pattern: tuple[int, ...]) -> Canvas:
    canvas = area.canvas()
    across, down = canvas.dot_columns - 1, canvas.dot_rows - 1
    scale = area.y
    pen = _Pen(canvas, pattern)
    for x, low, high, last in zip(one.xs, one.lows, one.highs, one.lasts, strict=False):
        if not (math.isfinite(x) and scale.shows(high)):
            pen.lift()
            continue
        column = round(area.x.share(x) * across)
        top = round((1 - scale.share(high)) * down)
        bottom = top if low == high else round((1 - scale.share(low)) * down) if scale.shows(low) else down
        end = top if last == high else round((1 - scale.share(last)) * down) if scale.shows(last) else None
        pen.bucket(column, top, bottom, end)
    pen.lift()
    return canvas


class _Pen:
    """Joins buckets on a canvas.

    The gaps of the pattern are left in flat parts and never in steep ones, so that spikes stay.
    """

    def __init__(self, canvas: Canvas, pattern: tuple[int, ...]) -> None:
        self._canvas = canvas
        self._pattern = pattern
        self._column = 0
        self._row: int | None = None
        self._alone: tuple[int, int] | None = None

    def bucket(self, column: int, top: int, bottom: int, end: int | None) -> None:
        """Draw one bucket; `end` is the row to go on from, None to break the line there."""
        if self._row is None:
            self._draw_alone()
            self._alone = (column, top) if top == bottom else None
        else:
            self._alone = None
            self._join(self._row, column, min(max(self._row, top), bottom))
        self._stroke(column, top, bottom)
        self._column, self._row = column, end

    def lift(self) -> None:
        """Break the line."""
        self._draw_alone()
        self._row = self._alone = None

    def _draw_alone(self) -> None:
        """Draw a point that is joined to nothing larger: a single dot is easily missed."""
        if self._alone is not None and not self._canvas.ascii:
            column, row = self._alone
            for x in (column, column ^ 1):
                self._canvas.stroke(x, row - 1, row + 1)

    def _join(self, before: int, column: int, row: int) -> None:
        """Draw from the end of the last bucket to `row` in `column`."""
        if column <= self._column:
            self._canvas.stroke(column, min(before, row), max(before, row))
            return
        start, slope = before, (row - before) / (column - self._column)
        for x in range(max(self._column + 1, 0), min(column, self._canvas.dot_columns - 1) + 1):
            after = row if x == column else round(start + slope * (x - self._column + 0.5))
            self._stroke(x, min(before, after), max(before, after))
            before = after

    def _stroke(self, x: int, top: int, bottom: int) -> None:
        if bottom - top > 2 or self._pattern[x % len(self._pattern)]:
            self._canvas.stroke(x, top, bottom)
