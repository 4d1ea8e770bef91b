"""The bootstrap is right as often as it says: rates over many seeded data sets, not one lucky example."""

from __future__ import annotations

import numpy as np
import pytest

from workbench.base.errors import InputError
from workbench.data.bootstrap import Difference, paired_bootstrap
from workbench.data.measures import weighted


def compared(seed: int, right_a: float, right_b: float, rows: int = 200, resamples: int = 200) -> Difference:
    """Two models with these chances to be right about a row."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 2, rows).astype(float)
    said = (np.where(random.random(rows) < right, labels, 1 - labels) for right in (right_a, right_b))
    a, b = (weighted("accuracy", labels, predictions) for predictions in said)
    return paired_bootstrap(a, b, np.ones(rows, int), resamples=resamples, seed=seed)


def test_equal_models_are_called_worse_as_often_as_is_allowed() -> None:
    """One in twenty at 95 %: of 300, 15 with a standard deviation of 3.8."""
    called_worse = sum(compared(seed, 0.8, 0.8).high < 0 for seed in range(300))
    assert 4 <= called_worse <= 27


def test_a_worse_model_is_caught() -> None:
    assert sum(compared(seed, 0.7, 0.85).high < 0 for seed in range(50)) >= 47


def test_a_better_model_is_not_called_worse() -> None:
    assert not any(compared(seed, 0.85, 0.75).high < 0 for seed in range(50))


def test_bounds_hold_the_difference_and_are_the_same_again() -> None:
    found = compared(3, 0.8, 0.7)
    assert found.low < found.difference < found.high
    assert found == compared(3, 0.8, 0.7)
    assert found.difference == pytest.approx(found.a - found.b)


def test_the_same_predictions_do_not_differ() -> None:
    labels = np.array([0.0, 1.0, 1.0])
    same = weighted("accuracy", labels, np.array([0.0, 0.0, 1.0]))
    found = paired_bootstrap(same, same, np.ones(3, int), resamples=100, seed=1)
    assert (found.low, found.high) == (0.0, 0.0)


def test_pairing_cancels_what_is_hard_for_both() -> None:
    """Models that err on the same rows but a few differ for sure, though each one's accuracy is uncertain."""
    labels = np.ones(400)
    both = np.arange(400) % 2 == 0
    a = weighted("accuracy", labels, np.where(both & (np.arange(400) >= 16), 1.0, 0.0))
    b = weighted("accuracy", labels, np.where(both, 1.0, 0.0))
    found = paired_bootstrap(a, b, np.ones(400, int), resamples=500, seed=1)
    assert found.difference == pytest.approx(-0.02)
    assert found.high < 0


def test_what_has_no_value_cannot_be_compared() -> None:
    measure = weighted("auc", np.array([1.0, 1.0]), np.array([0.1, 0.2]))
    with pytest.raises(InputError, match="no value"):
        paired_bootstrap(measure, measure, np.ones(2, int), resamples=100, seed=1)


def test_equal_rows_may_be_given_once() -> None:
    """Rows of four kinds, 100 times as many of each: drawn another way, with the same result but for chance."""
    labels, said_a, said_b = np.ones(4), np.array([1.0, 1.0, 0.0, 0.0]), np.array([1.0, 0.0, 1.0, 0.0])
    counts = np.array([500, 200, 100, 200])
    a, b = (weighted("accuracy", labels, said) for said in (said_a, said_b))
    once = paired_bootstrap(a, b, counts, resamples=4000, seed=1)
    a, b = (weighted("accuracy", np.repeat(labels, counts), np.repeat(said, counts)) for said in (said_a, said_b))
    each = paired_bootstrap(a, b, np.ones(1000, int), resamples=4000, seed=2)
    assert once.difference == pytest.approx(each.difference) == pytest.approx(0.1)
    # The difference of a row is 1, 0 or -1: its standard deviation is √0.29, that of the mean 0.017.
    for found in (once, each):
        assert found.low == pytest.approx(0.1 - 1.645 * 0.017, abs=0.004)
        assert found.high == pytest.approx(0.1 + 1.645 * 0.017, abs=0.004)
    assert once.rows == each.rows == 1000
