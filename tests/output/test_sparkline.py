"""A curve in one line."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from workbench.output.sparkline import sparkline


@given(st.lists(st.one_of(st.none(), st.floats()), max_size=300), st.integers(0, 60), st.booleans())
def test_it_has_exactly_the_width_and_never_raises(values: list[float | None], width: int, ascii: bool) -> None:
    line = sparkline(values, width, ascii=ascii)
    assert len(line) == width
    assert not ascii or line.isascii()


@given(st.integers(1, 2000), st.floats(0, 1, exclude_max=True), st.integers(1, 60), st.booleans())
def test_a_single_spike_survives(count: int, where: float, width: int, up: bool) -> None:
    values = [0.0] * (count + 1)
    values[int(where * count)] = 1.0 if up else -1.0
    assert ("█" if up else "▁") in sparkline(values, width)


def test_the_ends_of_the_floating_point_range_are_drawn() -> None:
    assert sparkline([0.0, 5e-324], 2) == "▁█"
    assert sparkline([-1.7e308, 0.0, 1.7e308], 3) == "▁▅█"


def test_low_to_high() -> None:
    assert sparkline([0, 1, 2, 3, 4, 5, 6, 7], 8) == "▁▂▃▄▅▆▇█"


def test_gaps_and_short_series() -> None:
    assert sparkline([0, math.nan, 1], 5) == "▁ █  "
    assert sparkline([], 4) == "    "
    assert sparkline([None], 2) == "  "


def test_a_constant_is_a_line_in_the_middle() -> None:
    assert sparkline([5.0] * 10, 3) == "▄▄▄"
