"""Kolmogorov-Smirnov and Wasserstein of two samples, from one merge of what is sorted already.

Exact, ties included: where a value occurs on both sides, the distribution functions are compared after all of it.
"""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from threading import Lock

import numpy as np
from scipy.special import smirnov

from workbench.drift.sample import Sample, dot

BLOCK = 1 << 16
_QUIET = Lock()
"""Filters of warnings belong to the process: one thread at a time changes them and puts them back."""
EXACT_ROWS = 10_000
"""Up to this many rows on the larger side p-values are exact, as SciPy's are."""


@dataclass(frozen=True)
class Distances:
    """How far two distribution functions are apart.

    Attributes:
        ks: the greatest difference between them: D.
        wasserstein: the area between them: how far mass has moved, in the values' unit.
        windowed: the same where values beyond a window count as if they lay on its border, so that what lies far
            outside cannot outweigh the rest.
    """

    ks: float
    wasserstein: float
    windowed: float


def distances(reference: Sample, current: Sample, low: float = -math.inf, high: float = math.inf) -> Distances:
    """Both distances of two samples, neither of which is empty.

    One stable sort of what are two sorted runs, which is a merge, and one pass in blocks that fit into the cache.

    Args:
        low, high: the window.
    """
    values = np.concatenate([reference.values, current.values])
    order = np.argsort(values, kind="stable")
    weighted = reference.counts is not None or current.counts is not None
    weights = np.concatenate([reference.weights, current.weights]) if weighted else None
    inside = low <= min(reference.values[0], current.values[0]) and max(values[order[-1:]]) <= high
    n, m, mine_until, total_until = reference.n, current.n, 0, 0
    d, area, windowed = 0.0, 0.0, 0.0
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(order), BLOCK):
            index = order[start : start + BLOCK]
            upto = values[order[start : start + BLOCK + 1]]
            if len(upto) == len(index):
                upto = np.append(upto, np.nan)  # the end: a value that no other equals, at no distance
            mine = index < len(reference.values)
            if weights is None:
                upto_reference = np.cumsum(mine, dtype=np.int64)
                upto_both = np.arange(total_until + 1, total_until + 1 + len(index))
            else:
                upto_reference = np.cumsum(weights[index] * mine)
                upto_both = total_until + np.cumsum(weights[index])
            upto_reference += mine_until
            gap = np.abs(upto_reference / n - (upto_both - upto_reference) / m)
            mine_until, total_until = int(upto_reference[-1]), int(upto_both[-1])
            d = max(d, float(np.max(gap[upto[1:] != upto[:-1]], initial=0.0)))
            ends = len(index) - bool(np.isnan(upto[-1]))
            area += dot(gap[:ends], np.diff(upto[: ends + 1]))
            if not inside:
                windowed += dot(gap[:ends], np.diff(np.clip(upto[: ends + 1], low, high)))
    return Distances(d, area, area if inside else windowed)


def ks_p_value(d: float, reference: Sample, current: Sample) -> float:
    """The two-sided p-value of D, as `scipy.stats.ks_2samp` has it.

    Exact for up to `EXACT_ROWS`; beyond it is the distribution of D for n m / (n + m) rows against a known one. What
    samples that are not exact may be wrong by is taken off D first, so that an approximation never calls drift.
    """
    n, m = reference.n, current.n
    error = reference.rank_error + current.rank_error
    if max(n, m) <= EXACT_ROWS and not error:
        from scipy.stats import ks_2samp  # half a second of imports, for small samples only

        with _QUIET, warnings.catch_warnings():  # where 1 is missed by a rounding it warns, and says 1 another way
            warnings.simplefilter("ignore", RuntimeWarning)
            return float(ks_2samp(reference.expanded(), current.expanded()).pvalue)
    return ks_tail(max(0.0, d - error), round(n * m / (n + m)))


def ks_tail(d: float, rows: int) -> float:
    """How probable it is that D of `rows` rows against a known distribution is at least `d`.

    As `scipy.stats.kstwo.sf`: twice the one-sided tail where that is small, Pelz and Good's series elsewhere (Pelz and
    Good 1976; Simard and L'Ecuyer 2011).
    """
    if d <= 0 or rows <= 0:
        return 1.0
    if d >= 1:
        return 0.0
    if rows < EXACT_ROWS // 2 or (rows <= 100_000 and rows * d**1.5 <= 1.4):
        from scipy.stats import kstwo

        return float(kstwo.sf(d, rows))
    squared = rows * d * d
    if squared >= 370:
        return 0.0
    if squared >= 2.2:
        return min(1.0, float(2 * smirnov(rows, d)))
    return min(1.0, max(0.0, 1 - _pelz_good(rows, math.sqrt(squared))))


def _pelz_good(rows: int, z: float) -> float:
    """P(D ≤ z / √rows)."""
    if -(math.pi**2) / 8 / z**2 < -708:
        return 0.0
    pi2, pi4, pi6 = math.pi**2, math.pi**4, math.pi**6
    k = np.arange(1, math.ceil(16 * z / math.pi) + 1)
    odd = (2.0 * k - 1) ** 2
    powers = np.exp(-pi2 / 8 / z**2 * odd)
    series = np.array(
        [
            np.ones_like(odd),
            -(z**2) + pi2 / 4 * odd,
            6 * z**6 + 2 * z**4 + (2 * z**4 - 5 * z**2) * pi2 / 4 * odd + pi4 * (1 - 2 * z**2) / 16 * odd**2,
            -30 * z**6
            - 90 * z**8
            + pi2 * (135 * z**4 - 96 * z**6) / 4 * odd
            + pi4 * (-60 * z**2 + 212 * z**4) / 16 * odd**2
            + pi6 * (5 - 30 * z**2) / 64 * odd**3,
        ]
    )
    root = math.sqrt(2 * math.pi)
    terms = root * (series @ powers) / np.array([z, 6 * z**4, 72 * z**7, 6480 * z**10])
    even = np.exp(-pi2 / 2 / z**2 * k**2)
    terms[2] += pi2 * root / (-36 * z**3) * np.sum(k**2 * even)
    terms[3] += pi2 * root / (216 * z**6) * np.sum((3 * z**2 - pi2 * k**2) * k**2 * even)
    return float(np.sum(terms / rows ** (np.arange(4) / 2)))
