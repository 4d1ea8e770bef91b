"""Divergences: SciPy's values, their limits, and Evidently's rule for empty bins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy.spatial import distance
from scipy.stats import entropy

from tests.drift.strategies import counts
from workbench.drift import divergences

ALL = ("jensen_shannon", "psi", "kl", "hellinger", "tvd", "l_infinity")
Pair = tuple[list[int], list[int]]


@given(counts())
@settings(max_examples=150, deadline=None)
def test_jensen_shannon_is_scipys_in_both_bases(pair: Pair) -> None:
    for base in (divergences.NATS, divergences.BITS):
        with np.errstate(invalid="ignore"):
            expected = np.nan_to_num(distance.jensenshannon(*pair, base))
        assert math.isclose(divergences.jensen_shannon(*pair, base), expected, rel_tol=1e-9, abs_tol=1e-7)


@given(counts())
@settings(max_examples=60, deadline=None)
def test_divergences_of_equal_shares_are_0_and_the_symmetric_ones_symmetric(pair: Pair) -> None:
    for name in ALL:
        measure = getattr(divergences, name)
        assert math.isclose(measure(pair[0], pair[0]), 0, abs_tol=1e-7)
        if name != "kl":
            assert math.isclose(measure(*pair), measure(pair[1], pair[0]), abs_tol=1e-12)
            assert measure(*pair) >= 0


def test_sides_with_nothing_in_common() -> None:
    pair = [7, 0], [0, 9]
    assert divergences.jensen_shannon(*pair) == pytest.approx(math.sqrt(math.log(2)))
    assert divergences.jensen_shannon(*pair, divergences.BITS) == 1
    assert (divergences.hellinger(*pair), divergences.tvd(*pair), divergences.l_infinity(*pair)) == (1, 1, 1)
    assert divergences.psi_as_evidently(*pair) == pytest.approx(2 * (1 - 1e-4) * math.log(1e4))


def test_kl_is_scipys_entropy_after_the_rule_for_empty_bins() -> None:
    p, q = [5, 3, 2], [2, 3, 5]
    assert divergences.kl(p, q) == pytest.approx(entropy(p, q), rel=1e-12)
    assert divergences.kl_as_evidently([5, 5, 0], [2, 3, 5]) == pytest.approx(
        entropy([0.5, 0.5, 1e-4], [0.2, 0.3, 0.5])
    )


def test_an_empty_bin_of_psi_counts_as_half_a_row() -> None:
    p, q = np.array([10, 9.5]) / 19.5, np.array([19, 0.5]) / 19.5
    assert divergences.psi([10, 0], [19, 1]) == divergences.psi([10, 0.5], [19, 1])
    assert math.isfinite(divergences.psi([10, 0], [0, 10]))
    assert p.sum() == pytest.approx(q.sum())


def test_evidently_takes_a_millionth_of_very_small_shares() -> None:
    q = np.array([99_999, 1, 0])
    least = 1e-5 / 1e6
    expected = np.array([0.99999, 1e-5, least])
    p = np.array([0.9, 0.05, 0.05])
    assert divergences.psi_as_evidently(p, q) == pytest.approx(float(np.sum((p - expected) * np.log(p / expected))))
