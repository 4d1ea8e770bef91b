"""All monitors at a glance: what they found last, whether an alert stands, when they are due."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.project import Project
from workbench.drift.monitors.alerts import Alert
from workbench.drift.monitors.decisions import Handling, handlings
from workbench.drift.monitors.due import next_due_us
from workbench.drift.monitors.monitor import Monitor, Mute, find_monitor, monitors
from workbench.drift.monitors.results import Result, course_of_steps, results_by_id, steps_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

__all__ = ["RECENT", "MonitorState", "find_monitor", "monitors", "overview", "state_of"]

RECENT = 30
"""Windows whose verdicts an overview shows."""
NEW, FAILED = "new", "failed"


@dataclass(frozen=True)
class MonitorState:
    """A monitor now.

    Attributes:
        monitor: which.
        state: the verdict of its newest window; `new` where there is none, `failed` where the last run came to nothing.
        last: the result of its newest window.
        recent: verdicts of its newest windows, the oldest first.
        alert: the alert that stands.
        handling: what was done about that alert.
        mute: the mute that holds now.
        next_due_us: when the next window is closed, microseconds since the epoch; None where the source decides it.
        is_due: whether it is now.
    """

    monitor: Monitor
    state: str
    last: Result | None
    recent: tuple[str, ...]
    alert: Alert | None
    handling: Handling
    mute: Mute | None
    next_due_us: int | None
    is_due: bool

    @property
    def coverage(self) -> float | None:
        """The share of the newest window's rows that have a label."""
        return self.last.coverage if self.last else None


def overview(db: Connection, project: Project, now_us: int) -> list[MonitorState]:
    """Every monitor as it is now, by name; reads no document.

    Args:
        now_us: microseconds since the epoch.
    """
    return _states(db, monitors(db), now_us)


def state_of(db: Connection, monitor: Monitor, now_us: int) -> MonitorState:
    """One monitor as it is now."""
    return _states(db, [monitor], now_us)[0]


def _states(db: Connection, found: Sequence[Monitor], now_us: int) -> list[MonitorState]:
    steps = steps_of(db, found)
    newest = {one.monitor: one for one in results_by_id(db, [theirs[-1].result for theirs in steps.values()])}
    courses = {monitor.id: course_of_steps(monitor, steps.get(monitor.id, [])) for monitor in found}
    alerts = {key: course.standing for key, course in courses.items() if course.standing is not None}
    handled = handlings(db, alerts)
    states = []
    for monitor in found:
        last, due_us = newest.get(monitor.id), next_due_us(monitor)
        states.append(
            MonitorState(
                monitor=monitor,
                state=FAILED if monitor.problem else last.verdict if last else NEW,
                last=last,
                recent=tuple(step.verdict for step in steps.get(monitor.id, [])[-RECENT:]),
                alert=alerts.get(monitor.id),
                handling=handled.get(monitor.id, Handling()),
                mute=monitor.mute if monitor.mute and monitor.mute.holds(now_us) else None,
                next_due_us=due_us,
                is_due=due_us is not None and due_us <= now_us,
            )
        )
    return states
