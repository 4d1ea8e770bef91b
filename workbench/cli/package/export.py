"""`workbench package export`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from workbench.base.errors import DockerError, InputError
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption
from workbench.cli.package.options import ImageArgument

Form = Literal["dockerfile", "compose", "kubernetes"]


def export(
    image: ImageArgument,
    format: Annotated[Form, typer.Option("--format", metavar="FORM", help="dockerfile, compose or kubernetes.")],
    output: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="The folder to write into.")],
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="Of the service; default the model's.")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option("--image", metavar="REF", help="What the image is called there: registry.example.org/fraud:3."),
    ] = None,
    port: Annotated[int, typer.Option("--port", metavar="P", help="Of the service.")] = 8080,
    memory: Annotated[
        str | None, typer.Option("--memory", metavar="SIZE", help="At most: 512m. Default twice the smoke test's.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write files for other ways to run an image.

    compose is one service for docker compose, kubernetes a Deployment with its Service; both as hardened as
    workbench package run has it, with limits and deadlines from the smoke test. dockerfile is the folder that
    workbench package build --emit writes. Docker need not run.

    Examples:
      workbench package export fraud:3 --format compose -o deploy
      workbench package export fraud/3 --format kubernetes -o deploy
      workbench package export fraud/3 --format dockerfile -o context
    """
    if format == "dockerfile":
        if (name, reference, memory, port) != (None, None, None, 8080):
            raise InputError("a Dockerfile has no name, image, port or memory", "leave those options out")
        _dockerfile(image, output, json=json)
        return
    from workbench.packaging.exporting import export as write
    from workbench.packaging.exporting import target
    from workbench.packaging.images import find_image
    from workbench.packaging.ports import check_port
    from workbench.packaging.running import parse_memory

    check_port(port)
    with session.reading() as db:
        found = find_image(db, image)
    memory_bytes = None if memory is None else parse_memory(memory)
    exported = target(found, format, name=name, reference=reference, port=port, memory_bytes=memory_bytes)
    path = write(exported, format, output)
    if json:
        emit.emit_document({"format": format, "files": [path], "image": exported.reference, "name": exported.dns_name})
        return
    console.out(f"wrote {path}")
    if format == "kubernetes" and reference is None:
        console.note(f"note: the nodes need an image {exported.reference}; --image REF names one of a registry")


def _dockerfile(reference: str, folder: str, *, json: bool) -> None:
    from workbench.packaging.emitting import emit as emit_plan
    from workbench.packaging.engine import connect
    from workbench.packaging.exporting import dockerfile_source
    from workbench.packaging.plan import open_plan

    project = session.project()
    with session.reading() as db:
        source, options = dockerfile_source(db, project, reference)
    try:
        engine = connect()
    except DockerError as error:
        engine = None
        console.note(f"note: {error.message}; what the base image has is assumed")
    try:
        with open_plan(engine, project, source, options) as plan:
            document = emit_plan(plan, folder)
    finally:
        if engine is not None:
            engine.close()
    if json:
        emit.emit_document({"format": "dockerfile", **document})
    else:
        console.out(f"wrote {folder}")
