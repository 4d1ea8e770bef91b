"""`workbench data checkout`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.data.options import DataArgument
from workbench.cli.options import JsonOption


def checkout(
    reference: DataArgument,
    output: Annotated[
        str | None,
        typer.Option("-o", "--output", metavar="PATH", help="Where to; default the name that it was registered under."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    json: JsonOption = False,
) -> None:
    """Write a version to a file or folder, checked by its hash.

    The bytes come from the place that the version was registered from where that still has them, else from the
    project's copy (`data add --copy`). What was written is read again and compared with the recorded hash before it
    gets its name, so a path either has the version or what it had before.

    Examples:
      workbench data checkout transactions@v1 -o old.parquet
      workbench data checkout digits -o /tmp/digits
    """
    from workbench.data.materialising import checkout as write_out
    from workbench.data.references import resolve_data

    with session.reading() as db:
        version = resolve_data(db, reference)
    target = output or os.path.basename(version.path.rstrip("/")) or version.name
    with console.waiting(f"writing {target}"):
        source = write_out(session.project(), version, target, force=force)
    if json:
        emit.emit_document({"reference": version.reference, "path": target, "digest": version.digest, "from": source})
    elif source == "present":
        console.out(f"{target} is {version.reference} already")
    else:
        console.out(
            f"{target} is {version.reference}: {format_size(version.size_bytes)}, {version.digest[:19]}… checked"
        )
