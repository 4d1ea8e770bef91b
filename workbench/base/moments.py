"""Times as people write them: a day, a moment, or how long ago."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86_400, "w": 604_800}
_SPAN = re.compile(r"([+-]?)\s*(\d+(?:\.\d+)?)\s*([smhdw])", re.IGNORECASE)


def parse_span(text: str) -> float | None:
    """Seconds of a span such as `90s`, `-2h`, `7d`, `1.5w`; None where `text` is not one."""
    match = _SPAN.fullmatch(text.strip())
    if match is None:
        return None
    sign, amount, unit = match.groups()
    return (-1 if sign == "-" else 1) * float(amount) * _UNITS_S[unit.lower()]


def parse_period(text: str, now_us: int) -> tuple[int, int] | None:
    """The time that a text names, as microseconds since the epoch, UTC: its begin, and the first one after it.

    Args:
        text: a day (`2026-11-03`), which is all of it; a moment (`2026-11-03 14:00`, `2026-11-03T13:00Z`,
            `… +01:00`), or an age as seen from now (`3d`, `2h`), which are one microsecond. Without a zone it is a
            time of this machine's zone.
        now_us: the present.

    Returns:
        None where `text` is none of these.
    """
    text = text.strip()
    try:
        span_s = parse_span(text)
        if span_s is not None:
            moment_us = now_us - round(abs(span_s) * 1e6)
            return moment_us, moment_us + 1
        try:
            day = date.fromisoformat(text)
        except ValueError:
            moment_us = _microseconds(datetime.fromisoformat(text))
            return moment_us, moment_us + 1
        begin = datetime(day.year, day.month, day.day)
        return _microseconds(begin), _microseconds(begin + timedelta(days=1))
    except (ValueError, OverflowError, OSError):
        return None


def _microseconds(moment: datetime) -> int:
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)
