"""Numbers in order: all of them, or weighted points that stand for them with an error that is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def dot(a: NDArray[Any], b: NDArray[Any]) -> float:
    """Σ a b, in this thread: BLAS would wake others for it, which on a busy machine takes longer than the sum."""
    return float(np.einsum("i,i->", a, b))


@dataclass(frozen=True, eq=False)
class Sample:
    """Finite numbers in ascending order.

    Attributes:
        values: the numbers, or the points that stand for them.
        counts: how many numbers each value stands for; None is one each.
        rank_error: the most by which the share of numbers up to any point is wrong; 0 where all are kept.
        shift_error: a bound of the mean distance between a number and the point that stands for it, in the numbers'
            unit: the most by which a Wasserstein distance to this sample is wrong.
    """

    values: Floats
    counts: Counts | None = None
    rank_error: float = 0.0
    shift_error: float = 0.0

    @classmethod
    def of(cls, numbers: ArrayLike) -> Sample:
        """All of these numbers, which are finite."""
        return cls(np.sort(np.asarray(numbers, np.float64)))

    @classmethod
    def merged(cls, parts: Sequence[Sample]) -> Sample:
        """The samples together; their errors weigh as much as their numbers."""
        parts = [part for part in parts if part.n]
        if len(parts) == 1:
            return parts[0]
        if not parts:
            return cls(np.empty(0))
        values = np.concatenate([part.values for part in parts])
        order = np.argsort(values, kind="stable")
        counts = np.concatenate([part.weights for part in parts])[order]
        total = sum(part.n for part in parts)
        return cls(
            values[order],
            counts,
            sum(part.rank_error * part.n / total for part in parts),
            sum(part.shift_error * part.n / total for part in parts),
        )

    @cached_property
    def n(self) -> int:
        """How many numbers it stands for."""
        return len(self.values) if self.counts is None else int(self.counts.sum())

    @property
    def exact(self) -> bool:
        """Whether every number is kept."""
        return self.rank_error == 0

    @property
    def weights(self) -> Counts:
        """The count of each value."""
        return np.ones(len(self.values), np.int64) if self.counts is None else self.counts

    @cached_property
    def cumulative(self) -> Counts:
        """How many numbers there are up to each value, itself included."""
        return np.arange(1, len(self.values) + 1) if self.counts is None else np.cumsum(self.counts)

    @cached_property
    def distinct(self) -> int:
        """How many different values there are."""
        return int(np.count_nonzero(self.values[1:] != self.values[:-1])) + 1 if len(self.values) else 0

    def at_most(self, points: ArrayLike) -> Counts:
        """How many numbers are less than or equal to each point."""
        return self._upto(np.searchsorted(self.values, points, "right"))

    def below(self, points: ArrayLike) -> Counts:
        """How many numbers are less than each point."""
        return self._upto(np.searchsorted(self.values, points, "left"))

    def quantiles(self, shares: ArrayLike) -> Floats:
        """For each share the least value that at least this share of the numbers does not exceed."""
        ranks = np.maximum(np.ceil(np.asarray(shares) * self.n - 1e-9), 1)
        places = ranks.astype(np.int64) - 1 if self.counts is None else np.searchsorted(self.cumulative, ranks, "left")
        found: Floats = self.values[places.clip(max=len(self.values) - 1)]
        return found

    def frequencies(self) -> tuple[Floats, Counts]:
        """The different values and how many numbers each stands for."""
        if not len(self.values):
            return np.empty(0), np.empty(0, np.int64)
        starts = np.flatnonzero(np.append(True, self.values[1:] != self.values[:-1]))
        return self.values[starts], np.add.reduceat(self.weights, starts)

    def expanded(self) -> Floats:
        """Every number, one by one."""
        return self.values if self.counts is None else np.repeat(self.values, self.counts)

    def compressed(self, points: int) -> Sample:
        """At most `points` values that stand for this sample, each for about as many numbers; itself if it is small.

        Each is the middle one of those that it stands for, so what its cell holds below and above it bounds the error.
        """
        if len(self.values) <= points:
            return self
        upto = self.cumulative if self.counts is not None else None
        if upto is None:
            starts = np.arange(points, dtype=np.int64) * self.n // points
        else:
            cell = ((upto - self.weights) * points) // self.n
            starts = np.flatnonzero(np.append(True, cell[1:] != cell[:-1]))
        ends = np.append(starts[1:], len(self.values))
        middles = (starts + ends - 1) // 2
        if upto is None:
            counts, before, after = ends - starts, middles - starts, ends - 1 - middles
        else:
            counts = np.add.reduceat(self.weights, starts)
            after = upto[ends - 1] - upto[middles]
            before = counts - after - self.weights[middles]
        first, kept, last = self.values[starts], self.values[middles], self.values[ends - 1]
        rank_error = float(np.max(np.maximum(before, after) * (first != last))) / self.n
        with np.errstate(over="ignore", invalid="ignore"):
            shift = (dot(before, kept - first) + dot(after, last - kept)) / self.n
        return Sample(kept, counts, self.rank_error + rank_error, self.shift_error + shift)

    def _upto(self, positions: NDArray[np.intp]) -> Counts:
        return np.append(0, self.cumulative)[positions] if self.counts is not None else positions.astype(np.int64)
