"""`workbench monitor mute`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, session
from workbench.cli.monitor.options import MonitorArgument, who
from workbench.cli.reasons import RequiredReasonOption, required_reason


def mute(
    name: MonitorArgument,
    duration: Annotated[str | None, typer.Option("--for", metavar="T", help="How long: 12h, 2d, 1w.")] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="Until when, UTC.")] = None,
    reason: RequiredReasonOption = None,
) -> None:
    """Keep the command of a monitor's alerts quiet for a while.

    Alerts are raised and shown as before. Without --for and --until it is quiet until workbench monitor unmute.

    Examples:
      workbench monitor mute fraud --for 2d --reason "load test"
      workbench monitor mute fraud --until 2026-12-01 --reason "migration"
    """
    from workbench.base.clock import now_us
    from workbench.drift.monitors.decisions import mute as keep_quiet
    from workbench.drift.monitors.monitor import find_monitor
    from workbench.drift.periods import duration_us, moment_text, moment_us

    if duration is not None and until is not None:
        raise InputError("--for and --until contradict each other", "leave one of them out")
    until_us = now_us() + duration_us(duration) if duration is not None else moment_us(until) if until else None
    why = required_reason(reason)
    project = session.project()
    with session.reading() as db:
        keep_quiet(db, project, find_monitor(db, name), who(), why, until_us=until_us)
    console.out(f"{name} is muted {f'until {moment_text(until_us)} UTC' if until_us else 'until it is unmuted'}")
