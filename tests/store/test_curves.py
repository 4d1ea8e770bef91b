"""Curves reduced to the columns of a chart."""

from __future__ import annotations

import math
from functools import cache

import pytest
from duckdb import DuckDBPyConnection as Connection
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.store.synthetic import add_run, empty_store
from workbench.base.errors import InputError, MetricNotFoundError
from workbench.store.curves import Axis
from workbench.store.metrics import curve, curves


@cache
def shared_store() -> Connection:
    return empty_store()


def test_short_curves_keep_every_point() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [3.0, 1.0, 2.0]})
    one = curve(db, uid, "loss", width=3)
    assert (one.columns, one.xs) == ([0, 1, 2], [0.0, 1.0, 2.0])
    assert one.lows == one.highs == one.firsts == one.lasts == [3.0, 1.0, 2.0]
    assert (one.x_range, one.n_points, one.n_nan, one.n_infinite) == ((0.0, 2.0), 3, 0, 0)


def test_a_single_point_is_a_curve() -> None:
    db = empty_store()
    one = curve(db, add_run(db, "a", metrics={"loss": [(7, 3.0)]}), "loss", width=10)
    assert (one.columns, one.xs, one.x_range) == ([0], [7.0], (7.0, 7.0))


def test_a_column_has_its_first_and_last_value_and_extremes() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [5.0, 9.0, 1.0, 4.0, 7.0, 7.0, 7.0, 8.0]})
    one = curve(db, uid, "loss", width=2)
    assert (one.firsts, one.highs, one.lows, one.lasts) == ([5.0, 7.0], [9.0, 8.0], [1.0, 7.0], [4.0, 8.0])
    assert one.xs == [3.0, 7.0]


def test_values_that_are_not_finite_are_counted_not_drawn() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [1.0, math.nan, math.inf, 2.0], "bad": [math.nan, math.nan]})
    one = curve(db, uid, "loss", width=4)
    assert (one.columns, one.n_points, one.n_nan, one.n_infinite) == ([0, 3], 4, 1, 1)
    bad = curve(db, uid, "bad", width=4)
    assert (bad.columns, bad.n_nan) == ([], 2)


def test_runs_lie_over_each_other_on_one_range() -> None:
    db = empty_store()
    short = add_run(db, "a", metrics={"loss": [1.0, 2.0]})
    long = add_run(db, "b", metrics={"loss": [(step, 1.0) for step in range(0, 101, 10)]})
    none = add_run(db, "c", metrics={"auc": [1.0]})
    drawn = curves(db, [long, none, short], "loss", width=10)
    assert [one.uid for one in drawn] == [long, short]
    assert {one.x_range for one in drawn} == {(0.0, 100.0)}
    assert (drawn[1].columns, drawn[1].lasts) == ([0], [2.0])


def test_time_counts_seconds_from_the_start_of_each_run() -> None:
    db = empty_store()
    uids = [add_run(db, name, metrics={"loss": [(0, 1.0, 500_000), (1, 2.0, 2_500_000)]}) for name in "ab"]
    for one in curves(db, uids, "loss", width=4, x="time"):
        assert one.xs == [0.5, 2.5]
        assert one.x_range == (0.5, 2.5)


def test_a_run_without_a_start_counts_from_its_first_point() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [(0, 1.0, 500_000), (1, 2.0, 2_500_000)]}, started_at=None)
    assert curve(db, uid, "loss", width=4, x="time").xs == [0.0, 2.0]


def test_a_range_zooms_in() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [float(step) for step in range(100)]})
    one = curve(db, uid, "loss", width=10, x_range=(50, 59))
    assert (one.n_points, one.lows, one.xs[0]) == (10, [float(step) for step in range(50, 60)], 50.0)
    empty = curve(db, uid, "loss", width=10, x_range=(1000, 2000))
    assert (empty.n_points, empty.columns) == (0, [])


def test_a_resumed_run_ends_each_column_with_what_it_logged_last() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [(0, 1.0, 0), (1, 2.0, 1), (2, 3.0, 2), (1, 9.0, 3), (2, 8.0, 4)]})
    assert curve(db, uid, "loss", width=1).lasts == [8.0]


