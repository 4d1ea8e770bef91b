"""Which windows are closed and not done: arithmetic that leaves no moment out."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from workbench.drift.monitors.due import MOST_WINDOWS, closed_windows, next_due_us
from workbench.drift.monitors.monitor import Examined, Monitor, Reference
from workbench.drift.monitors.settings import Settings

DAY, HOUR = 86_400_000_000, 3_600_000_000
MONITOR = Monitor(
    "i", "m", Settings("deployment:shop", grace="1h"), Reference("train", 1, None, "b" * 64), divided="1d", time="ts",
    registered_us=10 * DAY + 5,
)  # fmt: skip


def done(until_us: int, monitor: Monitor = MONITOR) -> Monitor:
    return replace(monitor, examined=Examined(monitor.reference.baseline, monitor.divided, until_us))


def days(*found: int) -> list[int]:
    return [day * DAY for day in found]


def starts(monitor: Monitor, first: int | None, last: int | None, now: int, **asked: int | bool) -> list[int | None]:
    return [window.start_us for window in closed_windows(monitor, first, last, now, **asked).windows]  # type: ignore[arg-type]


def test_windows_begin_with_the_first_row_and_end_with_the_grace() -> None:
    assert starts(MONITOR, 7 * DAY + 1, 10 * DAY, 11 * DAY + HOUR) == days(7, 8, 9, 10)
    assert starts(MONITOR, 7 * DAY + 1, 10 * DAY, 11 * DAY + HOUR - 1) == days(7, 8, 9)


def test_days_without_rows_before_the_registration_are_no_windows() -> None:
    assert starts(MONITOR, 2 * DAY, 3 * DAY + 5, 12 * DAY + HOUR) == days(2, 3, 10, 11)
    assert starts(MONITOR, None, None, 12 * DAY + HOUR) == days(10, 11)


def test_what_is_done_is_not_looked_at_again_unless_asked_for() -> None:
    assert starts(done(9 * DAY), None, None, 11 * DAY + HOUR) == days(10)
    assert starts(done(9 * DAY), 7 * DAY, 10 * DAY, 11 * DAY + HOUR) == days(9, 10)
    assert starts(done(9 * DAY), 7 * DAY, 10 * DAY, 11 * DAY + HOUR, again=True) == days(7, 8, 9, 10)
    other = replace(done(9 * DAY), reference=replace(MONITOR.reference, baseline="c" * 64))
    assert starts(other, 7 * DAY, 10 * DAY, 11 * DAY + HOUR) == days(7, 8, 9, 10)


def test_since_leaves_out_windows_that_begin_earlier() -> None:
    assert starts(MONITOR, 7 * DAY, 10 * DAY, 11 * DAY + HOUR, since_us=9 * DAY) == days(9, 10)
    assert starts(MONITOR, 7 * DAY, 10 * DAY, 11 * DAY + HOUR, since_us=9 * DAY + 1) == days(10)


def test_a_run_takes_a_thousand_windows_and_the_next_goes_on() -> None:
    hourly = replace(MONITOR, divided="1h")
    first = closed_windows(hourly, 0, 60 * DAY, 60 * DAY)
    assert (len(first.windows), first.more, first.until_us) == (MOST_WINDOWS, True, MOST_WINDOWS * HOUR)
    second = closed_windows(done(first.until_us, hourly), 0, 60 * DAY, 60 * DAY)
    assert (second.windows[0].start_us, second.more) == (MOST_WINDOWS * HOUR, False)


@given(st.lists(st.integers(0, 40 * DAY), min_size=1, max_size=6).map(sorted), st.integers(0, 30 * DAY))
def test_however_often_it_is_asked_each_window_comes_once(moments: list[int], first: int) -> None:
    """Runs at any times find together what one run at the last of these times finds."""
    monitor, found = MONITOR, []
    for now in moments:
        closed = closed_windows(monitor, first, 40 * DAY, now)
        found += [window.key for window in closed.windows]
        monitor = done(closed.until_us)
    assert found == [window.key for window in closed_windows(MONITOR, first, 40 * DAY, moments[-1]).windows]


def test_the_next_window_is_due_when_its_grace_is_over() -> None:
    assert next_due_us(MONITOR) == MONITOR.registered_us
    assert next_due_us(done(11 * DAY)) == 12 * DAY + HOUR
    assert next_due_us(replace(MONITOR, divided="whole")) is None
    assert next_due_us(replace(MONITOR, divided="rows=10")) is None
