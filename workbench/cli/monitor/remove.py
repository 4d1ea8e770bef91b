"""`workbench monitor remove`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.numbers import format_number
from workbench.cli import console, session
from workbench.cli.monitor.options import MonitorArgument, who
from workbench.cli.options import DryRunOption, YesOption


def remove(
    name: MonitorArgument,
    results: Annotated[bool, typer.Option("--results", help="Also what it has found.")] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
) -> None:
    """Remove a monitor; its results stay unless you say so.

    A monitor that is added under the same name again has them.

    Examples:
      workbench monitor remove fraud
      workbench monitor remove fraud --results --yes
    """
    from workbench.drift.monitors.monitor import find_monitor
    from workbench.drift.monitors.removing import remove as take_away
    from workbench.drift.monitors.removing import result_count

    project = session.project()
    with session.reading() as db:
        monitor = find_monitor(db, name)
        count = format_number(result_count(db, monitor))
    what = f"{name} and its {count} results" if results else f"{name}; its {count} results stay"
    if dry_run:
        console.out(f"would remove {what}")
        return
    if not console.confirm(f"remove {what}?", yes=yes):
        console.out("nothing is removed")
        return
    with session.reading() as db:
        take_away(db, project, find_monitor(db, name), who(), results=results)
    console.out(f"removed {what}")
