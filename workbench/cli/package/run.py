"""`workbench package run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.base.errors import InputError
from workbench.base.numbers import format_duration
from workbench.cli import console, emit, session
from workbench.cli.errors import InterruptedByUserError
from workbench.cli.options import JsonOption
from workbench.cli.package.options import ImageArgument, docker
from workbench.cli.package.stages import Stages
from workbench.output.cells import visible

if TYPE_CHECKING:
    from workbench.packaging.running import Outcome


def run(
    image: ImageArgument,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Of the deployment; default the model's.")
    ] = None,
    port: Annotated[
        int | None, typer.Option("--port", "-p", metavar="P", help="Of this machine; default 8080, or the next free.")
    ] = None,
    public: Annotated[
        bool | None,
        typer.Option("--public/--private", help="Whether other machines may reach it; at first they may not."),
    ] = None,
    memory: Annotated[
        str | None, typer.Option("--memory", metavar="SIZE", help="At most: 512m, 2g. Default twice the smoke test's.")
    ] = None,
    cpus: Annotated[float | None, typer.Option("--cpus", metavar="N", help="At most so many processors.")] = None,
    log_dir: Annotated[
        str | None,
        typer.Option(
            "--log-dir",
            metavar="DIR",
            help="Where predictions are logged; default .workbench/predictions/NAME. volume: one of Docker's.",
        ),
    ] = None,
    token_file: Annotated[
        str | None,
        typer.Option("--token-file", metavar="F", help="The token that requests have to bring; '' is none."),
    ] = None,
    wait: Annotated[float, typer.Option("--wait", metavar="S", help="Seconds that it may take to be ready.")] = 120.0,
    force: Annotated[
        str | None, typer.Option("--force", metavar="REASON", help="Run a rejected version all the same; recorded.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Run an image under a name, in the place of what ran there before.

    The container has a read-only root, no capabilities, no root user and a limit of memory, and is published to this
    machine alone. Another version under the same name stops the one before, which is kept, and takes its address; if
    it is not ready in time, the one before is started again. What is not said stays as it was.

    The same again changes nothing, and completes what was interrupted. A rejected version is refused.

    Examples:
      workbench package run fraud@champion
      workbench package run fraud:3 --name fraud-eu --port 9000 --memory 1g
      workbench package run fraud/4 --token-file token.txt --public
    """
    if wait <= 0:
        raise InputError("--wait is a number of seconds", "--wait 300")
    from workbench.packaging.example import curl, example_request
    from workbench.packaging.images import find_image
    from workbench.packaging.running import Options, parse_memory
    from workbench.packaging.running import run as start

    options = Options(
        name=name, port=port, public=public, memory_bytes=None if memory is None else parse_memory(memory), cpus=cpus,
        log_dir=log_dir, token_file=token_file, wait_s=wait, force=force,
    )  # fmt: skip
    project = session.project()
    try:
        with Stages(quiet=json) as stages, docker() as engine:
            outcome = start(engine, project, session.governing, image, options, stages.say)
    except KeyboardInterrupt as interrupt:
        raise InterruptedByUserError(_interrupted(interrupt)) from None
    with session.reading() as db:
        body = example_request(db, project, find_image(db, outcome.container.image_id))
    example = curl(outcome.url, body, token_file=outcome.container.settings.token_file)
    if json:
        emit.emit_document({**outcome.as_document(), "curl": example})
    else:
        _tell(outcome, example)
    for note in warnings(outcome):
        console.note(f"note: {note}")


def _tell(outcome: Outcome, example: str) -> None:
    what = f"{visible(outcome.container.shown)} runs as {visible(outcome.name)} at {outcome.url}"
    if outcome.as_before:
        console.out(f"{what}, as before")
    else:
        place = f", in the place of {visible(outcome.replaced.shown)}" if outcome.replaced else ""
        console.out(f"{what}{place}  ready in {format_duration(outcome.seconds)}")
    console.out(f"  try it: {visible(example)}")


def warnings(outcome: Outcome) -> list[str]:
    """What the user should know."""
    notes: list[Any] = list(outcome.notes)
    settings = outcome.container.settings
    if settings.public:
        token = "with the token" if settings.token_file else "without a token: --token-file F"
        notes.append(f"other machines reach it at port {settings.port}, {token}, and what they send is not encrypted")
    return notes


def _interrupted(interrupt: KeyboardInterrupt) -> str:
    return f"interrupted: {interrupt.args[0] if interrupt.args else 'what ran before is as it was'}"
