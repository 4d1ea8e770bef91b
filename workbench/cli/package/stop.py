"""`workbench package stop`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption
from workbench.cli.package.deployments import DeploymentArgument
from workbench.cli.package.options import docker
from workbench.cli.package.stages import Stages
from workbench.output.cells import visible


def stop(
    name: DeploymentArgument,
    remove: Annotated[
        bool, typer.Option("--remove", help="Remove its containers too, so that it holds no version any more.")
    ] = False,
    reason: Annotated[str | None, typer.Option("--reason", "-m", metavar="TEXT", help="Why; it is recorded.")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask on a terminal.")] = False,
    json: JsonOption = False,
) -> None:
    """Stop a deployment.

    It answers what it was asked, and ends. workbench package run starts it again as it was. Its log of predictions
    stays, also with --remove.

    Examples:
      workbench package stop fraud
      workbench package stop fraud --remove --reason "replaced by the new service"
    """
    from workbench.packaging.running import stop as end

    question = f"remove {visible(name)} and what is kept to go back to?"
    if remove and not yes and console.interactive() and not console.confirm(question, yes=False):
        console.out("nothing is stopped")
        return
    with Stages(quiet=json) as stages, docker() as engine:
        stopped = end(engine, session.project(), session.governing, name, remove=remove, reason=reason, say=stages.say)
    ran = [one.shown for one in stopped if one.is_running]
    if json:
        emit.emit_document({"name": name, "stopped": ran, "removed": len(stopped) if remove else 0})
    elif remove:
        console.out(f"removed {visible(name)}, {len(stopped)} container{'s' * (len(stopped) != 1)}")
    else:
        console.out(f"stopped {visible(name)}: {visible(', '.join(ran))}" if ran else f"{visible(name)} was stopped")
