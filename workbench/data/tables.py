"""Tables from files, lazily: what a path, several, a folder, a pattern or an address hold, as one polars table.

What can be mended is, and is said in a note: padded headers, other encodings, files with other columns or types, a
last line that is not whole yet. What cannot is an `InputError` that names the file.
"""

from __future__ import annotations

import importlib.util
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import polars as pl

from workbench.base.errors import InputError
from workbench.data import csv_tables, jsonl_tables
from workbench.data.samples import WHOLE_BYTES
from workbench.data.sources import Paths, SourceFile, find_files
from workbench.data.supertypes import Conflict, Types, aligned, merged_types

_MIN_SAMPLE_BYTES = 65_536
_LOOKED_AT = 5
T = TypeVar("T")


@dataclass(frozen=True)
class Source:
    """A table and where it comes from.

    Attributes:
        frame: the table, which is read when it is collected (see `readable`).
        format: csv, tsv, parquet, jsonl, json, arrow or delta.
        files: what it is made of, those that were left out because they are empty included.
        types: its columns.
        conflicts: columns that files have with several types.
        notes: sentences about what was done to read it.
        sampled: whether types were told by a quick look, so that reading may still fail on one; `exact` mends that.
    """

    frame: pl.LazyFrame
    format: str
    files: tuple[SourceFile, ...]
    types: Mapping[str, pl.DataType]
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[str, ...] = ()
    sampled: bool = False

    @property
    def name(self) -> str:
        """What messages call it."""
        return self.files[0].name if len(self.files) == 1 else f"{self.files[0].name} and {len(self.files) - 1} more"

    @property
    def size_bytes(self) -> int:
        """Of all its files."""
        return sum(file.size_bytes for file in self.files)


def scan(paths: Paths, *, format: str | None = None, **options: Any) -> pl.LazyFrame:
    """The table that files hold, lazily. See `open_source`, whose options it takes."""
    return open_source(paths, format=format, **options).frame


def open_source(
    paths: Paths,
    *,
    format: str | None = None,
    delimiter: str | None = None,
    encoding: str | None = None,
    nulls: Sequence[str] = (),
    texts: Sequence[str] = (),
    exact: bool = False,
) -> Source:
    """The table that files hold, with what there is to say about them. Rows keep the order of files and lines.

    Columns are those of all files; a file that lacks one has nulls there. A column with several types has the
    narrowest that loses nothing, text where there is none (`Source.conflicts`).

    Args:
        paths: a file, several, a folder, a pattern (`'data/*.csv'`) or an address that fsspec knows (`s3://…`).
        format: csv, tsv, parquet, jsonl, json, arrow or delta; default by name, else by content.
        delimiter: between the cells of CSV; default what the header has.
        encoding: of CSV; default UTF-8 or what its first bytes say, else Windows-1252.
        nulls: cells of CSV that stand for no value, besides empty ones: `NA`.
        texts: columns of CSV that are texts, also where they look like numbers: `007`.
        exact: tell the types of text files from all of their lines, not from a sample where they are large.

    Raises:
        InputError: there is no file, one cannot be read or is cut off, all are empty, or a package is missing.
    """
    files, notes = find_files(paths, format)
    kind = files[0].format
    conflicts: list[Conflict] = []
    sampled = False
    if kind in ("csv", "tsv"):
        budget = _budget(files, exact)
        sampled = budget is not None and any(file.size_bytes > budget or file.compressed for file in files)
        frame, types, conflicts, said = _csv(files, budget, delimiter, encoding, tuple(nulls), texts)
    elif kind in ("jsonl", "json"):
        sampled = not exact
        frame, types, conflicts, said = _json(files, _budget(files, exact))
    elif kind == "delta":
        frame, types, said = _delta(files)
    else:
        frame, types, conflicts, said = _binary(files, kind)
    return Source(frame, kind, tuple(files), types, tuple(conflicts), (*notes, *said), sampled)


def read(paths: Paths, use: Callable[[Source], T], **options: Any) -> T:
    """What `use` makes of a table; where a type that a sample promised does not hold, once more with exact types.

    Args:
        use: collects what it wants of `Source.frame`; called twice at most.
        options: as `open_source`.

    Raises: as `open_source`, and InputError where the table cannot be collected.
    """
    source = open_source(paths, **options)
    if source.sampled:
        try:
            return use(source)
        except pl.exceptions.PolarsError:
            source = open_source(paths, **{**options, "exact": True})
    with readable(source.name):
        return use(source)


@contextmanager
def readable(name: str) -> Iterator[None]:
    """What goes wrong while a table is collected becomes an InputError that names it."""
    try:
        yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, UnicodeDecodeError) as error:
        raise InputError(f"{name} cannot be read: {_first_line(error)}", "is it still being written?") from None


