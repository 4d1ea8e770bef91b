"""Every statistic of two samples, and the effect that a test is named after."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.drift import divergences, floor
from workbench.drift.binning import decile_counts
from workbench.drift.categories import Pair
from workbench.drift.frequencies import chi_square, two_proportions
from workbench.drift.merge import distances, ks_p_value
from workbench.drift.numbers import Numbers, shape_of

NUMERIC_TESTS = ("wasserstein", "ks", "psi", "jensenshannon", "hellinger", "kl_div", "tvd", "l_infinity")
COMPARED_POINTS = 65_536
"""Points of a side that is compared with one that is not exact."""
CATEGORICAL_TESTS = ("jensenshannon", "psi", "hellinger", "kl_div", "tvd", "l_infinity", "chisquare", "z")


@dataclass(frozen=True)
class Measured:
    """What was measured of two samples.

    Attributes:
        effect: how large the difference is, by the test's measure.
        floor: what the effect stays below, 99 times of 100, where nothing has changed.
        p_value: how probable a difference like this is where nothing has changed.
        measures: every statistic by its name.
        notes: what to know about the numbers.
    """

    effect: float
    floor: float
    p_value: float
    measures: Mapping[str, float] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def measure_numbers(reference: Numbers, current: Numbers, test: str, scale: float | None = None) -> Measured:
    """Compare numbers; the p-value is that of Kolmogorov and Smirnov.

    Args:
        reference, current: neither is empty.
        test: one of `NUMERIC_TESTS`. All but wasserstein and ks compare the deciles of the reference.
        scale: what the Wasserstein distance is divided by; None is the reference's standard deviation.
    """
    shape = shape_of(reference)
    n, m = reference.n, current.n
    ours, theirs = reference.sample, current.sample
    if not (ours.exact and theirs.exact):  # an approximation is not made better by the other side's millions
        ours, theirs = ours.compressed(COMPARED_POINTS), theirs.compressed(COMPARED_POINTS)
    found = distances(ours, theirs, shape.low, shape.high)
    d, raw, windowed = found.ks, found.wasserstein, found.windowed
    divisor = shape.scale if scale is None else scale
    effect = windowed / divisor if divisor > 0 else (math.inf if windowed else 0.0)
    bins = shape.counts, decile_counts(current.sample, shape.edges)
    p_value = ks_p_value(d, ours, theirs)
    measures = {
        "ks": d,
        "ks_p_value": p_value,
        "wasserstein": raw,
        "wasserstein_normed": raw / max(reference.std, 0.001),
        **_divergences(*bins),
        "bins": float(len(shape.edges) + 1),
    }
    effects = {**measures, "wasserstein": effect}
    floors = _floors(*bins, n, m) | {
        "wasserstein": floor.wasserstein_floor(shape.spread, divisor, n, m) if windowed else 0.0,
        "ks": floor.ks_floor(n, m),
    }
    notes = [*reference.notes, *current.notes]
    error = ours.rank_error + theirs.rank_error
    if error:
        notes.append(f"points stand for rows: D is right to {error:.2g}")
        measures["rank_error"] = error
    return Measured(effects[test], floors[test], p_value, measures, tuple(dict.fromkeys(notes)))


def measure_categories(pair: Pair, test: str) -> Measured:
    """Compare counts by value.

    The p-value is that of a two-sample chi-square test with rare values pooled, of a test of two proportions where
    there are two values.

    Args:
        pair: both sides over the same values; neither side is empty.
        test: one of `CATEGORICAL_TESTS`.
    """
    reference, current = pair.reference, pair.current
    n, m = int(reference.sum()), int(current.sum())
    chi = chi_square(reference, current)
    present = int(np.count_nonzero((reference + current) > 0))
    notes = [f"{chi.pooled} rare values are pooled in the chi-square test"] if chi.pooled else []
    p_value = chi.p_value
    if present == 2:
        p_value = two_proportions(int(reference[0]), n, int(current[0]), m)
        notes = []
    measures = {
        "chisquare": chi.statistic,
        "chisquare_dof": float(chi.dof),
        "chisquare_p_value": chi.p_value,
        "p_value": p_value,
        **_divergences(reference, current),
        "values": float(present),
    }
    effects = {**measures, "chisquare": math.sqrt(chi.statistic / (n + m)), "z": measures["tvd"]}
    floors = _floors(reference, current, n, m)
    floors |= {"chisquare": floor.cramer_floor(chi.dof, n + m), "z": floors["tvd"]}
    return Measured(effects[test], floors[test], p_value, measures, tuple(notes))


def _divergences(reference: NDArray[np.int64], current: NDArray[np.int64]) -> dict[str, float]:
    return {
        "psi": divergences.psi(reference, current),
        "jensenshannon": divergences.jensen_shannon(reference, current),
        "jensenshannon_bits": divergences.jensen_shannon(reference, current, divergences.BITS),
        "hellinger": divergences.hellinger(reference, current),
        "kl_div": divergences.kl(reference, current),
        "tvd": divergences.tvd(reference, current),
        "l_infinity": divergences.l_infinity(reference, current),
    }


def _floors(reference: NDArray[np.int64], current: NDArray[np.int64], n: int, m: int) -> dict[str, float]:
    """The noise floor of each measure over bins or values."""
    together = reference + current
    bins = int(np.count_nonzero(together))
    share = together / together.sum()
    return {
        "psi": floor.psi_floor(bins, n, m),
        "jensenshannon": floor.distance_floor(bins, n, m),
        "hellinger": floor.distance_floor(bins, n, m),
        "kl_div": floor.kl_floor(bins, n, m),
        "tvd": floor.total_variation_floor(share, n, m),
        "l_infinity": floor.proportion_floor(_widest(share), n, m),
    }


def _widest(share: NDArray[np.float64]) -> float:
    """The share whose noise is greatest."""
    return float(share[np.argmin(np.abs(share - 0.5))])
