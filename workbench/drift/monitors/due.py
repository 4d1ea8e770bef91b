"""Which windows of a monitor are closed and have no result yet: arithmetic over times, nothing is read."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.drift.monitors.monitor import ROWS, WHOLE, Examined, Monitor
from workbench.drift.periods import Period

MOST_WINDOWS = 1000
"""Windows that one run looks at; the next run goes on."""


@dataclass(frozen=True)
class Window:
    """A piece of a source.

    Attributes:
        key: how the source is divided and where the piece begins, `1d/1790000000000000`.
        name: what people call it.
        position_us: where it lies in time, for sorting.
        start_us, end_us: the moments that it covers, the end excluded; None where rows have no time.
        first_row: the number of its first row, from 0; None for windows of time.
        rows: how many rows it has, where that is what makes it a window.
    """

    key: str
    name: str
    position_us: int
    start_us: int | None = None
    end_us: int | None = None
    first_row: int | None = None
    rows: int | None = None


@dataclass(frozen=True)
class Closed:
    """Windows of time that are closed.

    Attributes:
        windows: at most `MOST_WINDOWS`, the oldest first.
        until_us: where the next one begins.
        more: whether there are more that are closed.
    """

    windows: tuple[Window, ...]
    until_us: int
    more: bool = False


def by_time(monitor: Monitor) -> bool:
    """Whether windows are lengths of time."""
    return monitor.divided != WHOLE and not monitor.divided.startswith(ROWS)


def examined(monitor: Monitor) -> Examined:
    """How far its source was looked at as it is compared and divided now."""
    found = monitor.examined
    same = found.baseline == monitor.reference.baseline and found.divided == monitor.divided
    return found if same else Examined(monitor.reference.baseline, monitor.divided)


def next_due_us(monitor: Monitor) -> int | None:
    """When the next window of time is closed, microseconds since the epoch; None where the source decides it."""
    if not by_time(monitor):
        return None
    done = examined(monitor)
    if not done.until_us:
        return monitor.registered_us
    return Period.parsed(monitor.divided).after(done.until_us) + monitor.settings.grace_us


def closed_windows(
    monitor: Monitor,
    first_us: int | None,
    last_us: int | None,
    now_us: int,
    *,
    since_us: int | None = None,
    again: bool = False,
) -> Closed:
    """The windows of time that are closed and not done.

    They begin with the first row, or with the registration where there is none. One without rows is a window too, but
    not where it had ended before the monitor was registered and no row came after it.

    Args:
        first_us, last_us: the times of the first and the last row; None where there is none.
        now_us: windows that end later than the grace before it are open.
        since_us: no window that begins earlier.
        again: also those that are done.
    """
    period = Period.parsed(monitor.divided)
    start_us = examined(monitor).until_us
    if again or not start_us:
        start_us = period.floor(monitor.registered_us if first_us is None else first_us)
    if since_us is not None:
        floor_us = period.floor(since_us)
        start_us = max(start_us, floor_us if floor_us == since_us else period.after(floor_us))
    closed_us = now_us - monitor.settings.grace_us
    found: list[Window] = []
    while (end_us := period.after(start_us)) <= closed_us:
        if end_us <= monitor.registered_us and (last_us is None or last_us < start_us):
            start_us = max(end_us, period.floor(monitor.registered_us))  # nothing until the registration
            continue
        if len(found) == MOST_WINDOWS:
            return Closed(tuple(found), start_us, more=True)
        found.append(Window(f"{monitor.divided}/{start_us}", period.name(start_us), end_us, start_us, end_us))
        start_us = end_us
    return Closed(tuple(found), start_us)
