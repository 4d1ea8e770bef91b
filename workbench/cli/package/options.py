"""Arguments and options that several commands about images share."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.models.options import complete_version

if TYPE_CHECKING:
    from workbench.packaging.engine import Engine


def complete_image(incomplete: str) -> list[str]:
    """Names of images and versions that begin with what is typed, for the shell; nothing where that fails."""
    try:
        from workbench.cli import session
        from workbench.packaging.images import list_images

        with session.store().reading(wait_s=0.2) as db:
            names = [image.name for image in list_images(db)]
        return [*(name for name in names if name.startswith(incomplete)), *complete_version(incomplete)]
    except Exception:  # the shell shows nothing better than nothing
        return []


ImageArgument = Annotated[
    str,
    typer.Argument(metavar="IMAGE|VERSION", help="fraud:3, an image's id, or NAME/3.", autocompletion=complete_image),
]


@contextmanager
def docker() -> Iterator[Engine]:
    """The engine, for as long as the block lasts.

    Raises:
        DockerError: none answers.
    """
    from workbench.packaging.engine import connect

    engine = connect()
    try:
        yield engine
    finally:
        engine.close()
