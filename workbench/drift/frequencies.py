"""Tests of counts: categories, proportions, missing values, and what is new or gone beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import chdtrc, gammaln, ndtr, pdtrc

from workbench.drift.sample import Counts, Floats

LEAST_EXPECTED = 5.0
"""Categories that are expected less often on either side are pooled: the chi-square distribution needs that many."""


@dataclass(frozen=True)
class ChiSquare:
    """A two-sample chi-square test.

    Attributes:
        statistic: Σ (observed − expected)² / expected over both sides.
        dof: degrees of freedom, one less than the categories that were compared; 0: nothing could be compared.
        p_value: 1 where nothing could be compared.
        pooled: how many rare categories were put into one.
    """

    statistic: float
    dof: int
    p_value: float
    pooled: int


def chi_square(reference: ArrayLike, current: ArrayLike, least: float = LEAST_EXPECTED) -> ChiSquare:
    """Whether two lots of counts come from the same distribution over categories.

    Both sides vary, unlike in a one-sample test against the reference: a value that is new does not make it infinite.

    Args:
        reference, current: rows of each category.
        least: categories with a smaller expectation on either side are pooled; 0 pools none.
    """
    table = np.array([np.asarray(reference, np.float64), np.asarray(current, np.float64)])
    table = table[:, table.sum(axis=0) > 0]
    rows = table.sum(axis=1)
    if table.shape[1] < 2 or not rows.all():
        return ChiSquare(0.0, 0, 1.0, 0)
    table, pooled = _pooled(table, least * rows.sum() / rows.min())
    dof = table.shape[1] - 1
    if dof < 1:
        return ChiSquare(0.0, 0, 1.0, pooled)
    expected = np.outer(rows, table.sum(axis=0)) / rows.sum()
    statistic = float(np.sum((table - expected) ** 2 / expected))
    return ChiSquare(statistic, dof, float(chdtrc(dof, statistic)), pooled)


def _pooled(table: Floats, least: float) -> tuple[Floats, int]:
    """The table with the columns whose sum is less than `least` as one, which takes the next one along if it must."""
    sums = table.sum(axis=0)
    order = np.argsort(sums, kind="stable")
    rare = int(np.count_nonzero(sums < least))
    if rare == 0:
        return table, 0
    while rare < len(order) and sums[order[:rare]].sum() < least:
        rare += 1
    if rare == 1:
        return table, 0
    other = table[:, order[:rare]].sum(axis=1, keepdims=True)
    return np.concatenate([table[:, order[rare:]], other], axis=1), rare


def two_proportions(hits: int, rows: int, current_hits: int, current_rows: int) -> float:
    """The two-sided p-value of a difference between two shares; 1 where both are 0 or both are 1.

    Exact (Fisher's test) where fewer than `LEAST_EXPECTED` of either kind are expected on a side, else the Z test.
    """
    total, all_hits = rows + current_rows, hits + current_hits
    if not rows or not current_rows or all_hits in (0, total):
        return 1.0
    if min(all_hits, total - all_hits) * min(rows, current_rows) / total < LEAST_EXPECTED:
        return fisher(hits, rows, current_hits, current_rows)
    return float(2 * ndtr(-abs(z_statistic(hits, rows, current_hits, current_rows))))


def z_statistic(hits: int, rows: int, current_hits: int, current_rows: int) -> float:
    """How many standard errors two shares are apart; 0 where both are 0 or both are 1."""
    share = (hits + current_hits) / (rows + current_rows)
    error = math.sqrt(share * (1 - share) * (1 / rows + 1 / current_rows))
    return (hits / rows - current_hits / current_rows) / error if error else 0.0


def fisher(hits: int, rows: int, current_hits: int, current_rows: int) -> float:
    """Fisher's exact test, two-sided: all tables that are not more probable than this one."""
    from scipy.stats import fisher_exact

    table = [[hits, rows - hits], [current_hits, current_rows - current_hits]]
    return float(fisher_exact(table).pvalue)


def beyond_range(outside: int, rows: int, current_rows: int) -> float:
    """How probable it is by chance that at least `outside` current rows lie beyond the reference's extreme value.

    All of them are then the most extreme ones of both sides together: (m/N) ((m−1)/(N−1)) … , exact without ties.
    """
    if outside <= 0:
        return 1.0
    if outside > current_rows:
        return 0.0
    total = rows + current_rows
    terms = np.arange(min(outside, 5000))
    return float(np.exp(np.sum(np.log((current_rows - terms) / (total - terms)))))


def only_on_one_side(alone: Counts, together: Counts, rows: int, other_rows: int) -> float:
    """How probable it is by chance that a side has values to itself, like these.

    If the rows were dealt to the sides at random, all t rows of a value would go to one with a probability of
    (m/N) ((m−1)/(N−1)) … . Either a frequent value is alone there, or more values are than should be, whose number is
    at most Poisson distributed about.

    Args:
        alone: rows of each value that only this side has.
        together: rows of every value on both sides together.
        rows: of this side.
        other_rows: of the other side.
    """
    if not len(alone):
        return 1.0
    total = rows + other_rows

    def log_share(counts: Counts) -> Floats:
        kept = np.minimum(counts, rows).astype(np.float64)
        log: Floats = gammaln(rows + 1) - gammaln(rows - kept + 1) - gammaln(total + 1) + gammaln(total - kept + 1)
        return np.minimum(log, 0)

    frequent = float(np.exp(log_share(alone[[np.argmax(alone)]])[0])) * len(together)
    expected = float(np.exp(log_share(together)).sum())
    many = float(pdtrc(len(alone) - 1, expected))
    return min(1.0, 2 * min(frequent, many))
