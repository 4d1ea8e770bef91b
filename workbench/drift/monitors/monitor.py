"""A monitor as it is recorded, and finding it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workbench.base.errors import NotFoundError
from workbench.drift.monitors.settings import Settings
from workbench.store.entities import read_entities
from workbench.store.hints import near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

KIND = "monitor"
WHOLE, ROWS = "whole", "rows="
"""How a source is divided that is not divided by time."""


class MonitorNotFoundError(NotFoundError):
    """No monitor has this name."""


@dataclass(frozen=True)
class Reference:
    """What windows are compared with.

    Attributes:
        shown: what people call it.
        rows: how many it had.
        digest: of its data, where that is recorded.
        baseline: SHA-256 of the stored baseline.
        estimator: SHA-256 of what performance is estimated with, or None.
        no_estimator: why there is none, where one was asked for.
    """

    shown: str
    rows: int
    digest: str | None
    baseline: str
    estimator: str | None = None
    no_estimator: str = ""


@dataclass(frozen=True)
class Mute:
    """The hook is quiet, by somebody's will.

    Attributes:
        who, reason: whose, and why.
        at_us, until_us: from when until when, microseconds since the epoch; until None is until somebody unmutes it.
    """

    who: str
    reason: str
    at_us: int
    until_us: int | None

    def holds(self, now_us: int) -> bool:
        """Whether it is quiet now."""
        return self.until_us is None or now_us < self.until_us


@dataclass(frozen=True)
class Problem:
    """Why the last run of a monitor came to nothing: what went wrong, and when it was met first."""

    message: str
    at_us: int


@dataclass(frozen=True)
class Examined:
    """How far a source has been looked at, with one baseline and one division.

    Attributes:
        baseline, divided: SHA-256 of the baseline, and what a window was.
        until_us: windows of time that begin earlier are done; of rows in a log, the time of the last row that is done.
        rows: rows that are done, of windows of rows.
        same: how many of them have the time of the last one.
    """

    baseline: str = ""
    divided: str = ""
    until_us: int = 0
    rows: int = 0
    same: int = 0


@dataclass(frozen=True)
class Monitor:
    """A named, stored, repeatable check.

    Attributes:
        id: made of the name, so that two copies of a project merge into one.
        name: what people call it.
        settings: what it was asked for.
        reference: what windows are compared with.
        version: id of the model's version, or empty.
        version_shown: `fraud/3`, or empty.
        inputs: the columns that the model takes, where its signature says so.
        divided: what a window is: a length of time, `1d`; `rows=1000`; or `whole`.
        time: the column of times, where there is one.
        registered_us: when its reference was stored last, microseconds since the epoch.
        created_us: when a monitor of this name was registered first.
        who: who registered it.
        examined: how far its source has been looked at.
        mute: whether and why the hook is quiet.
        problem: what kept the last run from its work.
    """

    id: str
    name: str
    settings: Settings
    reference: Reference
    version: str = ""
    version_shown: str = ""
    inputs: tuple[str, ...] = ()
    divided: str = WHOLE
    time: str = ""
    registered_us: int = 0
    created_us: int = 0
    who: str = ""
    examined: Examined = field(default_factory=Examined)
    mute: Mute | None = None
    problem: Problem | None = None


def monitor_id(name: str) -> str:
    """The id of the monitor of this name: 32 hex digits."""
    return sha256(f"monitor\0{name}".encode()).hexdigest()[:32]


def monitors(db: Connection) -> list[Monitor]:
    """Every monitor, by name."""
    found = [_monitor(key, fields) for key, fields in read_entities(db, KIND).items() if _is_there(fields)]
    return sorted(found, key=lambda monitor: monitor.name)


def find_monitor(db: Connection, name: str) -> Monitor:
    """The monitor of this name.

    Raises:
        MonitorNotFoundError: there is none; the hint names those that are called nearly so.
    """
    fields = read_entities(db, KIND, [monitor_id(name)]).get(monitor_id(name))
    if fields is None or not _is_there(fields):
        names = [monitor.name for monitor in monitors(db)]
        hint = near_matches(name, names) or ("workbench monitor list" if names else f"workbench monitor add {name} …")
        raise MonitorNotFoundError(f"no monitor is called {name}", hint)
    return _monitor(monitor_id(name), fields)


def _is_there(fields: Mapping[str, Any]) -> bool:
    return "removed_us" not in fields and "settings" in fields and "baseline" in fields


def _monitor(id: str, fields: Mapping[str, Any]) -> Monitor:
    examined, mute, problem = (fields.get(name) for name in ("examined", "mute", "problem"))
    return Monitor(
        id=id,
        name=fields["name"],
        settings=Settings.from_document(fields["settings"]),
        reference=Reference(
            fields.get("reference", ""),
            fields.get("reference_rows", 0),
            fields.get("reference_digest"),
            fields["baseline"],
            fields.get("estimator"),
            fields.get("no_estimator", ""),
        ),
        version=fields.get("version", ""),
        version_shown=fields.get("version_shown", ""),
        inputs=tuple(fields.get("inputs", ())),
        divided=fields.get("divided", WHOLE),
        time=fields.get("time", ""),
        registered_us=fields.get("registered_us", 0),
        created_us=fields.get("created_us", 0),
        who=fields.get("who", ""),
        examined=Examined(**examined) if examined else Examined(),
        mute=Mute(**mute) if mute else None,
        problem=Problem(**problem) if problem else None,
    )
