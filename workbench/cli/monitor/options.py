"""Arguments and options that several commands about monitors share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import session

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


def found_monitor(name: str) -> Monitor:
    """The monitor of this name."""
    from workbench.drift.monitors.monitor import find_monitor

    with session.reading() as db:
        return find_monitor(db, name)


def who() -> str:
    """In whose name this process acts."""
    from workbench.tracking.capture.process import user_name

    return user_name()