def _budget(files: Sequence[SourceFile], exact: bool) -> int | None:
    """How many bytes of each text file are looked at to tell its types; None is all."""
    if exact:
        return None
    if sum(file.size_bytes for file in files) <= WHOLE_BYTES:
        return WHOLE_BYTES
    return max(WHOLE_BYTES // 2 // len(files), _MIN_SAMPLE_BYTES)


def _csv(
    files: Sequence[SourceFile],
    budget: int | None,
    delimiter: str | None,
    encoding: str | None,
    nulls: tuple[str, ...],
    texts: Sequence[str],
) -> tuple[pl.LazyFrame, dict[str, pl.DataType], list[Conflict], list[str]]:
    looked = [
        csv_tables.look(file, budget_bytes=budget, delimiter=delimiter, encoding=encoding, nulls=nulls)
        for file in files
    ]
    whole = [found for found in looked if found is not None]
    notes = _empty(files, [found is None for found in looked])
    for found in whole:
        found.types |= {name: pl.String() for name in texts if name in found.types}
    types, conflicts = merged_types((found.file.name, found.types) for found in whole)
    known = {name: pl.String() if isinstance(kind, pl.Null) else kind for name, kind in types.items()}
    for found in whole:
        notes += found.notes
    notes += _said(conflicts, [(found.file.name, found.types) for found in whole])
    frames = [
        aligned(csv_tables.lazy(found, known, nulls), {name: known[name] for name in found.types}, known)
        for found in whole
    ]
    return _joined(frames), known, conflicts, notes


def _json(
    files: Sequence[SourceFile], budget: int | None
) -> tuple[pl.LazyFrame, dict[str, pl.DataType], list[Conflict], list[str]]:
    looked = [jsonl_tables.look(file, budget_bytes=budget) for file in files]
    whole = [found for found in looked if found is not None]
    notes = _empty(files, [found is None for found in looked])
    types, conflicts = merged_types((found.file.name, found.types) for found in whole)
    for found in whole:
        notes += found.notes
    notes += _said(conflicts, [(found.file.name, found.types) for found in whole])
    plain = [found.file.path for found in whole if found.array is None and found.cut_at is None]
    if len(plain) == len(whole):  # one scan over all files; the reader makes the types that are asked for
        return pl.scan_ndjson(list(plain), schema=types), types, conflicts, notes
    frames = [
        aligned(jsonl_tables.lazy(found, types), types if found.array is None else found.types, types)
        for found in whole
    ]
    return _joined(frames), types, conflicts, notes


def _binary(
    files: Sequence[SourceFile], kind: str
) -> tuple[pl.LazyFrame, dict[str, pl.DataType], list[Conflict], list[str]]:
    empty = [file.size_bytes == 0 for file in files]
    notes = _empty(files, empty)
    whole = [file for file, nothing in zip(files, empty, strict=True) if not nothing]
    frames = [_open_binary(file, kind) for file in whole]
    schemas = [dict(frame.collect_schema()) for frame in frames]
    folders = kind == "parquet" and any(re.search(r"(^|/)[^/=]+=[^/]*/", file.name) for file in whole)
    if kind == "parquet" and all(list(schema.items()) == list(schemas[0].items()) for schema in schemas):
        frame = pl.scan_parquet([file.path for file in whole], hive_partitioning=folders, glob=False)
        return frame, dict(frame.collect_schema()), [], notes
    types, conflicts = merged_types((file.name, schema) for file, schema in zip(whole, schemas, strict=True))
    notes += _said(conflicts, [(file.name, schema) for file, schema in zip(whole, schemas, strict=True)])
    joined = _joined([aligned(frame, own, types) for frame, own in zip(frames, schemas, strict=True)])
    return joined, types, conflicts, notes


def _open_binary(file: SourceFile, kind: str) -> pl.LazyFrame:
    try:
        if kind == "parquet":
            frame = pl.scan_parquet(file.path, glob=False)
        else:
            with open(file.path, "rb") as opened:
                is_file = opened.read(6) == b"ARROW1"
            frame = pl.scan_ipc(file.path, glob=False) if is_file else pl.read_ipc_stream(file.path).lazy()
        frame.collect_schema()
        return frame
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError) as error:
        shown = {"parquet": "Parquet", "arrow": "Arrow"}[kind]
        raise InputError(
            f"{file.name} is no whole {shown} file: {_first_line(error)}", "is it still being written, or cut off?"
        ) from None


def _delta(files: Sequence[SourceFile]) -> tuple[pl.LazyFrame, dict[str, pl.DataType], list[str]]:
    if len(files) > 1:
        raise InputError("several Delta tables are not one table", "name one of them")
    if importlib.util.find_spec("deltalake") is None:
        raise InputError(
            f"{files[0].name} is a Delta table, which needs the package deltalake",
            "pip install 'mlops-workbench[delta]'",
        )
    try:
        frame = pl.scan_delta(files[0].path)
        return frame, dict(frame.collect_schema()), []
    except Exception as error:  # deltalake has errors of its own
        raise InputError(f"{files[0].name} is no Delta table that can be read: {_first_line(error)}") from None


def _joined(frames: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    return frames[0] if len(frames) == 1 else pl.concat(frames, how="vertical")


def _empty(files: Sequence[SourceFile], empty: Sequence[bool]) -> list[str]:
    """A note for the files without anything in them.

    Raises:
        InputError: all are.
    """
    names = [file.name for file, nothing in zip(files, empty, strict=True) if nothing]
    if len(names) == len(files):
        raise InputError(f"{names[0]} is empty" if len(names) == 1 else f"all {len(names)} files are empty")
    more = f" and {len(names) - _LOOKED_AT} more" if len(names) > _LOOKED_AT else ""
    return [f"empty, left out: {', '.join(names[:_LOOKED_AT])}{more}"] if names else []


def _said(conflicts: Sequence[Conflict], schemas: Sequence[tuple[str, Types]]) -> list[str]:
    """Notes on types that differ, and on columns that some files lack."""
    notes = [str(conflict) for conflict in conflicts]
    if len(schemas) > 1:
        for column in dict.fromkeys(column for _, types in schemas for column in types):
            lacking = [name for name, types in schemas if column not in types]
            if lacking:
                more = f" and {len(lacking) - 1} more" if len(lacking) > 1 else ""
                notes.append(f"{column} is missing in {lacking[0]}{more}; it is null there")
    return notes


def _first_line(error: BaseException) -> str:
    return (str(error) or type(error).__name__).strip().splitlines()[0]
