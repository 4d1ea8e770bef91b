"""Ticks are round, distinct and do not overlap."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.plot.axis import Scale, duration_label, tick_label, x_ticks, y_ticks

finite = st.floats(allow_nan=False, allow_infinity=False)


@given(finite, finite, st.integers(1, 40), st.booleans())
def test_labels_of_the_y_axis_have_one_width_and_lie_on_it(a: float, b: float, rows: int, log: bool) -> None:
    if log and (a <= 0 or b <= 0):
        return
    ticks = y_ticks(Scale.around(a, b, log=log), rows)
    assert all(0 <= row < rows for row in ticks)
    assert len({len(label) for label in ticks.values()}) == 1


@given(finite, finite, st.integers(1, 200), st.booleans())
def test_labels_of_the_x_axis_fit_and_do_not_touch(a: float, b: float, columns: int, time: bool) -> None:
    end = 0
    for start, label in sorted(x_ticks(Scale.around(a, b), columns, time=time).items()):
        assert start >= end
        end = start + len(label) + 1
        assert start + len(label) <= columns


@given(finite, finite, st.floats(0, 1))
def test_share_and_value_are_inverse(a: float, b: float, share: float) -> None:
    scale = Scale.around(a, b)
    assert abs(scale.share(scale.value(share)) - share) < 0.01


def test_close_values_get_the_digits_that_tell_them_apart() -> None:
    labels = y_ticks(Scale(0.93121, 0.93129), 12).values()
    assert len(set(labels)) == len(labels)
    assert "0.93121" in {label.strip() for label in labels}


def test_labels_stand_on_their_decimal_points() -> None:
    labels = list(y_ticks(Scale(0.1187, 12.5), 10).values())
    assert {label.index(".") for label in labels if "." in label} == {2}


def test_large_and_small_numbers_stay_short() -> None:
    assert tick_label(1234.0) == "1,234"
    assert tick_label(2_500_000_000.0) == "2.5e9"
    assert tick_label(1.2e-7) == "1.2e-7"


def test_durations_take_the_shortest_form() -> None:
    assert [duration_label(s) for s in (0, 0.5, 45, 90, 3600, 5400, 86400, 129600)] == [
        "0",
        "0.5s",
        "45s",
        "1m30s",
        "1h",
        "1h30m",
        "1d",
        "1d12h",
    ]


def test_steps_are_whole_numbers() -> None:
    labels = x_ticks(Scale(0, 3), 100).values()
    assert set(labels) == {"0", "1", "2", "3"}
