"""Draws curves on canvases: each bucket from its lowest to its highest value, joined to the end of the one before."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.plot.area import Area, Layer
from workbench.plot.braille import Canvas
from workbench.plot.series import Series

PATTERNS = ((1,), (1, 1, 1, 1, 0, 0), (1, 0), (1, 1, 1, 1, 0, 1, 0))
"""Which dot columns of a flat line are drawn, one pattern per series in turn."""
STEEP = 2
"""Dots of a stroke up to which it counts as flat: the gaps of a pattern are never left in steeper parts."""

Rows = Sequence[int | None]


def draw_layers(
    area: Area, one: Series, smoothed: Sequence[float] | None, pattern_index: int, style: str, letter: str
) -> list[Layer]:
    """The curve, or with smoothing the smoothed curve and the raw one to lie below it.

    Args:
        smoothed: the smoothed values, one a bucket; None for none.
        pattern_index: which of PATTERNS.
        style, letter: of the layer.
    """
    canvas = area.canvas()
    across, down = canvas.dot_columns - 1, canvas.dot_rows - 1
    columns = area.x.places(one.xs, across)
    tops = area.y.places(one.highs, down, from_top=True)
    bottoms = tops if one.lows is one.highs else area.y.places(one.lows, down, from_top=True)
    ends = tops if one.lasts is one.highs else area.y.places(one.lasts, down, from_top=True)
    if bottoms is not tops:  # what has no place is below the least one of a logarithmic scale
        bottoms = [down if low is None else low for low in bottoms]
    pattern = (1,) if area.rows < 4 else PATTERNS[pattern_index % len(PATTERNS)]
    if smoothed is None:
        _trace(canvas, pattern, columns, tops, bottoms, ends)
        return [Layer(canvas, style, letter)]
    rows = area.y.places(smoothed, down, from_top=True)
    _trace(canvas, pattern, columns, rows, rows, rows)
    raw = area.canvas()
    _trace(raw, (1, 0), columns, tops, bottoms, ends)
    return [Layer(canvas, style, letter), Layer(raw, "faint", ".", below=True)]


def _trace(
    canvas: Canvas, pattern: tuple[int, ...], columns: Sequence[int | None], tops: Rows, bottoms: Rows, ends: Rows
) -> None:
    """Draw buckets, each a column with its top, its bottom and the row to go on from; None breaks the line there."""
    width, height, size = canvas.dot_columns, canvas.dot_rows, len(pattern)
    dots, above, shift = canvas.dots, canvas.above, 0 if canvas.ascii else 1
    before: int | None = None
    at = 0
    alone: tuple[int, int] | None = None
    for column, top, bottom, end in zip(columns, tops, bottoms, ends, strict=False):
        if column is None or top is None or bottom is None:
            _dot(canvas, alone)
            before = alone = None
            continue
        low, high = top, bottom
        steep = high - low > STEEP
        if before is None:
            _dot(canvas, alone)
            alone = (column, top) if top == bottom else None
        else:
            alone = None
            if column - at > 1:
                before = _slope(canvas, pattern, at, before, column, min(max(before, top), bottom))
            if before < low:
                steep = steep or low - before > STEEP or column <= at
                low = before
            elif before > high:
                steep = steep or before - high > STEEP or column <= at
                high = before
        if 0 <= column < width and (steep or pattern[column % size]):
            low = low if low > 0 else 0
            high = high if high < height else height - 1
            if low <= high:
                sums = above[column & 1]
                dots[column >> shift] |= sums[high + 1] ^ sums[low]
        at, before = column, end
    _dot(canvas, alone)


def _dot(canvas: Canvas, alone: tuple[int, int] | None) -> None:
    """Draw a point that is joined to nothing larger: a single dot is easily missed."""
    if alone is not None and not canvas.ascii:
        column, row = alone
        for x in (column, column ^ 1):
            canvas.stroke(x, row - 1, row + 1)


def _slope(canvas: Canvas, pattern: tuple[int, ...], at: int, before: int, column: int, row: int) -> int:
    """Draw from row `before` of column `at` towards `row` of `column`, and return the row reached beside it."""
    start, slope = before, (row - before) / (column - at)
    first, last = max(at + 1, 0), min(column - 1, canvas.dot_columns - 1)
    for x in range(first, last + 1):
        after = round(start + slope * (x - at + 0.5))
        low, high = (before, after) if before < after else (after, before)
        if high - low > STEEP or pattern[x % len(pattern)]:
            canvas.stroke(x, low, high)
        before = after
    return before
