"""`workbench package inspect`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import DockerError
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption, OutputOption
from workbench.cli.package.options import ImageArgument, docker


def inspect(
    image: ImageArgument,
    sbom: Annotated[
        bool, typer.Option("--sbom", help="Print the bill of materials in the image instead: CycloneDX 1.5 as JSON.")
    ] = False,
    json: JsonOption = False,
    output: OutputOption = None,
) -> None:
    """Show what an image holds.

    Examples:
      workbench package inspect fraud:3
      workbench package inspect fraud@champion --sbom -o sbom.cdx.json
    """
    from workbench.output.image_table import image_document, image_lines
    from workbench.output.spans import to_text
    from workbench.packaging.images import find_image
    from workbench.packaging.inspecting import present_images, read_bill

    with session.reading() as db:
        found = find_image(db, image)
    if sbom:
        with docker() as engine:
            bill = read_bill(engine, found)
        emit.emit_document(bill, output)
        return
    present = None
    try:
        with docker() as engine:
            present = present_images(engine)
    except DockerError as error:
        console.note(f"note: {error.message}")
    document = image_document(found.as_document(), present)
    if json:
        emit.emit_document({**document, **found.facts}, output)
    elif output is not None:
        with console.data_file(output) as file:
            file.write(to_text(image_lines(document, found.facts)))
    else:
        console.draw(image_lines(document, found.facts))
