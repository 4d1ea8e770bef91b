"""When an alert is raised and cleared: a function of the verdicts in order, and of nothing else.

An alert is raised after `after` windows in a row with drift, and cleared after `clear` in a row that are ok. A warning
is neither: it begins both rows anew. A window with too few rows says nothing and changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from hashlib import sha256

from workbench.drift.words import DRIFT, OK, WARN

NONE, RAISED, STANDING, CLEARED = "", "raised", "standing", "cleared"
"""What a window means for the alert."""


@dataclass(frozen=True)
class Rule:
    """When alerts are raised, cleared and announced.

    Attributes:
        after, clear: windows in a row.
        cooldown_us: an alert that is raised so soon after one that was announced is not announced.
    """

    after: int = 1
    clear: int = 1
    cooldown_us: int = 0


@dataclass(frozen=True)
class Step:
    """The verdict of a window.

    Attributes:
        key: of the window.
        verdict: `ok`, `warn`, `drift` or `insufficient`.
        position_us: where the window lies in time: its end, microseconds since the epoch.
        result: the id of its result.
    """

    key: str
    verdict: str
    position_us: int
    result: str = ""


@dataclass(frozen=True)
class Alert:
    """An alert that was raised.

    Attributes:
        key, result, raised_us: the window that raised it, its result and its position.
        windows: windows with drift since, the row that raised it included.
        last: the newest window with drift.
        quiet: it is not announced, for another one was announced shortly before.
        cleared_key, cleared_result, cleared_us: the window that cleared it; None where it stands.
    """

    key: str
    result: str
    raised_us: int
    windows: int
    last: Step
    quiet: bool = False
    cleared_key: str | None = None
    cleared_result: str | None = None
    cleared_us: int | None = None

    @property
    def stands(self) -> bool:
        """Whether it was not cleared."""
        return self.cleared_key is None


@dataclass(frozen=True)
class Course:
    """What became of the alerts of a monitor.

    Attributes:
        alerts: in the order in which they were raised; the last one may stand.
        states: of every step: `""`, `raised`, `standing` or `cleared`.
    """

    alerts: tuple[Alert, ...]
    states: tuple[str, ...]

    @property
    def standing(self) -> Alert | None:
        """The alert that stands now."""
        return self.alerts[-1] if self.alerts and self.alerts[-1].stands else None


def course_of(steps: Iterable[Step], rule: Rule) -> Course:
    """The alerts that verdicts make.

    Args:
        steps: of all windows, the oldest first.
    """
    alerts: list[Alert] = []
    states: list[str] = []
    standing = False
    bad = good = 0
    announced_us: int | None = None
    for step in steps:
        state = STANDING if standing else NONE
        if step.verdict == DRIFT:
            bad, good = bad + 1, 0
            if standing:
                alerts[-1] = replace(alerts[-1], windows=alerts[-1].windows + 1, last=step)
            elif bad >= rule.after:
                quiet = announced_us is not None and step.position_us < announced_us + rule.cooldown_us
                announced_us = announced_us if quiet else step.position_us
                alerts.append(Alert(step.key, step.result, step.position_us, bad, step, quiet))
                standing, state = True, RAISED
        elif step.verdict == OK:
            bad, good = 0, good + 1
            if standing and good >= rule.clear:
                alerts[-1] = replace(
                    alerts[-1], cleared_key=step.key, cleared_result=step.result, cleared_us=step.position_us
                )
                standing, state = False, CLEARED
        elif step.verdict == WARN:
            bad = good = 0
        states.append(state)
    return Course(tuple(alerts), tuple(states))


def alert_id(monitor: str, key: str) -> str:
    """The id of the alert that a window raised, whichever baseline it was compared with: 32 hex digits."""
    return sha256(f"alert\0{monitor}\0{key}".encode()).hexdigest()[:32]
