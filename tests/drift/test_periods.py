"""Lengths of windows: what a moment lies in, and what people write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import InputError
from workbench.drift.periods import Period, duration_us, moment_us

PERIODS = st.builds(Period, st.integers(1, 40), st.sampled_from(["s", "m", "h", "d", "w", "mo", "y"]))
MOMENTS = st.integers(0, 4_000_000_000_000_000)


@given(PERIODS, MOMENTS)
def test_every_moment_lies_in_exactly_one_window(period: Period, moment: int) -> None:
    start = period.floor(moment)
    assert start <= moment < period.after(start)
    assert period.floor(start) == start
    assert period.floor(period.after(start)) == period.after(start)


def test_weeks_begin_on_mondays_and_months_on_their_first_day() -> None:
    moment = moment_us("2026-11-19T13:00")
    assert Period.parsed("1w").floor(moment) == moment_us("2026-11-16")
    assert Period.parsed("1mo").floor(moment) == moment_us("2026-11-01")
    assert Period.parsed("3mo").floor(moment) == moment_us("2026-10-01")
    assert Period.parsed("6h").floor(moment) == moment_us("2026-11-19T12:00")
    assert Period.parsed("6h").name(moment_us("2026-11-19T12:00")) == "2026-11-19 12:00"
    assert Period.parsed("1mo").name(moment_us("2026-11-01")) == "2026-11"


@pytest.mark.parametrize("text", ["", "d", "0d", "1", "1x", "-1d", "1.5d", "1d1h"])
def test_what_is_no_length_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        Period.parsed(text)


@pytest.mark.parametrize(
    ("text", "length_s"), [("0s", 0), ("90s", 90), (" 30m", 1800), ("36h", 129_600), ("2w", 1_209_600)]
)
def test_a_length_of_time_is_read(text: str, length_s: int) -> None:
    assert duration_us(text) == length_s * 1_000_000


def test_moments_are_utc_unless_they_say_otherwise() -> None:
    assert moment_us("2026-11-21") == 1_795_219_200_000_000
    assert moment_us("2026-11-21T01:00+01:00") == moment_us("2026-11-21")
    for text in ("yesterday", "2026-13-01", ""):
        with pytest.raises(InputError):
            moment_us(text)
    with pytest.raises(InputError):
        duration_us("1mo")
