"""Values as text: one function per kind of column."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from workbench.base.numbers import format_age, format_duration, format_number, format_size
from workbench.output.cells import visible
from workbench.output.marks import MISSING, status_mark
from workbench.output.spans import Span

KINDS = ("text", "number", "percent", "duration", "age", "time", "size", "status", "bool", "json")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMERIC_KINDS = frozenset({"number", "percent", "duration", "age", "size"})

_NONFINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def format_cell(value: object, kind: str, now_us: int) -> Span:
    """`value` as one line of text with its style; None is `–`, a value that does not fit the kind is shown as it is.

    Args:
        value: a typed value; see `Column` for what each kind takes.
        kind: one of `KINDS`.
        now_us: microseconds since the epoch, for ages.
    """
    if value is None:
        return MISSING, "dim"
    try:
        return _FORMATS[kind](value, now_us)
    except (TypeError, ValueError, OverflowError):
        return as_text(value), ""


def as_text(value: object) -> str:
    """Any value on one line: strings as they are, numbers as everywhere, lists and objects as JSON."""
    if isinstance(value, str):
        return visible(value)
    if isinstance(value, (bool, int, float)):
        return format_number(value)
    if isinstance(value, (dict, list, tuple)):
        return visible(json.dumps(value, ensure_ascii=False, default=str))
    return visible(str(value))


def as_number(value: object) -> float | int | None:
    """`value` as a number: also the strings that stand for NaN and infinities in JSON; None for anything else."""
    if isinstance(value, bool):
        return None
    if isinstance(value, (int, float)):
        return value
    return _NONFINITE.get(value) if isinstance(value, str) else None


def as_datetime(value: object) -> datetime:
    """A moment in UTC from a datetime (naive: UTC), ISO 8601 text, or microseconds since the epoch.

    Raises:
        ValueError, TypeError, OverflowError: it is none of these.
    """
    if isinstance(value, datetime):
        moment = value
    elif isinstance(value, str):
        moment = datetime.fromisoformat(value)
    elif isinstance(value, int) and not isinstance(value, bool):
        moment = EPOCH + timedelta(microseconds=value)
    else:
        raise TypeError(f"{type(value).__name__} is no moment")
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def _number(value: object) -> float | int:
    number = as_number(value)
    if number is None:
        raise TypeError
    return number


def _status(value: object, now_us: int) -> Span:
    mark, style = status_mark(str(value))
    return f"{mark} {visible(str(value))}", style


def _time(value: object, now_us: int) -> Span:
    return as_datetime(value).astimezone().strftime("%Y-%m-%d %H:%M:%S"), ""


def _age(value: object, now_us: int) -> Span:
    return format_age(max(0.0, now_us / 1e6 - as_datetime(value).timestamp())), ""


def _bool(value: object, now_us: int) -> Span:
    if not isinstance(value, bool):
        raise TypeError
    return ("✓", "good") if value else ("✗", "dim")


_FORMATS: dict[str, Callable[[object, int], Span]] = {
    "text": lambda value, now_us: (as_text(value), ""),
    "json": lambda value, now_us: (visible(json.dumps(value, ensure_ascii=False, default=str)), ""),
    "number": lambda value, now_us: (format_number(_number(value)), ""),
    "percent": lambda value, now_us: (f"{format_number(100 * _number(value), 3)} %", ""),
    "duration": lambda value, now_us: (format_duration(_number(value)), ""),
    "size": lambda value, now_us: (format_size(_number(value)), ""),
    "age": _age,
    "time": _time,
    "status": _status,
    "bool": _bool,
}
