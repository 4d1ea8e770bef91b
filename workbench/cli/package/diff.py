"""`workbench package diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption
from workbench.cli.package.options import complete_image

_HELP = "fraud:3, an image's id, or NAME/3."


def diff(
    one: Annotated[str, typer.Argument(metavar="A", help=_HELP, autocompletion=complete_image)],
    other: Annotated[str, typer.Argument(metavar="B", help=_HELP, autocompletion=complete_image)],
    json: JsonOption = False,
) -> None:
    """Show what differs between two images.

    Model, packages, code, base, size and layers.

    Examples:
      workbench package diff fraud:3 fraud:4
      workbench package diff fraud@champion fraud@challenger --json
    """
    from workbench.output.image_table import diff_lines
    from workbench.packaging.comparing import compare_images
    from workbench.packaging.images import find_image

    with session.reading() as db:
        document = compare_images(find_image(db, one), find_image(db, other))
    if json:
        emit.emit_document(document)
    else:
        console.draw(diff_lines(document))
