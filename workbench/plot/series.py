"""Curves as a chart takes them: one entry per bucket of x, so that long histories cost what short ones cost."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Protocol, cast

NAN = math.nan


class Curve(Protocol):
    """What the store's downsampling query returns."""

    @property
    def xs(self) -> Sequence[float]: ...
    @property
    def lows(self) -> Sequence[float | None]: ...
    @property
    def highs(self) -> Sequence[float | None]: ...
    @property
    def lasts(self) -> Sequence[float | None]: ...


@dataclass(frozen=True, slots=True)
class Series:
    """A named curve.

    Attributes:
        name: shown in the legend.
        xs: one x per bucket, ascending.
        lows, highs: smallest and greatest value in the bucket; NaN where it has no finite one.
        lasts: the value at the end of the bucket; NaN breaks the line after it.
        place: which letter, colour and pattern it has, so that a run has the same ones in every chart; None is its
            place among the curves of the chart.
    """

    name: str
    xs: Sequence[float] = field(default_factory=list)
    lows: Sequence[float] = field(default_factory=list)
    highs: Sequence[float] = field(default_factory=list)
    lasts: Sequence[float] = field(default_factory=list)
    place: int | None = None

    @classmethod
    def from_points(cls, name: str, xs: Sequence[float], ys: Sequence[float | None], *, buckets: int = 500) -> Series:
        """A series of raw points, in at most `buckets` parts of the range of x; the extremes of each part are kept.

        Points may be in any order; those whose x is not finite are left out. None, NaN and infinities as y
        break the line.
        """
        count = min(len(xs), len(ys))
        xs, ys = _ordered(xs[:count], ys[:count])
        if len(xs) <= buckets:
            values = [_finite(y) for y in ys]
            return cls(name, list(xs), values, values, values)
        first, width = xs[0], (xs[-1] - xs[0]) / buckets
        starts = [bisect_left(xs, first + width * i) for i in range(1, buckets)]
        edges = sorted({0, len(xs), *starts})
        clean = _all_finite(ys)
        out_xs: list[float] = []
        lows: list[float] = []
        highs: list[float] = []
        lasts: list[float] = []
        for start, stop in pairwise(edges):
            part = ys[start:stop]
            present = cast(Sequence[float], part) if clean else [y for y in part if y is not None and math.isfinite(y)]
            out_xs.append(xs[start])
            lows.append(min(present, default=NAN))
            highs.append(max(present, default=NAN))
            lasts.append(_finite(part[-1]))
        return cls(name, out_xs, lows, highs, lasts)

    @classmethod
    def from_curve(cls, name: str, curve: Curve, *, place: int | None = None) -> Series:
        """The series of a curve that the store has put into buckets."""
        return cls(
            name,
            list(curve.xs),
            [_finite(y) for y in curve.lows],
            [_finite(y) for y in curve.highs],
            [_finite(y) for y in curve.lasts],
            place,
        )

    def value_at(self, x: float) -> tuple[float, float] | None:
        """The x and the last value of the bucket nearest to `x`; None where the series has not begun or has ended.

        Its ends reach as far as the distance to their neighbours: a run that logs every 10 steps has a value at its
        last step and 10.
        """
        xs = self.xs
        if not xs or math.isnan(x):
            return None
        after = bisect_left(xs, x)
        if after == 0:
            reach = xs[1] - xs[0] if len(xs) > 1 else 0.0
            return (xs[0], self.lasts[0]) if xs[0] - x <= reach else None
        if after == len(xs):
            reach = xs[-1] - xs[-2] if len(xs) > 1 else 0.0
            return (xs[-1], self.lasts[-1]) if x - xs[-1] <= reach else None
        nearest = after if xs[after] - x < x - xs[after - 1] else after - 1
        return xs[nearest], self.lasts[nearest]

    def within(self, low: float, high: float) -> Series:
        """The buckets from x `low` to `high`."""
        part = slice(bisect_left(self.xs, low), bisect_right(self.xs, high))
        if part == slice(0, len(self.xs)):
            return self
        return replace(self, xs=self.xs[part], lows=self.lows[part], highs=self.highs[part], lasts=self.lasts[part])

    def between(self, low: float, high: float) -> Series:
        """The buckets from x `low` to `high` and the nearest on either side, towards which the line goes on."""
        first = max(0, bisect_left(self.xs, low) - 1)
        stop = bisect_right(self.xs, high) + 1
        if first == 0 and stop >= len(self.xs):
            return self
        part = slice(first, stop)
        return replace(self, xs=self.xs[part], lows=self.lows[part], highs=self.highs[part], lasts=self.lasts[part])

    def extended(self, other: Series, low: float, high: float) -> Series:
        """This series of the buckets from x `low` to `high`, with those beside them from one of the whole range."""
        before, after = bisect_left(other.xs, low) - 1, bisect_right(other.xs, high)
        sides = [[at] if 0 <= at < len(other.xs) else [] for at in (before, after)]

        def joined(of_other: Sequence[float], own: Sequence[float]) -> list[float]:
            return [*(of_other[at] for at in sides[0]), *own, *(of_other[at] for at in sides[1])]

        lasts = joined(other.lasts, self.lasts)
        xs, lows, highs = joined(other.xs, self.xs), joined(other.lows, self.lows), joined(other.highs, self.highs)
        return replace(self, xs=xs, lows=lows, highs=highs, lasts=lasts)


def _ordered(xs: Sequence[float], ys: Sequence[float | None]) -> tuple[Sequence[float], Sequence[float | None]]:
    """The points by ascending, finite x; the very same sequences where they are so already."""
    if _all_finite(xs) and list(xs) == sorted(xs):
        return xs, ys
    points = sorted(((x, y) for x, y in zip(xs, ys, strict=True) if math.isfinite(x)), key=lambda point: point[0])
    return [x for x, _ in points], [y for _, y in points]


def _all_finite(values: Sequence[float | None]) -> bool:
    """Whether every value is a finite number: a NaN, an infinity or None anywhere spoils the sum."""
    try:
        return math.isfinite(sum(values))  # type: ignore[arg-type]
    except (TypeError, OverflowError):
        return False


def _finite(value: float | None) -> float:
    return float(value) if value is not None and math.isfinite(value) else NAN
