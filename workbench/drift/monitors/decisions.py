"""What people decide about alerts: that they have seen one, and that the hook be quiet for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.errors import InputError, NotFoundError
from workbench.base.project import Project
from workbench.drift.monitors.alerts import Alert, alert_id
from workbench.drift.monitors.monitor import KIND, Monitor, Mute
from workbench.drift.monitors.results import course
from workbench.store.entities import latest_us, read_entities
from workbench.store.writing import project_journal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

ALERT = "monitor_alert"


@dataclass(frozen=True)
class Acknowledgement:
    """Somebody has seen an alert: who, why it may stand, and when, microseconds since the epoch."""

    who: str
    reason: str
    at_us: int


@dataclass(frozen=True)
class HookRun:
    """What became of the command of an alert.

    Attributes:
        state: `raised` or `cleared`.
        at_us: when, microseconds since the epoch.
        outcome: `done`, `failed`, `timeout` or `quiet`.
        detail: what it said where it failed, or why it was quiet.
        duration_s: how long it took.
    """

    state: str
    at_us: int
    outcome: str
    detail: str = ""
    duration_s: float = 0.0


@dataclass(frozen=True)
class Handling:
    """What was done about an alert."""

    acknowledged: Acknowledgement | None = None
    hooks: tuple[HookRun, ...] = ()


def handling(db: Connection, monitor_id: str, alert: Alert) -> Handling:
    """What was done about an alert."""
    return handlings(db, {monitor_id: alert})[monitor_id]


def handlings(db: Connection, alerts: Mapping[str, Alert]) -> dict[str, Handling]:
    """What was done about alerts, by id of the monitor."""
    keys = {monitor: alert_id(monitor, alert.key) for monitor, alert in alerts.items()}
    found = read_entities(db, ALERT, list(keys.values())) if keys else {}
    return {monitor: _handling(found.get(key, {})) for monitor, key in keys.items()}


def _handling(fields: Mapping[str, Any]) -> Handling:
    seen = fields.get("acknowledged")
    hooks = [HookRun(**fields[name]) for name in ("hook_raised", "hook_cleared") if name in fields]
    return Handling(Acknowledgement(**seen) if seen else None, tuple(hooks))


def acknowledge(db: Connection, project: Project, monitor: Monitor, who: str, reason: str = "") -> Alert:
    """Say that the alert that stands has been seen; it stays visible, and its hook is quiet until it is cleared.

    Args:
        db: an open visit to the store.

    Raises:
        NotFoundError: no alert stands.
        StoreError: it cannot be written.
    """
    alert = course(db, monitor).standing
    if alert is None:
        raise NotFoundError(f"{monitor.name} has no alert", f"workbench monitor show {monitor.name}")
    key = alert_id(monitor.id, alert.key)
    seen = asdict(Acknowledgement(who, reason, now_us()))
    _write(db, project, ALERT, key, {"monitor": monitor.id, "window": alert.key, "acknowledged": seen})
    return alert


def mute(
    db: Connection, project: Project, monitor: Monitor, who: str, reason: str, *, until_us: int | None = None
) -> Mute:
    """Keep the hook of a monitor quiet; alerts are raised and shown as before.

    Args:
        until_us: microseconds since the epoch; None is until `unmute`.

    Raises:
        InputError: there is no reason, or the time is over.
        StoreError: it cannot be written.
    """
    if not reason.strip():
        raise InputError("a reason is required", "--reason TEXT")
    if until_us is not None and until_us <= now_us():
        raise InputError("that moment is over", "--until names one that comes")
    muted = Mute(who, reason.strip(), now_us(), until_us)
    _write(db, project, KIND, monitor.id, {"mute": asdict(muted)})
    return muted


def unmute(db: Connection, project: Project, monitor: Monitor, who: str) -> None:
    """Let the hook of a monitor speak again.

    Raises:
        NotFoundError: it is not muted.
        StoreError: it cannot be written.
    """
    if monitor.mute is None or not monitor.mute.holds(now_us()):
        raise NotFoundError(f"{monitor.name} is not muted", f"workbench monitor mute {monitor.name} --for 2d")
    _write(db, project, KIND, monitor.id, {"mute": None, "unmuted": {"who": who, "at_us": now_us()}})


def _write(db: Connection, project: Project, kind: str, id: str, fields: dict[str, Any]) -> None:
    with project_journal(project) as journal:
        journal.set_fields((kind, id, fields), after_us=latest_us(db, kind, id))
