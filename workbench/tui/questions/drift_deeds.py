"""What people do with monitors from the app: deeds of the desk, and runs beside the app."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.output.cells import visible
from workbench.tui.questions.edits import Done

if TYPE_CHECKING:
    pass

FOREVER = "until unmuted"
SPANS = ("1d", "2d", "1w", FOREVER)
"""How long a monitor is usually muted."""


@dataclass(frozen=True, slots=True)
class AcknowledgeAlert:
    """Say that the alert of a monitor has been seen."""

    name: str
    reason: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it.

        Raises:
            NotFoundError: there is no such monitor or no alert any more.
        """
        from workbench.drift.monitors.decisions import acknowledge
        from workbench.drift.monitors.monitor import find_monitor

        acknowledge(db, project, find_monitor(db, self.name), _who(), self.reason)
        return Done(f"the alert of {visible(self.name)} is acknowledged; it stays until it is cleared")


@dataclass(frozen=True, slots=True)
class MuteMonitor:
    """Keep the command of a monitor quiet.

    Attributes:
        until_us: microseconds since the epoch; None is until it is unmuted.
    """

    name: str
    reason: str
    until_us: int | None

    def do(self, project: Project, db: Any) -> Done:
        """Do it.

        Raises:
            NotFoundError: there is no such monitor any more.
            InputError: the time is over.
        """
        from workbench.drift.monitors.decisions import mute
        from workbench.drift.monitors.monitor import find_monitor

        mute(db, project, find_monitor(db, self.name), _who(), self.reason, until_us=self.until_us)
        return Done(f"{visible(self.name)} is muted", back=UnmuteMonitor(self.name))


@dataclass(frozen=True, slots=True)
class UnmuteMonitor:
    """Let the command of a monitor speak again."""

    name: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it.

        Raises:
            NotFoundError: there is no such monitor any more, or it is not muted.
        """
        from workbench.drift.monitors.decisions import unmute
        from workbench.drift.monitors.monitor import find_monitor

        unmute(db, project, find_monitor(db, self.name), _who())
        return Done(f"{visible(self.name)} is no longer muted")


def span_us(text: str) -> int | None:
    """How long `2d` is from now on, as the moment when it ends, microseconds since the epoch; None is for ever.

    Raises:
        InputError: it is no length of time.
    """
    from workbench.drift.periods import duration_us

    if text == FOREVER:
        return None
    length_us = duration_us(text)
    if not length_us:
        raise InputError("that is no time at all", "2d, 12h or 1w")
    return now_us() + length_us


def _who() -> str:
    from workbench.tracking.capture.process import user_name

    return user_name()
