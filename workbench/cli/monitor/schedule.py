"""`workbench monitor schedule`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, session
from workbench.cli.monitor.options import complete_monitor


def schedule(
    name: Annotated[
        str | None, typer.Argument(metavar="[NAME]", help="Only this one.", autocompletion=complete_monitor)
    ] = None,
    systemd: Annotated[
        bool, typer.Option("--systemd", help="A service and a timer instead of a crontab line.")
    ] = False,
) -> None:
    """Print the line for cron, or the units for systemd.

    Each hour, or more often where windows are shorter: a run that has nothing to do says nothing. Nothing is installed.

    Examples:
      workbench monitor schedule
      (crontab -l; workbench monitor schedule) | crontab -
      workbench monitor schedule --systemd
    """
    from workbench.drift.monitors.monitor import find_monitor, monitors
    from workbench.drift.monitors.schedule import cron_line, units

    project = session.project()
    with session.reading() as db:
        chosen = [find_monitor(db, name)] if name else monitors(db)
    console.out(
        units(project, chosen, name) if systemd else cron_line(project, chosen, name), end="" if systemd else "\n"
    )
