"""The `workbench` program: straight into the terminal app where that is what is asked for, else the command line.

Most starts open the app, and the parser of the command line takes as long to load as the app's first page.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.base.errors import InputError
from workbench.cli import console, session
from workbench.cli.errors import guarded


@dataclass(frozen=True, slots=True)
class AppStart:
    """A start of the terminal app.

    Attributes:
        directory: what `-C` names, or None.
        read_only: whether it may change nothing.
        named: `ui` is written, so that it is an error where there is no terminal.
    """

    directory: str | None = None
    read_only: bool = False
    named: bool = False


def main() -> None:
    """Entry point of the `workbench` program; the process ends with the command's status."""
    start = app_start(sys.argv[1:])
    if start is None or "_WORKBENCH_COMPLETE" in os.environ or not (start.named or console.on_terminal()):
        from workbench.cli.app import main as command_line

        command_line()
        return
    leave = leaving()
    console.prepare()
    leave.append(guarded(lambda: open_app(start)))
    sys.exit(leave[0])


def app_start(arguments: Sequence[str]) -> AppStart | None:
    """What a command line that opens the app says; None for every other one, and for what needs explaining."""
    words = list(arguments)
    directory = None
    if len(words) >= 2 and words[0] == "-C" and not words[1].startswith("-"):
        directory = words[1]
        del words[:2]
    if words in ([], ["ui"], ["ui", "--read-only"]):
        return AppStart(directory, read_only="--read-only" in words, named=bool(words))
    return None


def open_app(start: AppStart) -> None:
    """Open the terminal app.

    Raises:
        InputError: there is no terminal, or no such folder.
        WorkbenchError: the project cannot be read.
    """
    session.start_in(start.directory)
    if not console.on_terminal():
        raise InputError(
            "the terminal app needs a terminal for its input and its output", "workbench status, or workbench runs list"
        )
    from workbench.tui.launch import open_app as open_here

    open_here(session.project(), read_only=start.read_only)


def leaving() -> list[int]:
    """A list whose first entry, once it is there, is the status that the process ends with.

    It ends without taking DuckDB and the interpreter apart, which takes longer than most answers. To be called before
    anything else is imported, so that it comes after everything else that is to happen at the exit.
    """
    statuses: list[int] = []
    atexit.register(_leave, statuses)
    return statuses


def _leave(statuses: list[int]) -> None:
    if statuses:
        console.flush_all()
        os._exit(statuses[0])
