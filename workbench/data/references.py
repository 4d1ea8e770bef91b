"""Which version of a dataset a person means: `NAME`, `NAME@latest`, `NAME@v3`, `NAME@sha256:1f2e…`."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.base.errors import AmbiguousNameError, InputError
from workbench.data.sources import is_remote
from workbench.data.versions import DatasetNotFoundError, DatasetVersion, datasets, find_dataset, versions_of
from workbench.store.dataset_versions import version_fields

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_NUMBER = re.compile(r"v?(\d{1,9})", re.IGNORECASE)
_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{6,64})")


def resolve_data(db: Connection, reference: str) -> DatasetVersion:
    """The version that `reference` names, with columns, notes and files.

    Args:
        reference: `NAME` or `NAME@latest` for the newest version, `NAME@v3`, or `NAME@` and the first digits of a
            digest.

    Raises:
        DatasetNotFoundError: there is no such dataset or version.
        AmbiguousNameError: several versions have a digest that begins so.
        InputError: it is no reference.
    """
    name, mark, which = reference.partition("@")
    dataset = find_dataset(db, name)
    versions = versions_of(db, dataset.id)
    if mark and which != "latest":
        number, digest = _NUMBER.fullmatch(which), _DIGEST.fullmatch(which)
        if number is None and digest is None:
            raise InputError(f"{reference!r} names no version", f"{name}@v{versions[-1].number}, or {name}@latest")
        numbered = [version for version in versions if number and version.number == int(number[1])]
        wanted = f"sha256:{digest[1]}" if digest else "?"
        chosen = numbered[:1] or [version for version in versions if version.digest.startswith(wanted)]
        if not chosen:
            raise DatasetNotFoundError(
                f"{name} has no version {which}",
                f"{name}@v{versions[-1].number} is the newest: workbench data show {name}",
            )
        if len(chosen) > 1:
            raise AmbiguousNameError(f"{reference} names {len(chosen)} versions", "give more digits of the digest")
        found = chosen[0]
    else:
        found = versions[-1]
    return _whole(db, found)


def is_reference(text: str) -> bool:
    """Whether a text names registered data rather than a file: it is no path to anything, or has an `@` in its name."""
    return not is_remote(text) and not os.path.exists(text) and not set("*?[") & set(text)


def suggestions(db: Connection, incomplete: str) -> list[str]:
    """References that begin with what is typed, for the shell."""
    names = [dataset.name for dataset in datasets(db)]
    whole = [*names, *(version.reference for version in versions_of(db) if incomplete.startswith(f"{version.name}@"))]
    return [name for name in whole if name.startswith(incomplete)]


def _whole(db: Connection, version: DatasetVersion) -> DatasetVersion:
    fields = version_fields(db, ids=[version.id], whole=True)[version.id]
    return replace(
        version,
        columns=tuple(fields.get("columns", ())),
        notes=tuple(fields.get("notes", ())),
        files=tuple((str(name), int(size), str(sha256)) for name, size, sha256 in fields.get("files", ())),
    )
