"""Profiles of tables: every column once, few at a time, so that a table need not fit into memory."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from workbench.data.column_profile import Profile, kind_of, profile_column
from workbench.data.sources import Paths
from workbench.data.tables import Source, read

VERSION = 1
_GROUP_BYTES = 400_000_000
"""So much of a table is held at once: columns are profiled in groups of about this size."""
_TEXT_CELL_BYTES = 40
_PARSE_ONCE_BYTES = 200_000_000
"""A larger text file is written to a temporary Parquet file first, so that it is parsed once, not once a group."""
_TEXT_FORMATS = ("csv", "tsv", "json", "jsonl")
_WORDS = {
    "email": "e-mail addresses",
    "phone": "phone numbers",
    "card": "card numbers",
    "iban": "bank accounts (IBAN)",
    "national_id": "national ids",
}


def profile(
    paths: Paths,
    *,
    mask: str = "personal",
    progress: Callable[[str], None] = lambda column: None,
    **options: Any,
) -> Profile:
    """The profile of the table that files hold, as a JSON document.

    Args:
        paths: see `tables.open_source`, which takes `options`.
        mask: see `profile_column`.
        progress: is told the name of each column as it is looked at.

    Returns:
        `rows`, `columns` (see `profile_column`), `duplicate_rows` (rows that are equal to an earlier one; None where
        columns are nested), `warnings`, `notes`, and where it is from.

    Raises: as `tables.read`.
    """
    return read(paths, lambda source: profile_source(source, mask=mask, progress=progress), **options)


def profile_source(
    source: Source, *, mask: str = "personal", progress: Callable[[str], None] = lambda column: None
) -> Profile:
    """The profile of an opened table; see `profile`."""
    with tempfile.TemporaryDirectory(prefix="workbench-profile-") as folder:
        frame = parsed_once(source, folder)
        rows = int(frame.select(pl.len()).collect().item())
        columns: list[Profile] = []
        seen: pl.Series | None = pl.zeros(rows, pl.UInt64, eager=True).alias("seen")
        for names in groups(source.types, rows):
            group = frame.select(names).collect()
            seen = _hashed(group, seen)
            for name in names:
                progress(name)
                columns.append(profile_column(group[name], mask=mask))
    found: Profile = {
        "profile_version": VERSION,
        "rows": rows,
        "duplicate_rows": None if seen is None else rows - seen.n_unique(),
        "format": source.format,
        "size_bytes": source.size_bytes,
        "columns": columns,
        "notes": list(source.notes),
    }
    return found | {"warnings": warnings(found)}


def groups(types: Mapping[str, pl.DataType], rows: int) -> Iterator[list[str]]:
    """Columns that are looked at together, in their order."""
    names: list[str] = []
    size_bytes = 0
    for name, kind in types.items():
        cell_bytes = _TEXT_CELL_BYTES if kind_of(kind) in ("text", "nested", "binary") else 8
        if names and size_bytes + rows * cell_bytes > _GROUP_BYTES:
            yield names
            names, size_bytes = [], 0
        names.append(name)
        size_bytes += rows * cell_bytes
    if names:
        yield names


def warnings(found: Profile) -> list[str]:
    """What a person should know of a profiled table, one sentence each."""
    said: list[str] = []
    for column in found["columns"]:
        if column["personal"]:
            what = " or ".join(_WORDS[form] for form in column["personal"])
            hidden = "its values are masked" if column["masked"] else "its values are shown"
            said.append(f"{column['name']} looks like {what}; {hidden}")
    for role, what in (
        ("empty", "has no value"),
        ("constant", "has one value"),
        ("near_constant", "has one value in nearly all rows"),
    ):
        names = [column["name"] for column in found["columns"] if column["role"] == role]
        if names:
            said.append(f"{_listed(names)} {what if len(names) == 1 else what.replace('has', 'have', 1)}")
    if found["duplicate_rows"]:
        said.append(f"{found['duplicate_rows']:,} rows are equal to earlier ones")
    return said


def parsed_once(source: Source, folder: str) -> pl.LazyFrame:
    """The table of a source for several looks: text is parsed once, where it is large into a file in `folder`."""
    if source.format not in _TEXT_FORMATS:
        return source.frame
    if source.size_bytes <= _PARSE_ONCE_BYTES and not any(file.compressed for file in source.files):
        return source.frame.collect().lazy()
    path = os.path.join(folder, "table.parquet")
    source.frame.sink_parquet(path, compression="lz4")
    return pl.scan_parquet(path)


def _hashed(group: pl.DataFrame, seen: pl.Series | None) -> pl.Series | None:
    """A hash of each row so far, this group of columns included."""
    if seen is None or any(kind_of(kind) in ("nested", "binary") for kind in group.schema.values()):
        return None
    if not group.width:
        return seen
    return group.with_columns(seen.alias("\0seen")).hash_rows()


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
