"""The moving average."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.plot.smoothing import smooth

values = st.lists(st.floats(-1e6, 1e6), max_size=50)


@given(values, st.floats(0, 0.99))
def test_it_stays_between_the_extremes(numbers: list[float], weight: float) -> None:
    for smoothed in smooth(numbers, weight):
        assert min(numbers) - 1e-6 <= smoothed <= max(numbers) + 1e-6


@given(st.floats(-1e6, 1e6), st.floats(0, 0.99), st.integers(1, 50))
def test_a_constant_stays_what_it_is_from_the_first_value(value: float, weight: float, count: int) -> None:
    assert smooth([value] * count, weight) == pytest.approx([value] * count)


def test_without_weight_nothing_changes() -> None:
    assert smooth([1.0, 5.0, 2.0], 0) == [1.0, 5.0, 2.0]


def test_nan_and_infinities_stay_and_do_not_spread() -> None:
    smoothed = smooth([1.0, math.nan, 1.0, math.inf, 1.0], 0.5)
    assert math.isnan(smoothed[1])
    assert math.isinf(smoothed[3])
    assert [smoothed[0], smoothed[2], smoothed[4]] == [1.0, 1.0, 1.0]
