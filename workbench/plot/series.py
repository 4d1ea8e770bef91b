"""Curves as a chart takes them: one entry per bucket of x, so that long histories cost what short ones cost."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    """

    name: str
    xs: Sequence[float] = field(default_factory=list)
    lows: Sequence[float] = field(default_factory=list)
    highs: Sequence[float] = field(default_factory=list)
    lasts: Sequence[float] = field(default_factory=list)

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
    def from_curve(cls, name: str, curve: Curve) -> Series:
        """The series of a curve that the store has put into buckets."""
        return cls(
            name,
            list(curve.xs),
            [_finite(y) for y in curve.lows],
            [_finite(y) for y in curve.highs],
            [_finite(y) for y in curve.lasts],
        )

    def value_at(self, x: float) -> tuple[float, float] | None:
        """The x and the last value of the bucket nearest to `x`; None for an empty series."""
        known = [(abs(have - x), have, last) for have, last in zip(self.xs, self.lasts, strict=False)]
        if not known:
            return None
        _, nearest, value = min(known, key=lambda entry: entry[0])
        return nearest, value


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
