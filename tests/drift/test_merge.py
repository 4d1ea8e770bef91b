"""Kolmogorov-Smirnov and Wasserstein equal SciPy's, whatever the data."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from scipy import stats

from tests.drift.strategies import numbers
from workbench.drift.merge import BLOCK, distances, ks_p_value, ks_tail
from workbench.drift.sample import Floats, Sample


def close(found: float, expected: float, relative: float = 1e-9) -> bool:
    return math.isclose(found, expected, rel_tol=relative, abs_tol=1e-12)


@pytest.mark.filterwarnings("ignore:ks_2samp:RuntimeWarning")
@given(numbers(), numbers())
@settings(max_examples=150, deadline=None)
def test_both_distances_and_the_p_value_are_those_of_scipy(a: Floats, b: Floats) -> None:
    ours, theirs = Sample.of(a), Sample.of(b)
    found = distances(ours, theirs)
    expected = stats.ks_2samp(a, b)
    assert close(found.ks, expected.statistic)
    assert close(found.wasserstein, stats.wasserstein_distance(a, b))
    assert close(ks_p_value(found.ks, ours, theirs), expected.pvalue)


@pytest.mark.parametrize(("n", "m"), [(50, 50), (5_000, 4_999), (BLOCK, BLOCK), (BLOCK + 1, 3 * BLOCK), (200_000, 30)])
@pytest.mark.parametrize("digits", [12, 1])
def test_large_samples_are_exact_too(n: int, m: int, digits: int) -> None:
    random = np.random.default_rng(n + digits)
    a, b = random.normal(size=n).round(digits), random.normal(0.01, size=m).round(digits)
    ours, theirs = Sample.of(a), Sample.of(b)
    found, expected = distances(ours, theirs), stats.ks_2samp(a, b)
    assert close(found.ks, expected.statistic)
    assert close(found.wasserstein, stats.wasserstein_distance(a, b))
    assert close(ks_p_value(found.ks, ours, theirs), expected.pvalue)


@given(numbers(), numbers())
@settings(max_examples=60, deadline=None)
def test_values_with_counts_are_as_good_as_rows(a: Floats, b: Floats) -> None:
    ours, theirs = Sample.of(a), Sample.of(b)
    counted = Sample(*ours.frequencies())
    plain, other = distances(ours, theirs), distances(counted, theirs)
    assert close(other.ks, plain.ks)
    assert close(other.wasserstein, plain.wasserstein)


@given(numbers(), numbers())
@settings(max_examples=60, deadline=None)
def test_a_window_moves_what_is_beyond_it_to_its_border(a: Floats, b: Floats) -> None:
    found = distances(Sample.of(a), Sample.of(b), -2.0, 2.0)
    assert close(found.windowed, stats.wasserstein_distance(np.clip(a, -2, 2), np.clip(b, -2, 2)))


@pytest.mark.parametrize("rows", [5_000, 7_001, 123_456, 500_000, 10_000_000])
@pytest.mark.parametrize("z", [0.05, 0.2, 0.3, 0.5, 0.8, 1.2, 1.48, 1.49, 2, 4, 10, 30])
def test_the_tail_is_scipys(rows: int, z: float) -> None:
    d = z / rows**0.5
    assert math.isclose(ks_tail(d, rows), stats.kstwo.sf(d, rows), rel_tol=1e-9, abs_tol=1e-13)


def test_the_ends_of_the_tail() -> None:
    assert ks_tail(0, 10_000) == 1
    assert ks_tail(1, 10_000) == 0


def test_looking_inside_ties_would_overstate_the_difference() -> None:
    found = distances(Sample.of([1, 1, 1, 2]), Sample.of([1, 1, 1, 2]))
    assert (found.ks, found.wasserstein) == (0, 0)


def test_differences_that_floats_cannot_hold_are_infinite_and_no_error() -> None:
    assert distances(Sample.of([-1.7e308]), Sample.of([1.7e308])).wasserstein == math.inf
    assert distances(Sample.of([5e-324]), Sample.of([1e-323])).ks == 1


def test_more_rows_than_32_bits_count_are_counted() -> None:
    many = Sample(np.array([0.0, 1.0]), np.array([3 * 2**31, 2**31]))
    found = distances(many, Sample.of([0.0, 1.0, 1.0, 1.0]))
    assert (many.n, found.ks, found.wasserstein) == (2**33, 0.5, 0.5)
