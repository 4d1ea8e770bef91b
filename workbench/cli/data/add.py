"""`workbench data add`."""

from __future__ import annotations

import os
from typing import Annotated, Any

import typer

from workbench.base.numbers import format_number, format_size
from workbench.cli import console, emit, session
from workbench.cli.assignments import assignments
from workbench.cli.data.options import InputFormatOption, MaskOption, NullOption, complete_data
from workbench.cli.options import JsonOption


def add(
    path: Annotated[str, typer.Argument(metavar="PATH", help="A file, a folder or an address (s3://…).")],
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="The dataset; made where new.", autocompletion=complete_data)
    ],
    copy: Annotated[
        bool, typer.Option("--copy", help="Keep the bytes in the project, shared with the original where possible.")
    ] = False,
    description: Annotated[
        str | None, typer.Option("-d", "--description", metavar="TEXT", help="What is to be said about this version.")
    ] = None,
    tag: Annotated[
        list[str] | None, typer.Option("-t", "--tag", metavar="KEY=VALUE", help="A tag; may be repeated.")
    ] = None,
    mask: MaskOption = "personal",
    no_profile: Annotated[
        bool, typer.Option("--no-profile", help="Do not look into the columns: only size and hash are kept.")
    ] = False,
    input_format: InputFormatOption = None,
    null: NullOption = None,
    json: JsonOption = False,
) -> None:
    """Register a file or folder as the next version of a dataset.

    A version is told by the SHA-256 of its content (of a folder: of the names, sizes and hashes of its files), the
    same that runs record with log_dataset: so runs and versions find each other, whoever came first. The bytes stay
    where they are unless --copy. A content that is a version already is not registered twice, and a file that was not
    touched (size, time, inode) is not read again. Tables get a profile; values that look personal are masked in it.

    Examples:
      workbench data add data/train.parquet transactions
      workbench data add data/2026-11 transactions --copy -d "november"
      workbench data add images/ digits -t kind=png
    """
    tags = assignments(tag or [], "-t")
    project = session.project()
    from workbench.data.datasets import add as register
    from workbench.data.datasets import check_name, known_version, read_content

    check_name(name)
    with console.waiting(f"reading {path}"):
        content = read_content(project, path)
    with session.reading() as db:
        known = known_version(db, name, content.digest)
    profile = None
    if known is None and not no_profile:
        profile = _profile(path, content, input_format, null, mask)
    with session.reading() as db:
        added = register(db, project, content, name, profile=profile, copy=copy, description=description, tags=tags)
    version = added.version
    if json:
        from workbench.data.documents import version_document
        from workbench.data.references import resolve_data

        with session.reading() as db:
            document = version_document(resolve_data(db, version.reference))
        emit.emit_document({**document, "new": added.is_new, "copies": dict(added.copies)})
        return
    size = f"{format_size(version.size_bytes)}" + (f" in {version.file_count:,} files" if version.folder else "")
    rows = "" if version.rows is None else f"{format_number(version.rows)} rows, "
    if added.is_new:
        console.out(f"registered {version.reference}: {rows}{size}")
    else:
        console.out(version.reference)
        console.note(f"the same content is {version.reference} already")
    if copy:
        console.note(_copied(added.copies))
    for warning in (profile or {}).get("warnings", []):
        console.note(f"note: {warning}")


def _profile(
    path: str, content: Any, input_format: str | None, null: list[str] | None, mask: str
) -> dict[str, Any] | None:
    """The profile of what is to be registered; None, and a note, where it is no table."""
    from workbench.base.errors import InputError
    from workbench.data.profiles import profile

    try:
        with console.waiting(f"looking into {path}"):
            return profile(content.local or path, mask=mask, format=input_format, nulls=tuple(null or ()))
    except InputError as error:
        if input_format is not None:
            raise
        shown = os.path.basename(path.rstrip("/")) or path
        console.note(f"note: {shown} is registered without a profile: {error.message}")
        return None


def _copied(copies: Any) -> str:
    words = {
        "reflink": "sharing their bytes with the original",
        "link": "as hard links, for nobody may write to them",
        "copy": "copied",
        "present": "there already",
    }
    parts = [f"{count:,} {words[how]}" for how, count in sorted(copies.items())]
    return f"kept in the project: {', '.join(parts)}"
