"""Buckets keep extremes, order and gaps."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from workbench.plot.series import Series

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=200), st.integers(1, 50))
def test_buckets_keep_the_extremes_of_the_whole(points: list[tuple[float, float]], buckets: int) -> None:
    series = Series.from_points("y", [x for x, _ in points], [y for _, y in points], buckets=buckets)
    assert len(series.xs) <= max(buckets, 1)
    assert list(series.xs) == sorted(series.xs)
    assert min(series.lows) == min(y for _, y in points)
    assert max(series.highs) == max(y for _, y in points)


def test_few_points_are_kept_as_they_are() -> None:
    series = Series.from_points("y", [0, 1, 2], [1.0, None, math.inf])
    assert list(series.xs) == [0, 1, 2]
    assert series.lasts[0] == 1.0
    assert math.isnan(series.lasts[1])
    assert math.isnan(series.lasts[2])


def test_points_in_any_order_are_put_in_order() -> None:
    series = Series.from_points("y", [2, math.nan, 0, 1], [2.0, 9.0, 0.0, 1.0])
    assert list(series.xs) == [0, 1, 2]
    assert list(series.lasts) == [0.0, 1.0, 2.0]


def test_a_bucket_of_nothing_but_nan_is_a_gap() -> None:
    ys = [1.0] * 100 + [math.nan] * 100 + [2.0] * 100
    series = Series.from_points("y", range(300), ys, buckets=3)
    assert [math.isnan(value) for value in series.lows] == [False, True, False]


def test_the_value_nearest_to_an_x_is_found() -> None:
    series = Series.from_points("y", [0, 10, 20], [1.0, 2.0, 3.0])
    assert series.value_at(12) == (10, 2.0)
    assert Series("empty").value_at(1) is None


def test_a_curve_of_the_store_becomes_a_series() -> None:
    class Curve:
        xs = (0, 5)
        lows = (1.0, None)
        highs = (2.0, None)
        lasts = (1.5, None)

    series = Series.from_curve("loss", Curve())
    assert series.highs[0] == 2.0
    assert math.isnan(series.lasts[1])


def test_a_series_has_no_value_beyond_its_ends() -> None:
    series = Series.from_points("y", [0, 10, 20], [1.0, 2.0, 3.0])
    assert series.value_at(30) == (20, 3.0)
    assert series.value_at(31) is None
    assert series.value_at(-11) is None
    assert series.value_at(math.nan) is None
    alone = Series.from_points("y", [5], [1.0])
    assert (alone.value_at(5), alone.value_at(6)) == ((5, 1.0), None)


def test_a_part_of_a_series_goes_on_to_its_neighbours() -> None:
    series = Series.from_points("y", [0, 10, 20, 30, 40], [0.0, 1.0, 2.0, 3.0, 4.0])
    assert list(series.between(15, 25).xs) == [10, 20, 30]
    assert list(series.within(15, 25).xs) == [20]
    assert list(series.between(11, 19).xs) == [10, 20]
    assert series.between(0, 40) is series
    fine = Series.from_points("y", [16, 20, 24], [1.6, 2.0, 2.4])
    extended = fine.extended(series, 15, 25)
    assert (list(extended.xs), list(extended.lasts)) == ([10, 16, 20, 24, 30], [1.0, 1.6, 2.0, 2.4, 3.0])
    assert list(fine.extended(Series("none"), 15, 25).xs) == [16, 20, 24]
