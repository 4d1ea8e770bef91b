"""`workbench monitor ack`."""

from __future__ import annotations

from workbench.cli import console, session
from workbench.cli.monitor.options import MonitorArgument, who
from workbench.cli.reasons import ReasonOption


def ack(name: MonitorArgument, reason: ReasonOption = None) -> None:
    """Say that the alert of a monitor has been seen.

    It stays visible, with who has seen it and why it may stand; its command is quiet until it is cleared.

    Examples:
      workbench monitor ack fraud --reason "the new shop, retraining on Monday"
    """
    from workbench.drift.monitors.decisions import acknowledge
    from workbench.drift.monitors.monitor import find_monitor
    from workbench.drift.periods import moment_text

    project = session.project()
    with session.reading() as db:
        alert = acknowledge(db, project, find_monitor(db, name), who(), (reason or "").strip())
    console.out(f"the alert of {name} since {moment_text(alert.raised_us)} is seen by {who()}")
