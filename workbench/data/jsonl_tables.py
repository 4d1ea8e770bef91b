"""JSON lines and JSON arrays as tables."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, field

import polars as pl

from workbench.base.errors import InputError
from workbench.data.json_kinds import mixed_columns
from workbench.data.samples import WHOLE_BYTES, last_line, opened, pieces, sample_lines
from workbench.data.sources import GROWING, SourceFile
from workbench.data.supertypes import Types, merged_types


@dataclass
class JsonFile:
    """One file, looked at.

    Attributes:
        file: which.
        types: of the columns that its sample has.
        notes: what was done to read it.
        cut_at: where its last whole line ends, where what follows is none.
        array: the table itself, where the file is one JSON array.
    """

    file: SourceFile
    types: dict[str, pl.DataType] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    cut_at: int | None = None
    array: pl.DataFrame | None = None


def look(file: SourceFile, *, budget_bytes: int | None) -> JsonFile | None:
    """The columns of one file; None where it has no row.

    Args:
        budget_bytes: how much of it is looked at; None is all.

    Raises:
        InputError: it cannot be read, or is not made of JSON objects.
    """
    sample = sample_lines(file, budget_bytes or WHOLE_BYTES)
    found = JsonFile(file)
    if sample.text.lstrip()[:1] == b"[" or (file.format == "json" and not _is_lines(sample.text)):
        return _array(found)
    text, rest = sample.text, b""
    if not file.compressed:
        rest, begin = last_line(file)
        if rest.strip() and not _is_object(rest):
            found.cut_at = begin
            being_written = ", it is still being written" if file.name.endswith(GROWING) else ""
            found.notes.append(f"the last line of {file.name} is not whole{being_written}; it is left out")
            text = text.removesuffix(rest)
        else:
            rest = b""
    if not text.strip():
        return None
    parts = iter([text])
    if not sample.complete and budget_bytes is None:
        parts = pieces(file)
    elif not sample.complete:
        lines = text.count(b"\n")
        found.notes.append(f"the columns of {file.name} are those of a sample of {lines:,} lines")
    exact = budget_bytes is None
    found.types, _ = merged_types((file.name, _types(file, part, exact)) for part in parts if part != rest)
    return found


def _types(file: SourceFile, text: bytes, exact: bool) -> Types:
    """The types of the columns of some lines.

    Args:
        exact: look at each value, since what polars infers from mixed ones is not always what it can read.
    """
    if not text.strip():
        return {}
    try:
        types: dict[str, pl.DataType] = dict(pl.scan_ndjson(text, infer_schema_length=None).collect_schema())
    except pl.exceptions.PolarsError as error:
        broken = _broken_line(text)
        if broken is not None:
            raise InputError(f"{file.name} is not made of JSON lines: {broken}") from None
        mixed = mixed_columns(text.split(b"\n"))
        if not mixed:
            raise InputError(f"{file.name} is not made of JSON lines: {error}") from None
        return _without(text, mixed)
    return types | {name: pl.String() for name in mixed_columns(text.split(b"\n"))} if exact else types


def _without(text: bytes, mixed: set[str]) -> Types:
    """The types of all columns, where those that are mixed keep polars from telling any."""
    rows = [json.loads(line) for line in text.split(b"\n") if line.strip()]
    bare = "\n".join(
        json.dumps({name: None if name in mixed else value for name, value in row.items()}) for row in rows
    )
    types: dict[str, pl.DataType] = dict(pl.scan_ndjson(bare.encode(), infer_schema_length=None).collect_schema())
    return types | {name: pl.String() for name in mixed}


def lazy(found: JsonFile, types: Types) -> pl.LazyFrame:
    """The table of one file with these columns."""
    if found.array is not None:
        return found.array.lazy()
    if found.cut_at is None:
        return pl.scan_ndjson(found.file.path, schema=dict(types))
    with opened(found.file) as source:
        return pl.scan_ndjson(io.BytesIO(source.read(found.cut_at)), schema=dict(types))


def _array(found: JsonFile) -> JsonFile | None:
    file = found.file
    try:
        with opened(file) as source:
            text = source.read()
        if not text.strip() or text.split() in ([b"[]"], [b"[", b"]"]):
            return None
        try:
            found.array = pl.read_json(text, infer_schema_length=None)
        except (pl.exceptions.PolarsError, pl.exceptions.PanicException):
            found.array = _mixed_array(text)
    except (ValueError, pl.exceptions.PolarsError, OSError, EOFError) as error:
        raise InputError(
            f"{file.name} is no JSON array of objects: {str(error).splitlines()[0]}", "is it still being written?"
        ) from None
    found.types = dict(found.array.schema)
    return found


def _mixed_array(text: bytes) -> pl.DataFrame:
    """The table of a JSON array whose values polars cannot bring together.

    Raises:
        ValueError: it is no array of objects.
    """
    rows = json.loads(text)
    rows = rows if isinstance(rows, list) else [rows]
    if not all(isinstance(row, dict) for row in rows):
        raise ValueError("an item is no object")
    lines = [json.dumps(row).encode() for row in rows]
    whole = b"\n".join(lines)
    return pl.read_ndjson(whole, schema=_without(whole, mixed_columns(lines)))


def _is_lines(text: bytes) -> bool:
    return _is_object(text.lstrip().partition(b"\n")[0])


def _is_object(line: bytes) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except ValueError:
        return False


def _broken_line(text: bytes) -> str | None:
    for number, line in enumerate(text.split(b"\n"), 1):
        if line.strip() and not _is_object(line):
            return f"line {number} is {line[:60].decode('utf-8', 'replace')!r}"
    return None
