"""The part of the x axis that is shown, and the steps of a crosshair along it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence

Range = tuple[float, float]

MIN_SHARE = 1e-9
"""The smallest part of the axis that is shown: beyond it, floating point cannot tell neighbours apart."""


def union(ranges: Iterable[Range | None]) -> Range | None:
    """The least range around ranges; None where there is none."""
    known = [one for one in ranges if one is not None]
    return (min(low for low, _ in known), max(high for _, high in known)) if known else None


def zoomed(shown: Range, extent: Range, factor: float, around: float | None, *, whole: bool) -> Range | None:
    """The range that is `factor` times as wide; None where it is the whole extent.

    Args:
        shown: the range of now.
        extent: the range of everything; the new range stays within it.
        around: the x that stays where it is; None is the right end, where a running run has its newest values.
        whole: whether x counts steps, so that the range ends at whole numbers and has two steps at least.
    """
    everything = extent[1] - extent[0]
    width = max((shown[1] - shown[0]) * factor, 2.0 if whole else 0.0, everything * MIN_SHARE)
    if not (everything > 0 and math.isfinite(everything) and width < everything):
        return None
    fixed = shown[1] if around is None else min(max(around, shown[0]), shown[1])
    share = (fixed - shown[0]) / (shown[1] - shown[0])
    low = min(max(fixed - share * width, extent[0]), extent[1] - width)
    high = low + width
    return (float(math.floor(low)), float(math.ceil(high))) if whole else (low, high)


def covers(range_: Range | None, part: Range | None) -> bool:
    """Whether a range has all of a part in it; None is everything."""
    return range_ is None or (part is not None and range_[0] <= part[0] and part[1] <= range_[1])


def next_x(
    curves: Iterable[Sequence[float]], x: float | None, columns: int, column_of: Callable[[float], int | None]
) -> float | None:
    """The x of the next bucket at least so many columns away: where a crosshair goes to.

    The last one in that direction where none is so far away; `x` itself where there is none at all.

    Args:
        curves: the xs of all curves of a chart.
        x: where the crosshair is; None is nowhere, from where it goes to the newest bucket.
        columns: how far, negative to the left.
        column_of: the column of an x, None where it is not shown.
    """
    shown = {there: column for xs in curves for there in xs if (column := column_of(there)) is not None}
    if not shown:
        return x
    ordered = sorted(shown)
    if x is None:
        return ordered[-1]
    at = column_of(x)
    if at is None:
        return ordered[0] if x < ordered[0] else ordered[-1]
    ahead = (
        [there for there in ordered if there > x] if columns > 0 else [there for there in ordered[::-1] if there < x]
    )
    far_enough = (there for there in ahead if abs(shown[there] - at) >= abs(columns))
    return next(far_enough, ahead[-1] if ahead else x)
