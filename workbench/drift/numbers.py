"""A column of numbers on one side: its order, its moments, and what a comparison needs of the reference."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from workbench.drift.binning import decile_counts, decile_edges
from workbench.drift.floor import spread_of
from workbench.drift.sample import Counts, Floats, Sample, dot

BATCH_POINTS = 10_000
"""Points that stand for each batch of a column that is too long to be held: the share of rows below any number is
then wrong by at most 1 / (2 · BATCH_POINTS)."""
WINDOW = 6.0
"""Beyond so many interquartile ranges from the middle half values count as if they lay there."""
FLOAT_LIMIT = 2**53
"""Greater whole numbers are not all floats."""


@dataclass(frozen=True, eq=False)
class Shape:
    """What comparisons with a reference use of it.

    Attributes:
        edges: inner edges of its deciles.
        counts: its rows in each bin.
        low, high: the window of the Wasserstein distance.
        scale: the standard deviation inside the window: what the distance is divided by.
        spread: see `floor.spread_of`.
    """

    edges: Floats
    counts: Counts
    low: float
    high: float
    scale: float
    spread: float


@dataclass(frozen=True, eq=False)
class Numbers:
    """Finite numbers of one side.

    Attributes:
        sample: in order.
        mean, std: of all of them; the standard deviation divides by n.
        low, high: the least and the greatest.
        distinct: how many different ones; None is many.
        infinite: how many values were left out because they are infinite.
        nans: how many because they are NaN.
        notes: what was lost on the way.
        shape: what a stored reference says of itself; None where it is computed from `sample`.
    """

    sample: Sample
    mean: float
    std: float
    low: float
    high: float
    distinct: int | None
    infinite: int = 0
    nans: int = 0
    notes: tuple[str, ...] = ()
    shape: Shape | None = field(default=None)

    @property
    def n(self) -> int:
        """How many numbers."""
        return self.sample.n


def shape_of(numbers: Numbers) -> Shape:
    """What a comparison uses of a reference.

    The window reaches `WINDOW` interquartile ranges beyond the quartiles, so that one value far out neither hides a
    shift by stretching the standard deviation nor is one; where half of the values are equal there is none.
    """
    if numbers.shape is not None:
        return numbers.shape
    sample = numbers.sample
    edges = decile_edges(sample)
    first, third = sample.quantiles([0.25, 0.75])
    with np.errstate(over="ignore"):
        width = third - first
        low, high = (first - WINDOW * width, third + WINDOW * width) if width > 0 else (-math.inf, math.inf)
    inside = low <= numbers.low and numbers.high <= high
    scale = numbers.std if inside else _std(np.clip(sample.values, low, high), sample.counts)[1]
    return Shape(edges, decile_counts(sample, edges), float(low), float(high), scale, spread_of(sample, low, high))


def numbers_of(values: pl.Series) -> Numbers:
    """The numbers of a whole column; nulls are left out."""
    return _part(values)


def numbers_in_batches(batches: Iterable[pl.Series]) -> Numbers:
    """The numbers of a column that comes in parts, each of which is reduced to `BATCH_POINTS` points."""
    parts = [_part(values, BATCH_POINTS) for values in batches]
    n = sum(part.n for part in parts)
    if not n:
        return parts[0] if parts else _part(pl.Series(dtype=pl.Float64))
    full = [part for part in parts if part.n]
    mean = math.fsum(part.mean * (part.n / n) for part in full)
    variance = math.fsum((part.std**2 + (part.mean - mean) ** 2) * (part.n / n) for part in full)
    sample = Sample.merged([part.sample for part in full])
    return Numbers(
        sample,
        mean,
        math.sqrt(variance),
        min(part.low for part in full),
        max(part.high for part in full),
        sample.distinct if sample.exact else None,
        sum(part.infinite for part in parts),
        sum(part.nans for part in parts),
        tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _part(values: pl.Series, points: int | None = None) -> Numbers:
    values = values.drop_nulls()
    if values.dtype == pl.Duration:
        values = values.dt.total_microseconds() / 1_000_000
    notes = _lost(values)
    floats = values.cast(pl.Float64).to_numpy()
    nans = infinite = 0
    if values.dtype.is_float():
        finite = np.isfinite(floats)
        if not finite.all():
            nans = int(np.isnan(floats).sum())
            infinite = int(len(floats) - np.count_nonzero(finite)) - nans
            floats = floats[finite]
    sample = Sample.of(floats)
    if not sample.n:
        return Numbers(sample, math.nan, math.nan, math.nan, math.nan, 0, infinite, nans, notes)
    mean, std = _std(sample.values, None)
    low, high = float(sample.values[0]), float(sample.values[-1])
    distinct: int | None = sample.distinct
    if points is not None and distinct is not None and distinct <= points:
        sample = Sample(*sample.frequencies())
    elif points is not None:
        sample = sample.compressed(points)
    return Numbers(sample, mean, std, low, high, distinct, infinite, nans, notes)


def _std(values: Floats, counts: Counts | None) -> tuple[float, float]:
    """Mean and standard deviation, dividing by n; infinite where the squares are too large for floats."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(np.average(values, weights=counts))
        away = values - mean
        squares = dot(away, away) if counts is None else dot(away * away, counts)
        total = len(values) if counts is None else int(counts.sum())
        return mean, math.sqrt(squares / total) if math.isfinite(squares) else math.inf


def _lost(values: pl.Series) -> tuple[str, ...]:
    """What turning values into floats loses."""
    if values.dtype.is_integer() and len(values):
        low, high = values.min(), values.max()
        if isinstance(low, int) and isinstance(high, int) and max(-low, high) > FLOAT_LIMIT:
            return ("whole numbers beyond 2^53 are compared to 16 digits",)
    return ()
