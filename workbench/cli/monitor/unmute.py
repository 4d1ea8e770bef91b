"""`workbench monitor unmute`."""

from __future__ import annotations

from workbench.cli import console, session
from workbench.cli.monitor.options import MonitorArgument, who


def unmute(name: MonitorArgument) -> None:
    """Let the command of a monitor's alerts run again.

    Examples:
      workbench monitor unmute fraud
    """
    from workbench.drift.monitors.decisions import unmute as let_speak
    from workbench.drift.monitors.monitor import find_monitor

    project = session.project()
    with session.reading() as db:
        let_speak(db, project, find_monitor(db, name), who())
    console.out(f"{name} is not muted any more")
