"""Arguments and options that several commands about monitors share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, session

if TYPE_CHECKING:
    from workbench.drift.monitors.monitor import Monitor


def complete_monitor(incomplete: str) -> list[str]:
    """Names of monitors that begin with what is typed, for the shell; nothing where that fails."""
    try:
        from workbench.drift.monitors.monitor import monitors

        with session.store().reading(wait_s=0.2) as db:
            return [one.name for one in monitors(db) if one.name.startswith(incomplete)]
    except Exception:  # the shell shows nothing better than nothing
        return []


MonitorArgument = Annotated[
    str, typer.Argument(metavar="NAME", help="Name of a monitor.", autocompletion=complete_monitor)
]
ReasonOption = Annotated[str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why.")]


def found_monitor(name: str) -> Monitor:
    """The monitor of this name."""
    from workbench.drift.monitors.monitor import find_monitor

    with session.reading() as db:
        return find_monitor(db, name)


def required_reason(reason: str | None) -> str:
    """The reason that was given, or that the person at the terminal gives.

    Raises:
        InputError: there is none, and nobody to ask.
    """
    if reason is None and console.interactive():
        reason = console.ask("why?")
    if not (reason or "").strip():
        raise InputError("a reason is required", "--reason TEXT")
    return str(reason).strip()


def who() -> str:
    """In whose name this process acts."""
    from workbench.tracking.capture.process import user_name

    return user_name()
