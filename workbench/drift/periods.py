"""Lengths of time as people write them, and the windows of that length that time is divided into."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.base.errors import InputError

SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 7 * 86_400}
"""Units of a fixed length."""
MONTHS = {"mo": 1, "y": 12}
_TEXT = re.compile(r"(\d{1,6})\s*(s|m|h|d|w|mo|y)")
_MONDAY_S = -3 * 86_400
"""1969-12-29, the Monday from which weeks are counted; seconds since the epoch."""


@dataclass(frozen=True)
class Period:
    """A length of windows: windows begin at whole ones, UTC; weeks on Mondays, months on their first day.

    Attributes:
        count: how many units.
        unit: `s`, `m`, `h`, `d`, `w`, `mo` or `y`.
    """

    count: int
    unit: str

    @classmethod
    def parsed(cls, text: str) -> Period:
        """`1d`, `6h`, `1w`, `1mo`.

        Raises:
            InputError: it is none.
        """
        match = _TEXT.fullmatch(text.strip())
        if match is None or not int(match[1]):
            raise InputError(f"{text!r} is no length of windows", "1h, 6h, 1d, 1w or 1mo, for example")
        return cls(int(match[1]), match[2])

    def floor(self, time_us: int) -> int:
        """When the window begins that a moment lies in; microseconds since the epoch."""
        if self.unit in SECONDS:
            length_us = self.count * SECONDS[self.unit] * 1_000_000
            origin_us = _MONDAY_S * 1_000_000 if self.unit == "w" else 0
            return (time_us - origin_us) // length_us * length_us + origin_us
        moment = datetime.fromtimestamp(time_us // 1_000_000, UTC)
        months = moment.year * 12 + moment.month - 1
        return _month_us(months // self._months * self._months)

    def after(self, start_us: int) -> int:
        """When the window ends that begins at `start_us`."""
        if self.unit in SECONDS:
            return start_us + self.count * SECONDS[self.unit] * 1_000_000
        moment = datetime.fromtimestamp(start_us // 1_000_000, UTC)
        return _month_us(moment.year * 12 + moment.month - 1 + self._months)

    def name(self, start_us: int) -> str:
        """What people call the window that begins then: its first moment, as short as the unit allows."""
        moment = datetime.fromtimestamp(start_us / 1_000_000, UTC)
        if self.unit in MONTHS:
            return f"{moment:%Y-%m}"
        if self.unit == "s":
            return f"{moment:%Y-%m-%d %H:%M:%S}"
        return f"{moment:%Y-%m-%d}" if self.unit in ("d", "w") else f"{moment:%Y-%m-%d %H:%M}"

    @property
    def _months(self) -> int:
        return self.count * MONTHS[self.unit]

    def __str__(self) -> str:
        return f"{self.count}{self.unit}"


def duration_us(text: str) -> int:
    """A length of time of a fixed unit, `90s`, `1h`, `2d`, in microseconds.

    Raises:
        InputError: it is none.
    """
    match = _TEXT.fullmatch(text.strip())
    if match is None or match[2] not in SECONDS:
        raise InputError(f"{text!r} is no length of time", "30m, 1h, 2d or 1w, for example")
    return int(match[1]) * SECONDS[match[2]] * 1_000_000


def moment_us(text: str) -> int:
    """A moment as people write it, ISO 8601 (`2026-11-21`, `2026-11-21T07:00`), UTC where it has no zone.

    Returns:
        Microseconds since the epoch.

    Raises:
        InputError: it is none.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(f"{text!r} is no date", "2026-11-21 or 2026-11-21T07:00") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return round(moment.timestamp()) * 1_000_000


def moment_text(time_us: int) -> str:
    """A moment for people: `2026-11-21 07:00:00`, UTC."""
    return f"{datetime.fromtimestamp(time_us // 1_000_000, UTC):%Y-%m-%d %H:%M:%S}"


def _month_us(months: int) -> int:
    year, month = divmod(months, 12)
    try:
        return int(datetime(year, month + 1, 1, tzinfo=UTC).timestamp()) * 1_000_000
    except ValueError:
        raise InputError("the window reaches beyond the calendar", "choose a shorter one") from None
