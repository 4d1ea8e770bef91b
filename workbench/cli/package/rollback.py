"""`workbench package rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.numbers import format_duration
from workbench.cli import console, emit, session
from workbench.cli.errors import InterruptedByUserError
from workbench.cli.models.options import complete_version
from workbench.cli.options import JsonOption
from workbench.cli.package.deployments import DeploymentArgument
from workbench.cli.package.options import docker
from workbench.cli.package.stages import Stages
from workbench.output.cells import visible


def rollback(
    name: DeploymentArgument,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="VERSION", help="A version that ran before.", autocompletion=complete_version),
    ] = None,
    reason: Annotated[str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why; it is recorded.")] = None,
    wait: Annotated[float, typer.Option("--wait", metavar="S", help="Seconds that it may take to be ready.")] = 120.0,
    json: JsonOption = False,
) -> None:
    """Run again what ran before, at the same address.

    That is the image before the one that runs, without rejected versions; rolling back again goes one further. Its
    container is started where it is kept, else made again. Nothing is erased. A switch that was interrupted is undone.

    Examples:
      workbench package rollback fraud --reason "errors since the release"
      workbench package rollback fraud --to fraud/2
    """
    from workbench.packaging.rolling_back import rollback as go_back

    try:
        with Stages(quiet=json) as stages, docker() as engine:
            outcome = go_back(
                engine, session.project(), session.governing, name, to=to, reason=reason, wait_s=wait, say=stages.say
            )
    except KeyboardInterrupt as interrupt:
        done = interrupt.args[0] if interrupt.args else "what ran before is as it was"
        raise InterruptedByUserError(f"interrupted: {done}") from None
    if json:
        emit.emit_document(outcome.as_document())
    else:
        now = visible(outcome.container.shown)
        how = "its container was kept" if outcome.is_warm else "in a new container"
        took = f"in {format_duration(outcome.seconds)}"
        if outcome.as_before:
            console.out(f"{visible(name)}: {now} runs, as before")
        elif outcome.replaced is None:
            console.out(f"{visible(name)}: {now} runs again {took}")
        else:
            console.out(f"{visible(name)}: {visible(outcome.replaced.shown)} → {now} {took}, {how}")
    for note in outcome.notes:
        console.note(f"note: {note}")
