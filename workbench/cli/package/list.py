"""`workbench package list`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import DockerError
from workbench.cli import console, emit, session
from workbench.cli.models.options import complete_version
from workbench.cli.options import FormatOption, JsonOption, OutputOption
from workbench.cli.package.options import docker


def list_(
    version: Annotated[
        str | None,
        typer.Argument(metavar="[VERSION]", help="Only images of NAME/3.", autocompletion=complete_version),
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List images that were built.

    The newest comes first. SMOKE says whether the last smoke test was passed, HERE whether this machine's Docker has
    the image; both are – where that is not known.

    Examples:
      workbench package list
      workbench package list fraud@champion --json
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    from workbench.output.image_table import image_document, image_table
    from workbench.packaging.images import list_images
    from workbench.packaging.inspecting import present_images
    from workbench.registry.references import resolve_version

    with session.reading() as db:
        images = list_images(db, resolve_version(db, version).id if version is not None else None)
    present = None
    if images:
        try:
            with docker() as engine:
                present = present_images(engine)
        except DockerError as error:
            console.note(f"note: {error.message}")
    documents = [image_document(image.as_document(), present) for image in images]
    if form.name == "json":
        emit.emit_document(documents, form.path)
    else:
        emit.emit_rows(form, *image_table(documents))
    if form.name == "table" and not documents:
        console.note("no images yet; next: workbench package build VERSION")
