"""`workbench run`."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.base.names import run_name
from workbench.base.numbers import format_duration
from workbench.base.project import find_or_create_project
from workbench.cli import console, session
from workbench.cli.assignments import assignments, typed
from workbench.output.cells import visible


def run(
    command: Annotated[
        list[str] | None, typer.Argument(metavar="-- CMD ARG...", help="The command, as you would type it.")
    ] = None,
    experiment: Annotated[
        str | None, typer.Option("-e", "--experiment", metavar="NAME", help="Experiment of the run.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("-n", "--name", metavar="NAME", help="Name of the run; made up where left out.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("-p", "--param", metavar="KEY=VALUE", help="A parameter; may be repeated.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("-t", "--tag", metavar="KEY=VALUE", help="A tag; may be repeated.")
    ] = None,
) -> int:
    """Run a command and track it as a run.

    Records the code, the environment, the output, the use of the machine and the exit status of any program, in any
    language. A Python program that uses workbench adds its metrics to the same run. The output goes to the terminal
    as ever, signals reach the command, and the exit status is the command's own. One line on stderr names the run.

    Everything after -- goes to the command untouched.

    Examples:
      workbench run -- python train.py --lr 0.1
      workbench run -e fraud -n baseline -p lr=0.1 -t kind=baseline -- ./train.sh
    """
    from workbench.tracking.launch import launch

    if not command:
        raise InputError("no command to run", "workbench run -- python train.py")
    run_ids: list[str] = []
    begun = time.monotonic()
    status = launch(
        find_or_create_project(session.start()),
        command,
        experiment=experiment,
        name=name,
        params={key: typed(value) for key, value in assignments(param or [], "-p").items()},
        tags=assignments(tag or [], "-t"),
        on_start=run_ids.append,
    )
    for uid in run_ids:
        ended = f"exit status {status} after {format_duration(time.monotonic() - begun)}"
        console.note(f"run {visible(name or run_name(uid))}: {ended}; workbench runs show {uid[:8]}")
    return status
