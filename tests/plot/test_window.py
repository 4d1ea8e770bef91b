"""Zooming and crosshairs along the x axis."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.plot.window import covers, next_x, union, zoomed

EXTENT = (0.0, 1000.0)


def test_zooming_in_keeps_the_newest_values_in_sight() -> None:
    assert zoomed(EXTENT, EXTENT, 0.5, None, whole=True) == (500.0, 1000.0)


def test_zooming_in_keeps_the_crosshair_where_it_is() -> None:
    assert zoomed(EXTENT, EXTENT, 0.5, 200.0, whole=False) == (100.0, 600.0)


def test_zooming_out_ends_at_the_whole_axis() -> None:
    assert zoomed((500.0, 1000.0), EXTENT, 2.0, None, whole=True) is None


def test_steps_are_whole_and_two_of_them_stay() -> None:
    assert zoomed((10.0, 12.0), EXTENT, 0.5, 11.0, whole=True) == (10.0, 12.0)
    low, high = zoomed((0.0, 333.0), EXTENT, 0.5, 100.0, whole=True) or (0.1, 0.1)
    assert (low, high) == (int(low), int(high))


@given(
    st.floats(0, 999),
    st.floats(1e-3, 1000),
    st.floats(0.1, 10),
    st.one_of(st.none(), st.floats(-10, 1010)),
    st.booleans(),
)
def test_what_is_shown_stays_within_what_there_is(
    low: float, width: float, factor: float, around: float | None, whole: bool
) -> None:
    found = zoomed((low, min(low + width, 1000.0)), EXTENT, factor, around, whole=whole)
    assert found is None or (EXTENT[0] - 1e-6 <= found[0] < found[1] <= EXTENT[1] + 1e-6)


def test_a_single_point_is_not_zoomed() -> None:
    assert zoomed((5.0, 5.0), (5.0, 5.0), 0.5, None, whole=True) is None


def test_ranges_are_joined_and_compared() -> None:
    assert union([(0.0, 5.0), None, (3.0, 9.0)]) == (0.0, 9.0)
    assert union([None]) is None
    assert covers(None, (1.0, 2.0))
    assert covers((0.0, 5.0), (1.0, 5.0))
    assert not covers((0.0, 5.0), None)
    assert not covers((0.0, 5.0), (1.0, 6.0))


def column(x: float) -> int | None:
    return int(x // 10) if 0 <= x < 500 else None


def test_a_crosshair_begins_at_the_newest_value_and_goes_from_point_to_point() -> None:
    curves = [[0.0, 100.0, 200.0], [105.0, 300.0, 900.0]]
    assert next_x(curves, None, -1, column) == 300.0
    assert next_x(curves, 300.0, -1, column) == 200.0
    assert next_x(curves, 200.0, -1, column) == 105.0
    assert next_x(curves, 105.0, 1, column) == 200.0


def test_a_crosshair_goes_on_by_columns_where_points_are_dense() -> None:
    dense = [[float(x) for x in range(500)]]
    assert next_x(dense, 100.0, 1, column) == 110.0
    assert next_x(dense, 100.0, 10, column) == 200.0
    assert next_x(dense, 100.0, -10, column) == 9.0


def test_a_crosshair_stops_at_the_ends_and_comes_back_into_sight() -> None:
    curves = [[0.0, 100.0, 300.0]]
    assert next_x(curves, 300.0, 1, column) == 300.0
    assert next_x(curves, 100.0, 99, column) == 300.0
    assert next_x(curves, 900.0, 1, column) == 300.0
    assert next_x([], 5.0, 1, column) == 5.0
