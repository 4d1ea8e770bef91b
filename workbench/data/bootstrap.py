"""The paired bootstrap: how sure a difference between two models is, judged on the same rows.

Rows are drawn with replacement, the same ones for both models, so what is hard about a row is hard for both and
cancels out. The bounds are percentiles of the differences (Efron and Tibshirani, An Introduction to the Bootstrap,
chapter 13).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from workbench.base.errors import InputError
from workbench.data.measures import Weighted

if TYPE_CHECKING:
    from numpy.typing import NDArray

CONFIDENCE = 0.95
_MANY_EQUAL = 10
"""So many times more rows than different ones, and it is faster to draw how often each different one comes."""


@dataclass(frozen=True)
class Difference:
    """What a comparison of two models found.

    Attributes:
        a, b: the measure of each over all rows.
        low, high: bounds of `a - b`: it is above `low` with 95 % confidence, and below `high` with 95 %.
        rows: how many were compared.
    """

    a: float
    b: float
    low: float
    high: float
    rows: int

    @property
    def difference(self) -> float:
        """`a - b`."""
        return self.a - self.b


def paired_bootstrap(a: Weighted, b: Weighted, counts: NDArray[np.int64], *, resamples: int, seed: int) -> Difference:
    """Compare two models by a measure of each on the same rows.

    Args:
        a, b: the measure of each, rows in the same order.
        counts: how often each row is there; rows that are equal for both models may be given once.
        resamples: how often to draw.
        seed: the same one gives the same bounds.

    Raises:
        InputError: the measure has no value for these rows.
    """
    whole = (a(counts), b(counts))
    differences = np.array([a(drawn) - b(drawn) for drawn in _draws(counts, resamples, seed)])
    differences = differences[np.isfinite(differences)]  # a draw of one class alone has no AUC
    if not np.isfinite(whole).all() or not len(differences):
        raise InputError("the measure has no value for these rows")
    low, high = np.quantile(differences, (1 - CONFIDENCE, CONFIDENCE))
    return Difference(*whole, float(low), float(high), int(counts.sum()))


def _draws(counts: NDArray[np.int64], resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """How often each row is drawn, for each resample."""
    random = np.random.default_rng(seed)
    rows = int(counts.sum())
    if len(counts) * _MANY_EQUAL <= rows:
        yield from (random.multinomial(rows, counts / rows) for _ in range(resamples))
        return
    which = np.repeat(np.arange(len(counts)), counts)
    for _ in range(resamples):
        yield np.bincount(which[random.integers(0, rows, rows)], minlength=len(counts))
