"""How far two distributions over the same bins or categories are apart. All take counts, or shares, of both sides."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr

from workbench.drift.sample import Floats

NATS, BITS = math.e, 2.0
"""Bases of the Jensen-Shannon distance: its greatest value is √ln 2 = 0.83255 in nats, 1 in bits."""


def shares(counts: ArrayLike) -> Floats:
    """Counts as shares of their sum."""
    counts = np.asarray(counts, np.float64)
    total = counts.sum()
    return counts / total if total else counts


def jensen_shannon(reference: ArrayLike, current: ArrayLike, base: float = NATS) -> float:
    """The Jensen-Shannon distance: the root of the mean divergence from the distribution midway.

    Symmetric, no rule for zeros is needed. √ln 2 / √ln base where the two have nothing in common.
    """
    p, q = shares(reference), shares(current)
    middle = (p + q) / 2
    divergence = float(np.sum(rel_entr(p, middle)) + np.sum(rel_entr(q, middle))) / 2
    return math.sqrt(max(0.0, divergence) / math.log(base))


def psi(reference: ArrayLike, current: ArrayLike) -> float:
    """The population stability index, Σ (p − q) ln(p / q), where an empty bin counts as half a row.

    Args:
        reference, current: counts of rows.
    """
    p, q = _half_rows(reference), _half_rows(current)
    return float(np.sum((p - q) * np.log(p / q)))


def psi_as_evidently(reference: ArrayLike, current: ArrayLike) -> float:
    """The same with Evidently's rule: an empty bin has a share of 0.0001, and the others keep theirs."""
    p, q = _as_evidently(reference), _as_evidently(current)
    return float(np.sum((p - q) * np.log(p / q)))


def kl(reference: ArrayLike, current: ArrayLike) -> float:
    """The Kullback-Leibler divergence of the reference from the current data, in nats; empty bins are half a row."""
    return _entropy(_half_rows(reference), _half_rows(current))


def kl_as_evidently(reference: ArrayLike, current: ArrayLike) -> float:
    """The same with Evidently's rule for empty bins."""
    return _entropy(_as_evidently(reference), _as_evidently(current))


def hellinger(reference: ArrayLike, current: ArrayLike) -> float:
    """The Hellinger distance, 0 to 1."""
    affinity = float(np.sum(np.sqrt(shares(reference) * shares(current))))
    return math.sqrt(min(1.0, max(0.0, 1 - affinity)))


def tvd(reference: ArrayLike, current: ArrayLike) -> float:
    """The total variation distance: the share of rows that would have to change, 0 to 1."""
    return float(np.sum(np.abs(shares(reference) - shares(current)))) / 2


def l_infinity(reference: ArrayLike, current: ArrayLike) -> float:
    """The greatest difference between two shares, 0 to 1."""
    return float(np.max(np.abs(shares(reference) - shares(current)), initial=0.0))


def _entropy(p: Floats, q: Floats) -> float:
    return float(np.sum(rel_entr(shares(p), shares(q))))


def _half_rows(counts: ArrayLike) -> Floats:
    counts = np.asarray(counts, np.float64)
    return shares(np.where(counts == 0, 0.5, counts))


def _as_evidently(counts: ArrayLike) -> Floats:
    p = shares(counts)
    least = np.min(p[p > 0], initial=1.0)
    return np.where(p == 0, least / 1e6 if least <= 1e-4 else 1e-4, p)
