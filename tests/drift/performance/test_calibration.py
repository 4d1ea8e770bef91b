"""Isotonic regression beside scikit-learn's, and when it is used."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from tests.drift.performance.samples import binary_rows
from workbench.drift.performance.calibration import (
    Calibration,
    expected_calibration_error,
    improves,
    isotonic,
    pooled,
)
from workbench.drift.performance.outcomes import Floats

ROWS = st.lists(
    st.tuples(st.integers(0, 8).map(float), st.sampled_from([0.0, 1.0]), st.sampled_from([0.5, 1.0, 2.0])),
    min_size=1,
    max_size=40,
)


def columns(power: float, rows: int = 4000) -> tuple[Floats, Floats, Floats]:
    frame = binary_rows(rows, power=power)
    return frame["score"].to_numpy(), frame["label"].to_numpy().astype(float), np.ones(rows)


@given(ROWS)
@settings(max_examples=100, deadline=None)
def test_it_is_the_function_of_scikit_learn(rows: list[tuple[float, float, float]]) -> None:
    scores, truth, weights = (np.array(column) for column in zip(*rows, strict=True))
    expected = IsotonicRegression(out_of_bounds="clip").fit(scores, truth, sample_weight=weights)
    asked = np.linspace(-1, 10, 45)
    found = isotonic(scores, truth, weights)
    np.testing.assert_allclose(found(asked), expected.predict(asked), rtol=0, atol=1e-12)


@given(st.lists(st.tuples(st.floats(-100, 100), st.sampled_from([0.5, 1.0, 2.0])), min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_pooling_never_falls_and_keeps_the_mean(rows: list[tuple[float, float]]) -> None:
    values, weights = (np.array(column) for column in zip(*rows, strict=True))
    found = pooled(values, weights)
    assert (np.diff(found) >= 0).all()
    assert weights @ found == pytest.approx(weights @ values, abs=1e-6)
    np.testing.assert_allclose(pooled(found, weights), found)


def test_only_points_where_it_turns_are_kept() -> None:
    scores, truth, weights = columns(1.0, 20_000)
    found = isotonic(scores, truth, weights)
    assert len(found.scores) < 1000
    again = Calibration.from_document(found.as_document())
    np.testing.assert_array_equal(again(scores), found(scores))


def test_rows_without_weight_do_not_count() -> None:
    scores, truth = np.array([0.1, 0.2, 0.3]), np.array([1.0, 0.0, 1.0])
    found = isotonic(scores, truth, np.array([0.0, 1.0, 1.0]))
    assert found(np.array([0.0, 0.25, 9.0])).tolist() == [0.0, pytest.approx(0.5), 1.0]


def test_scores_that_are_no_probabilities_are_calibrated_and_those_that_are_seldom() -> None:
    assert improves(*columns(3.0))
    scores, truth, weights = columns(3.0)
    assert expected_calibration_error(isotonic(scores, truth, weights)(scores), truth, weights) < 0.01
    assert expected_calibration_error(scores, truth, weights) > 0.1
    used = [improves(*columns(1.0, rows)) for rows in range(300, 2300, 100)]
    assert 0 < sum(used) < 15  # where there is nothing to gain, chance alone decides


def test_perfect_scores_and_one_class_are_left_alone() -> None:
    ones = np.ones(200)
    assert not improves(np.linspace(0, 1, 200), np.repeat([0.0, 1.0], 100), ones)
    assert not improves(np.linspace(0, 1, 200), ones, ones)


def test_the_calibration_error_is_the_mean_distance_over_bins() -> None:
    scores, truth = np.array([0.1, 0.3, 0.6, 0.8]), np.array([0.0, 1.0, 1.0, 1.0])
    assert expected_calibration_error(scores, truth, np.ones(4), 2) == pytest.approx((0.3 + 0.3) / 2)
