"""`workbench runs artifacts`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import InputError, RefusedError
from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, RunArgument
from workbench.output.cells import visible

if TYPE_CHECKING:
    from workbench.base.project import Project
    from workbench.store.artifacts import Artifact

CHUNK_BYTES = 1 << 20


def artifacts(
    run: RunArgument,
    path: Annotated[
        str | None, typer.Argument(metavar="[PATH]", help="Only this artifact, or those below this folder.")
    ] = None,
    output: Annotated[
        str | None, typer.Option("-o", "--output", metavar="DIR", help="Copy them to DIR; - writes one to stdout.")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that are there.")] = False,
    json: JsonOption = False,
    format: FormatOption = None,
) -> None:
    """List or copy out the files that a run logged.

    What is copied is compared with its SHA-256 first.

    Examples:
      workbench runs artifacts brave-otter
      workbench runs artifacts brave-otter model -o .
      workbench runs artifacts brave-otter metrics.json -o - | jq .auc
    """
    form = emit.Form.chosen(json=json, format=format, path=None)
    store = session.store()
    from workbench.store.artifacts import list_artifacts, require_artifacts
    from workbench.store.runs import resolve_run

    with session.reading(store) as db:
        uid = resolve_run(db, run, deleted=True)
        copied = path is not None or output is not None
        chosen = require_artifacts(db, uid, path or "") if copied else list_artifacts(db, uid)
    if output == "-":
        _to_stdout(store.project, chosen)
    elif output is not None:
        _copy(store.project, chosen, output, force=force)
    else:
        _list(form, chosen)


def _list(form: emit.Form, chosen: Sequence[Artifact]) -> None:
    names = ["path", "kind", "size", "sha256"]
    rows = [[one.path, one.kind, one.size_bytes, one.sha256] for one in chosen]
    emit.emit_rows(form, names, rows)
    if form.name == "table" and not rows:
        console.note("the run logged no files")


def _to_stdout(project: Project, chosen: Sequence[Artifact]) -> None:
    from workbench.store.blobs import BlobStore

    if len(chosen) != 1:
        raise InputError(f"-o - writes one artifact, these are {len(chosen)}", "name one, or copy them with -o DIR")
    with BlobStore(project).open(chosen[0].sha256) as file:
        while chunk := file.read(CHUNK_BYTES):
            console.out_bytes(chunk)


def _copy(project: Project, chosen: Sequence[Artifact], folder: str, *, force: bool) -> None:
    from workbench.store.blobs import BlobStore

    blobs = BlobStore(project)
    targets = [_target(folder, one.path) for one in chosen]
    if not force:
        for target in targets:
            if os.path.lexists(target):
                raise RefusedError(f"{target} is there already", "add --force to overwrite, or choose another -o DIR")
    for one, target in zip(chosen, targets, strict=True):
        try:
            os.makedirs(os.path.dirname(target) or ".", exist_ok=True)
        except OSError as error:
            raise InputError(f"cannot make {os.path.dirname(target)}: {error.strerror}") from None
        blobs.copy_out(one.sha256, target)
    size = format_size(sum(one.size_bytes for one in chosen))
    console.out(f"copied {len(chosen)} file{'s' * (len(chosen) != 1)}, {size}, to {folder}")


def _target(folder: str, logged: str) -> str:
    """Where an artifact goes; never outside of `folder`, whatever a journal from elsewhere says."""
    parts = logged.split("/")
    if logged.startswith("/") or ".." in parts or "\\" in logged or "\0" in logged:
        raise RefusedError(f"the artifact's path {visible(logged)} leads out of the folder", "write it with -o -")
    return os.path.join(folder, *parts)
