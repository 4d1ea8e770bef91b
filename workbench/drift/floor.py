"""The noise floor: what an effect is when nothing has changed, for these numbers of rows.

Without drift, PSI times n m / (n + m) is about chi-square distributed with one degree of freedom less than there are
bins (Yurdakul 2018), and so are eight times the squares of the Jensen-Shannon (in nats) and Hellinger distances. The
normed Wasserstein distance is about the area under a Brownian bridge on the distribution function.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import chdtri, kolmogi, ndtri

from workbench.drift.sample import Floats, Sample, dot

CERTAINTY = 0.99
"""A floor is what 99 % of comparisons without drift stay below."""
BLOCK = 1 << 16
WASSERSTEIN_MARGIN = 2.0
"""What the mean of the normed Wasserstein distance without drift is multiplied by, to be a floor."""


def noise(n: int, m: int) -> float:
    """1/n + 1/m, which all floors grow with."""
    return 1 / n + 1 / m


def psi_floor(bins: int, n: int, m: int, certainty: float = CERTAINTY) -> float:
    """Of PSI."""
    return noise(n, m) * _chi_square(bins - 1, certainty)


def distance_floor(bins: int, n: int, m: int, certainty: float = CERTAINTY) -> float:
    """Of the Jensen-Shannon distance in nats and of the Hellinger distance."""
    return math.sqrt(noise(n, m) / 8 * _chi_square(bins - 1, certainty))


def kl_floor(bins: int, n: int, m: int, certainty: float = CERTAINTY) -> float:
    """Of the Kullback-Leibler divergence in nats."""
    return psi_floor(bins, n, m, certainty) / 2


def total_variation_floor(shares: Floats, n: int, m: int) -> float:
    """Of the total variation distance: the mean of Σ|p − q| / 2 without drift, doubled."""
    spread = np.sum(np.sqrt(shares * (1 - shares)))
    return float(math.sqrt(2 / math.pi * noise(n, m)) * spread)


def cramer_floor(dof: int, rows: int, certainty: float = CERTAINTY) -> float:
    """Of Cramér's V of two samples with `rows` rows together."""
    return math.sqrt(_chi_square(dof, certainty) / rows)


def ks_floor(n: int, m: int, certainty: float = CERTAINTY) -> float:
    """Of D."""
    return float(kolmogi(1 - certainty)) * math.sqrt(noise(n, m))


def proportion_floor(share: float, n: int, m: int, certainty: float = CERTAINTY) -> float:
    """Of the difference between two shares whose mean is `share`."""
    return float(ndtri(1 - (1 - certainty) / 2)) * math.sqrt(share * (1 - share) * noise(n, m))


def wasserstein_floor(spread: float, scale: float, n: int, m: int) -> float:
    """Of the normed Wasserstein distance.

    Args:
        spread: of the reference, see `spread_of`.
        scale: what the distance is divided by.
    """
    return WASSERSTEIN_MARGIN * math.sqrt(2 / math.pi * noise(n, m)) * spread / scale if scale else math.inf


def spread_of(sample: Sample, low: float = -math.inf, high: float = math.inf) -> float:
    """∫ √(F (1 − F)) of a sample, with values beyond `low` and `high` as if they were these.

    1.6 standard deviations for a normal distribution; more where the tails are heavy, as is the noise.
    """
    values, upto, total = sample.values, sample.counts, 0.0
    until = 0
    with np.errstate(over="ignore", invalid="ignore"):
        for start in range(0, len(values) - 1, BLOCK):
            block = np.clip(values[start : start + BLOCK + 1], low, high)
            steps = np.diff(block)
            ranks = np.arange(1, len(steps) + 1) if upto is None else np.cumsum(upto[start : start + len(steps)])
            share = (ranks + until) / sample.n
            until += len(steps) if upto is None else int(upto[start : start + len(steps)].sum())
            total += dot(np.sqrt(share * (1 - share)), steps)
    return total


def _chi_square(dof: int, certainty: float) -> float:
    return float(chdtri(dof, 1 - certainty)) if dof > 0 else 0.0