def test_mistakes_are_errors() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [1.0]})
    with pytest.raises(MetricNotFoundError):
        curve(db, uid, "los", width=10)
    with pytest.raises(InputError):
        curve(db, uid, "loss", width=0)
    with pytest.raises(InputError):
        curve(db, uid, "loss", width=10, x_range=(2, 2))


@settings(max_examples=50, deadline=None)
@given(
    points=st.lists(st.tuples(st.integers(-(10**6), 10**6), st.floats(-1e9, 1e9)), min_size=1, max_size=40),
    width=st.integers(1, 30),
)
def test_no_extreme_is_ever_lost(points: list[tuple[int, float]], width: int) -> None:
    db = shared_store()
    uid = add_run(db, "a", metrics={"m": points})
    one = curve(db, uid, "m", width=width)
    assert max(one.highs) == max(value for _, value in points)
    assert min(one.lows) == min(value for _, value in points)
    assert one.n_points == len(points)
    assert one.columns == sorted(set(one.columns))
    assert all(0 <= column < width for column in one.columns)
    assert one.xs == sorted(one.xs)
    assert one.xs[-1] == max(step for step, _ in points)


def test_steps_at_the_ends_of_64_bits_are_drawn() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"m": [(-(2**63) + 1, 1.0, 0), (2**63 - 1, 2.0, 1)]})
    assert curve(db, uid, "m", width=8).columns == [0, 7]


POINTS = st.lists(
    st.tuples(
        st.integers(0, 60),
        st.one_of(st.floats(-1e3, 1e3), st.sampled_from([math.nan, math.inf, -math.inf])),
    ),
    min_size=1,
    max_size=40,
)
EDGES = st.tuples(st.integers(-10, 70), st.integers(-10, 70)).filter(lambda edges: edges[0] < edges[1])


@settings(max_examples=60, deadline=None)
@given(runs=st.lists(POINTS, min_size=1, max_size=3), width=st.integers(1, 12), edges=st.none() | EDGES)
@pytest.mark.parametrize("axis", ["step", "time"])
def test_every_column_is_what_its_points_say(
    axis: Axis, runs: list[list[tuple[int, float]]], width: int, edges: tuple[int, int] | None
) -> None:
    db = empty_store()
    # Logged in the order of the list, a second apart: steps jump back as those of a resumed run do.
    logged = [[(step, value, index * 1_000_000) for index, (step, value) in enumerate(run)] for run in runs]
    uids = [add_run(db, "a", metrics={"m": points}) for points in logged]
    drawn = curves(db, uids, "m", width=width, x=axis, x_range=edges)
    xs = [[float(point[0] if axis == "step" else index) for index, point in enumerate(run)] for run in logged]
    low, high = edges or (min(map(min, xs)), max(map(max, xs)))
    unit = 1.0 if axis == "step" else 1e6  # what is counted in, so that a point between two columns rounds alike
    scale = width / (high * unit - low * unit) if high > low else 0.0
    for one, run, positions in zip(drawn, logged, xs, strict=True):
        seen = [(x, value) for x, (_, value, _) in zip(positions, run, strict=True) if low <= x <= high]
        finite: dict[int, list[tuple[float, float]]] = {}
        for x, value in seen:
            if math.isfinite(value):
                finite.setdefault(min(int((x * unit - low * unit) * scale), width - 1), []).append((x, value))
        assert one.x_range == (low, high)
        assert one.columns == sorted(finite)
        values = [[value for _, value in finite[column]] for column in one.columns]
        assert (one.lows, one.highs) == ([min(group) for group in values], [max(group) for group in values])
        assert (one.firsts, one.lasts) == ([group[0] for group in values], [group[-1] for group in values])
        assert one.n_points == len(seen)
        assert one.n_nan == sum(math.isnan(value) for _, value in seen)
        assert one.n_infinite == sum(math.isinf(value) for _, value in seen)


def test_a_range_of_time_may_be_as_wide_as_it_likes() -> None:
    db = empty_store()
    uid = add_run(db, "a", metrics={"loss": [(0, 1.0, 500_000), (1, 2.0, 2_500_000)]})
    assert curve(db, uid, "loss", width=4, x="time", x_range=(-1e300, 1e300)).n_points == 2
