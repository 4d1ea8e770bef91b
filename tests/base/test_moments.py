"""Times as people write them."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import START_US
from workbench.base.moments import parse_period, parse_span

HOUR_US = 3600 * 1_000_000
DAY_US = 24 * HOUR_US
MIDNIGHT_US = 1_789_948_800_000_000
"""2026-09-21T00:00:00Z."""


@pytest.mark.parametrize(
    ("text", "span_s"),
    [("90s", 90), ("-2h", -7200), ("7d", 604_800), ("1.5w", 907_200), ("2 M", 120), ("d", None), ("7y", None)],
)
def test_spans_have_a_unit(text: str, span_s: float | None) -> None:
    assert parse_span(text) == span_s


@pytest.mark.parametrize(
    ("text", "begin_us", "length_us"),
    [
        ("2026-09-21", MIDNIGHT_US, DAY_US),
        ("20260921", MIDNIGHT_US, DAY_US),
        ("2026-09-21 01:00", MIDNIGHT_US + HOUR_US, 1),
        ("2026-09-21T00:00:00.000001Z", MIDNIGHT_US + 1, 1),
        ("2026-09-21T02:00+02:00", MIDNIGHT_US, 1),
        ("1969-12-31T23:59:59.5Z", -500_000, 1),
        ("3d", START_US - 3 * DAY_US, 1),
        ("-3d", START_US - 3 * DAY_US, 1),
    ],
)
def test_a_day_is_all_of_it_and_the_rest_are_moments(text: str, begin_us: int, length_us: int) -> None:
    assert parse_period(text, START_US) == (begin_us, begin_us + length_us)


@pytest.mark.parametrize(
    "text", ["", "soon", "2026-02-30", "2026-09", "12:00", "0001-01-01T00:00+23:00", f"{'9' * 400}w"]
)
def test_what_is_no_time_is_none(text: str) -> None:
    assert parse_period(text, START_US) is None


def test_a_day_of_a_zone_with_summer_time_has_as_many_hours_as_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    try:
        lengths = []
        for day in ("2026-03-29", "2026-07-01", "2026-10-25"):
            period = parse_period(day, START_US)
            assert period is not None
            lengths.append((period[1] - period[0]) // HOUR_US)
        assert lengths == [23, 24, 25]
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()


@given(st.text(max_size=20))
@settings(max_examples=100)
def test_any_text_is_a_time_or_none(text: str) -> None:
    period = parse_period(text, START_US)
    assert period is None or period[0] < period[1]
