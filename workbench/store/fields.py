"""The attributes of a run that filters, sorts and columns may name, and how their values are written.

Attribute names follow MLflow where MLflow has one (`start_time`, `run_name`, `user_id`).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from workbench.base.moments import parse_span

Kind = Literal["text", "status", "time", "duration", "number", "bool"]

STATUSES = ("running", "finished", "failed", "killed", "crashed", "stale")
# Seconds; `$now` is bound by every query. A run that still runs lasts until now, a lost one until it was last heard of.
DURATION = (
    "(epoch_us(coalesce(r.ended_at, CASE WHEN r.status = 'running' THEN $now ELSE r.heartbeat_at END))"
    " - epoch_us(r.started_at)) / 1e6"
)


@dataclass(frozen=True)
class Attribute:
    """One attribute.

    Attributes:
        name: the name that output uses.
        kind: how its values are compared and written.
        sql: its value, for a row `r` of table `run`.
        aliases: other names it answers to.
    """

    name: str
    kind: Kind
    sql: str
    aliases: tuple[str, ...] = ()


_ALL = (
    Attribute("run_id", "text", "r.uid", ("id",)),
    Attribute("name", "text", "r.name", ("run_name", "run name")),
    Attribute("experiment", "text", "r.experiment", ("experiment_name",)),
    Attribute("status", "status", "r.status"),
    Attribute("started_at", "time", "r.started_at", ("start_time", "created")),
    Attribute("ended_at", "time", "r.ended_at", ("end_time",)),
    Attribute("duration_s", "duration", DURATION, ("duration",)),
    Attribute("user", "text", "r.user_name", ("user_id", "user_name")),
    Attribute("host", "text", "r.host"),
    Attribute("python", "text", "r.python"),
    Attribute("git_commit", "text", "r.git_commit", ("commit",)),
    Attribute("git_branch", "text", "r.git_branch", ("branch",)),
    Attribute("git_dirty", "bool", "r.git_dirty"),
    Attribute("parent_run_id", "text", "r.parent_uid", ("parent",)),
    Attribute("exit_code", "number", "r.exit_code"),
    Attribute("error", "text", "r.error"),
    Attribute("starred", "bool", "coalesce(r.starred, false)"),
    Attribute("deleted", "bool", "coalesce(r.deleted, false)"),
    Attribute("pinned", "bool", "coalesce(r.pinned, false)"),
    Attribute("note", "text", "nullif(r.note, '')"),
    Attribute("command", "text", "array_to_string(from_json(r.command, '[\"VARCHAR\"]'), ' ')"),
    Attribute("cwd", "text", "r.cwd"),
)
ATTRIBUTES = {attribute.name: attribute for attribute in _ALL}
_BY_ANY_NAME = {name: attribute for attribute in _ALL for name in (attribute.name, *attribute.aliases)}
ATTRIBUTE_NAMES = tuple(_BY_ANY_NAME)


def find_attribute(name: str) -> Attribute | None:
    """The attribute of this name or alias, in any case."""
    return _BY_ANY_NAME.get(name.lower())


def parse_time(value: str | float, now_us: int) -> datetime | None:
    """A point in time, UTC without a zone as the store keeps it; None where `value` is not one.

    Args:
        value: ISO 8601 (`2026-11-21`, `2026-11-21T07:41Z`, `… +02:00`; UTC where no zone is given), a span
            counted from now (`-2h`, `-7d`), or, as in MLflow, milliseconds since the epoch.
        now_us: the present, microseconds since the epoch.
    """
    try:
        if not isinstance(value, str):
            return time_of(round(value * 1e3))
        span_s = parse_span(value)
        if span_s is not None:
            return time_of(now_us + round(span_s * 1e6))
        moment = datetime.fromisoformat(value.strip())
        return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def time_of(time_us: int) -> datetime:
    """Microseconds since the epoch as the store keeps times: UTC, without a zone."""
    seconds, micros = divmod(time_us, 1_000_000)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micros, tzinfo=None)
