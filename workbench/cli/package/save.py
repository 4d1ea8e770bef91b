"""`workbench package save` and `load`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption
from workbench.cli.package.options import ImageArgument, docker
from workbench.output import terminal


def save(
    image: ImageArgument,
    output: Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="Write to FILE.")] = None,
    json: JsonOption = False,
) -> None:
    """Write an image into a file, for another machine.

    The file is what `docker save` writes, with a manifest of what is in it: `docker load` takes it too, and
    `workbench package load` checks every layer first.

    Examples:
      workbench package save fraud:3 -o fraud-3.tar
    """
    if output is None:
        raise InputError("an image goes to a file", "-o FILE.tar")
    from workbench.packaging.images import find_image
    from workbench.packaging.saving import save_image

    with session.reading() as db:
        found = find_image(db, image)
    with docker() as engine, _counting(f"writing {output}") as progress:
        manifest = save_image(engine, found, output, progress)
    if json:
        emit.emit_document({**manifest, "file": output})
    else:
        console.out(f"wrote {output}  {found.name}, {format_size(manifest['size'])}")


def load(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What `workbench package save` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Its name may be taken away from another image.")] = False,
    json: JsonOption = False,
) -> None:
    """Check a file with an image and give the image to Docker.

    A file that was changed is refused. The image is recorded here, with its version where there is that.

    Examples:
      workbench package load fraud-3.tar
    """
    session.project()
    from workbench.packaging.engine import required_image
    from workbench.packaging.images import record_loaded
    from workbench.packaging.saving import load_image

    with docker() as engine:
        with _counting(f"reading {file}") as progress:
            manifest = load_image(engine, file, replace=replace, progress=progress)
        found = required_image(engine, manifest["image_id"])
    with session.governing() as (db, ledger):
        image = record_loaded(db, ledger, found, manifest)
    if json:
        emit.emit_document({"file": file, "image": image.name, "image_id": image.image_id, "size": image.size_bytes})
    else:
        console.out(f"{image.name}  {image.image_id[:19]}…  {format_size(image.size_bytes)}")


@contextmanager
def _counting(label: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many bytes went."""
    ticker = console.Ticker() if terminal.is_terminal(sys.stderr) else None

    def show(size_bytes: int) -> None:
        if ticker is not None:
            ticker.show(f"{label}: {format_size(size_bytes)}")

    try:
        yield show
    finally:
        if ticker is not None:
            ticker.clear()
