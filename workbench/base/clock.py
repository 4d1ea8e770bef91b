"""The one place that asks for the time, so that tests can set it."""

from __future__ import annotations

import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

now_ns: Callable[[], int] = time.time_ns
"""Nanoseconds since the Unix epoch. Always `clock.now_ns()`, never imported by name: `set_clock` replaces it."""


def now_us() -> int:
    """Microseconds since the Unix epoch, UTC."""
    return now_ns() // 1000


def set_clock(source: Callable[[], int] | None) -> None:
    """Replace the source of the time (nanoseconds since the epoch); None restores the system's."""
    global now_ns
    now_ns = source or time.time_ns


def iso_utc(time_us: int) -> str:
    """ISO 8601 in UTC with `Z` and microseconds: `2026-11-21T07:41:00.000000Z`."""
    seconds, micros = divmod(time_us, 1_000_000)
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds)) + f".{micros:06d}Z"
