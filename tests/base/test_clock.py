from __future__ import annotations

import time

import pytest

from tests.conftest import START_US, FakeClock
from workbench.base.clock import iso_utc, now_us, set_clock


def test_the_clock_is_the_systems_unless_it_is_set() -> None:
    before = time.time_ns() // 1000
    assert before <= now_us() <= time.time_ns() // 1000


def test_a_test_moves_the_clock_by_itself(clock: FakeClock) -> None:
    assert now_us() == START_US
    clock.advance(1.5)
    assert now_us() == START_US + 1_500_000


def test_the_systems_clock_can_be_restored(clock: FakeClock) -> None:
    set_clock(None)
    assert abs(now_us() - time.time_ns() // 1000) < 60_000_000


@pytest.mark.parametrize(
    ("time_us", "text"),
    [
        (0, "1970-01-01T00:00:00.000000Z"),
        (START_US, "2026-09-21T14:13:20.000000Z"),
        (START_US + 1, "2026-09-21T14:13:20.000001Z"),
        (-1, "1969-12-31T23:59:59.999999Z"),
    ],
)
def test_a_time_is_written_in_utc(time_us: int, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Pacific/Auckland")
    time.tzset()
    try:
        assert iso_utc(time_us) == text
    finally:
        monkeypatch.undo()
        time.tzset()
