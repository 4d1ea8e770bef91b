"""CSV and TSV files as lazy tables: names, types, encoding and delimiter are told from a sample."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import polars as pl

from workbench.base.errors import InputError
from workbench.data.samples import WHOLE_BYTES, Sample, last_line, opened, pieces, sample_lines
from workbench.data.sources import SourceFile
from workbench.data.supertypes import Types, merged_types

_DELIMITERS = ",;\t|"
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_FALLBACK = "windows-1252"
_UTF_8 = ("utf-8", "utf-8-sig")


@dataclass
class CsvFile:
    """One file, looked at.

    Attributes:
        file: which.
        names: of its columns: what the table calls each, by what the header has.
        types: of its columns by their names in the table.
        notes: what was done to read it.
        rows: False where it has a header alone.
    """

    file: SourceFile
    delimiter: str
    encoding: str = "utf-8"
    names: dict[str, str] = field(default_factory=dict)
    types: dict[str, pl.DataType] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    rows: bool = True
    ragged: bool = False
    padded: dict[str, pl.DataType] = field(default_factory=dict)
    cut_at: int | None = None


def look(
    file: SourceFile, *, budget_bytes: int | None, delimiter: str | None, encoding: str | None, nulls: tuple[str, ...]
) -> CsvFile | None:
    """Names and types of one file; None where it has no header.

    Args:
        budget_bytes: how much of it is looked at; None is all.

    Raises:
        InputError: it cannot be read, or is no text.
    """
    sample = sample_lines(file, budget_bytes or WHOLE_BYTES)
    if not sample.text.strip(b"\r\n\0 "):
        return None
    encoding = encoding or _encoding(sample)
    if encoding not in _UTF_8:
        content = opened(file).read() if budget_bytes is None else sample.text
        sample = Sample(_decoded(content, encoding, file).encode(), sample.complete or budget_bytes is None)
    text = sample.text.removeprefix(codecs.BOM_UTF8)
    header = text.split(b"\n", 1)[0]
    if b"\0" in header:
        raise InputError(f"{file.name} is no text", "give its format")
    found = CsvFile(file, delimiter or _delimiter(header.decode("utf-8", "replace"), file), encoding)
    if encoding not in _UTF_8:
        found.notes.append(f"{file.name} is not UTF-8; it is read as {encoding}")
    if delimiter is None and found.delimiter != ("\t" if file.format == "tsv" else ","):
        found.notes.append(f"the cells of {file.name} are separated by {found.delimiter!r}")
    if sample.complete or budget_bytes is not None:
        _shape(found, text, sample.complete)
        _types(found, text, nulls, sample.complete)
        return found
    parts = []
    for number, piece in enumerate(pieces(file, quoted=True)):
        part = CsvFile(file, found.delimiter, found.encoding)
        whole = piece.removeprefix(codecs.BOM_UTF8) if not number else header + b"\n" + piece
        _shape(part, whole, True)
        _types(part, whole, nulls, True)
        parts.append(part)
    found.types, _ = merged_types((file.name, part.types) for part in parts)
    found.names, found.ragged, found.cut_at = parts[0].names, any(part.ragged for part in parts), parts[-1].cut_at
    found.notes += dict.fromkeys(note for part in parts for note in part.notes)
    found.padded = {name: found.types[name] for part in parts for name in part.padded if found.types[name].is_numeric()}
    return found


def lazy(found: CsvFile, types: Types, nulls: tuple[str, ...]) -> pl.LazyFrame:
    """The table of one file.

    Args:
        types: of its columns by their names in the table; a superset of its own.
    """
    raw = {name: types[shown] for name, shown in found.names.items()}
    padded = {name for name, kind in found.padded.items() if types[name] == kind}
    raw |= {name: pl.String() for name, shown in found.names.items() if shown in padded}
    frame = pl.scan_csv(
        _source(found),
        separator=found.delimiter,
        schema=raw,
        truncate_ragged_lines=found.ragged,
        null_values=list(nulls) or None,
    )
    frame = frame.select(pl.col(name).alias(shown) for name, shown in found.names.items())
    return frame.with_columns(pl.col(name).str.strip_chars(" ").cast(found.padded[name]) for name in sorted(padded))


def _source(found: CsvFile) -> str | io.BytesIO:
    if found.encoding in _UTF_8 and found.cut_at is None:
        return found.file.path
    with opened(found.file) as source:
        content = source.read(-1 if found.cut_at is None else found.cut_at)
    if found.encoding in _UTF_8:
        return io.BytesIO(content)
    return io.BytesIO(_decoded(content, found.encoding, found.file).encode())


def _encoding(sample: Sample) -> str:
    for mark, name in _BOMS:
        if sample.text.startswith(mark):
            return name
    try:
        sample.text.decode()
    except UnicodeDecodeError as error:
        if sample.complete or error.start < len(sample.text) - 4:
            return _FALLBACK
    return "utf-8"


def _decoded(text: bytes, encoding: str, file: SourceFile) -> str:
    try:
        return text.decode(encoding, "replace" if encoding == _FALLBACK else "strict")
    except LookupError:
        raise InputError(f"there is no encoding {encoding!r}", "utf-8, windows-1252 or utf-16, for example") from None
    except UnicodeDecodeError as error:
        raise InputError(f"{file.name} is not {encoding}: {error.reason} at byte {error.start}") from None


def _delimiter(header: str, file: SourceFile) -> str:
    bare = "".join(header.split('"')[::2])
    counts = {mark: bare.count(mark) for mark in _DELIMITERS}
    usual = "\t" if file.format == "tsv" else ","
    return (
        usual if counts[usual] else max(_DELIMITERS, key=lambda mark: counts[mark]) if any(counts.values()) else usual
    )


def _shape(found: CsvFile, text: bytes, complete: bool) -> None:
    """Whether rows of the sample have more cells than the header, and whether the last row is cut off."""
    try:
        width, cells = _cells(text, found.delimiter)
    except csv.Error:
        return  # polars says what is wrong with it
    rows, too_long = int((cells > 0).sum()), int((cells > width).sum())
    found.rows = bool(rows) or not complete
    if too_long:
        found.ragged = True
        within = "rows" if complete else f"of the first {rows:,} rows looked at"
        found.notes.append(
            f"{too_long:,} {within} of {found.file.name} have cells beyond the header; they are left out"
        )
    if found.file.compressed or found.encoding.startswith("utf-16"):
        return
    rest, begin = last_line(found.file)
    last = next(csv.reader([rest.decode("utf-8", "replace")], delimiter=found.delimiter), []) if rest else []
    if rows > 1 and last and len(last) < width:
        found.cut_at = begin
        found.notes.append(f"the last line of {found.file.name} is not whole; it is left out")


def _cells(text: bytes, delimiter: str) -> tuple[int, np.ndarray[Any, Any]]:
    """How many cells the header has, and each row after it; 0 for an empty line.

    Raises:
        csv.Error: the text is no CSV.
    """
    if b'"' in text:
        rows = csv.reader(io.StringIO(text.decode("utf-8", "replace"), newline=""), delimiter=delimiter)
        counts = np.array([len(row) for row in rows], np.int64)
        return int(counts[0]), counts[1:]
    letters = np.frombuffer(text if text.endswith(b"\n") else text + b"\n", np.uint8)
    ends = np.flatnonzero(letters == ord("\n"))
    before = np.searchsorted(np.flatnonzero(letters == ord(delimiter)), ends)
    lengths = np.diff(ends, prepend=-1) - 1
    counts = np.diff(before, prepend=0) + 1
    first = letters[np.minimum(np.append(0, ends[:-1] + 1), len(letters) - 1)]
    counts[(lengths == 0) | ((lengths == 1) & (first == ord("\r")))] = 0
    return int(counts[0]), counts[1:]


def _types(found: CsvFile, text: bytes, nulls: tuple[str, ...], complete: bool) -> None:
    try:
        sample = pl.read_csv(
            text,
            separator=found.delimiter,
            infer_schema_length=None,
            truncate_ragged_lines=True,
            try_parse_dates=True,
            null_values=list(nulls) or None,
        )
    except pl.exceptions.PolarsError as error:
        raise InputError(f"{found.file.name} cannot be read: {str(error).splitlines()[0]}") from None
    found.names = _unique(sample.columns)
    renamed = [f"{name!r} is called {shown}" for name, shown in found.names.items() if name.strip() != shown]
    if renamed:
        found.notes.append(f"columns of {found.file.name} without a name of their own: {', '.join(renamed[:5])}")
    for column in sample:
        shown = found.names[column.name]
        kind: pl.DataType = column.dtype
        if column.null_count() == column.len():
            kind = pl.Null()  # no value says what it is
            if not complete:
                found.notes.append(f"the sample of {found.file.name} has no value of {shown}; it is read as text")
        elif kind == pl.String:
            kind = _padded_kind(found, shown, column)
        found.types[shown] = kind


def _padded_kind(found: CsvFile, name: str, column: pl.Series) -> pl.DataType:
    """The type of a text column that is one of numbers with blanks around them."""
    values = column.drop_nulls()
    if not values.str.starts_with(" ").any() and not values.str.ends_with(" ").any():
        return pl.String()
    bare = values.str.strip_chars(" ")
    for kind in (pl.Int64(), pl.Float64()):
        if not bare.cast(kind, strict=False).null_count():
            found.padded[name] = kind
            found.notes.append(f"the numbers of {name} in {found.file.name} have blanks around them, which are ignored")
            return kind
    return pl.String()


def _unique(names: list[str]) -> dict[str, str]:
    """What the table calls each column of a header: without blanks around it, and each name once."""
    shown: dict[str, str] = {}
    for number, name in enumerate(names, 1):
        bare = name.strip() or f"column_{number}"
        taken = set(shown.values())
        shown[name] = next(
            each for n in range(1, len(names) + 2) if (each := bare if n == 1 else f"{bare}_{n}") not in taken
        )
    return shown
