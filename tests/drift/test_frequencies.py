"""Tests of counts against SciPy, and chances against what shuffling finds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from scipy import stats

from tests.drift.strategies import counts
from workbench.drift.frequencies import (
    beyond_range,
    chi_square,
    only_on_one_side,
    two_proportions,
    z_statistic,
)

Pair = tuple[list[int], list[int]]


@given(counts())
@settings(max_examples=150, deadline=None)
def test_chi_square_is_scipys(pair: Pair) -> None:
    table = np.array(pair)
    table = table[:, table.sum(axis=0) > 0]
    assume(table.shape[1] > 1)
    expected = stats.chi2_contingency(table, correction=False)
    found = chi_square(*pair, least=0)
    assert math.isclose(found.statistic, expected.statistic, rel_tol=1e-9, abs_tol=1e-12)
    assert math.isclose(found.p_value, expected.pvalue, rel_tol=1e-9, abs_tol=1e-300)
    assert found.dof == expected.dof


def test_rare_values_are_pooled_until_five_are_expected() -> None:
    found = chi_square([100, 50, 1, 2, 3, 1], [90, 60, 2, 1, 1, 2])
    assert (found.pooled, found.dof) == (4, 2)
    expected = stats.chi2_contingency([[100, 50, 7], [90, 60, 6]], correction=False)
    assert found.p_value == pytest.approx(expected.pvalue, rel=1e-9)


def test_one_new_value_in_a_hundred_rows_is_no_drift() -> None:
    assert chi_square([60, 40, 0], [58, 41, 1]).p_value > 0.5


def test_a_side_without_rows_or_with_one_value_says_nothing() -> None:
    assert chi_square([0, 0], [3, 4]).p_value == chi_square([5], [7]).p_value == 1
    assert chi_square([1, 1, 1], [1, 1, 1]).dof == 0


def test_two_proportions_are_a_z_test_where_there_are_enough_rows() -> None:
    p = (40 + 70) / 300
    z = (40 / 100 - 70 / 200) / math.sqrt(p * (1 - p) * (1 / 100 + 1 / 200))
    assert z_statistic(40, 100, 70, 200) == pytest.approx(z)
    assert two_proportions(40, 100, 70, 200) == pytest.approx(2 * stats.norm.sf(abs(z)))
    assert two_proportions(1, 20, 4, 30) == pytest.approx(stats.fisher_exact([[1, 19], [4, 26]]).pvalue)


@pytest.mark.parametrize("counts", [(0, 9, 0, 9), (9, 9, 5, 5), (0, 0, 3, 5)])
def test_the_same_constant_on_both_sides_is_no_difference(counts: tuple[int, int, int, int]) -> None:
    assert two_proportions(*counts) == 1


def test_what_lies_beyond_the_range_is_as_probable_as_shuffling_says() -> None:
    random = np.random.default_rng(0)
    n, m, outside = 20, 30, 4
    drawn = random.random((40_000, n + m))
    beyond = (drawn[:, n:] > drawn[:, :n].max(axis=1, keepdims=True)).sum(axis=1)
    assert beyond_range(outside, n, m) == pytest.approx(float(np.mean(beyond >= outside)), abs=0.01)
    assert (beyond_range(0, 5, 5), beyond_range(9, 5, 5)) == (1, 0)


def test_values_that_one_side_alone_has_are_no_news_where_chance_deals_them_so() -> None:
    random = np.random.default_rng(1)
    weights = 1 / np.arange(1, 301)
    alarms = 0
    for _ in range(400):
        rows = random.choice(300, size=1000, p=weights / weights.sum())
        ours, theirs = (np.bincount(side, minlength=300) for side in (rows[:500], rows[500:]))
        alarms += only_on_one_side(theirs[ours == 0][theirs[ours == 0] > 0], ours + theirs, 500, 500) < 0.01
    assert alarms <= 8


def test_one_frequent_new_value_or_many_rare_ones_are_news() -> None:
    known = np.full(10, 100)
    assert only_on_one_side(np.array([30]), np.append(known, 30), 500, 500) < 1e-7
    many = np.ones(60, np.int64)
    assert only_on_one_side(many, np.append(known, many), 500, 500) < 1e-3
    assert only_on_one_side(many[:0], known, 500, 500) == 1
