"""Rows for other programs and documents: JSON, CSV and Markdown."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import TextIO

from workbench.base.clock import iso_utc, now_us
from workbench.base.errors import InputError
from workbench.base.jsonvalue import nonfinite_name, plain
from workbench.output.columns import Column
from workbench.output.formats import format_cell

FORMATS = ("json", "csv", "md")


def write_records(format: str, columns: Sequence[str | Column], rows: Iterable[Sequence[object]], file: TextIO) -> None:
    """Write rows to a text stream.

    Args:
        format: "json" (an array of objects), "csv" or "md" (a GitHub table; values as in a terminal's table).
        columns: names, or columns with kinds for Markdown.
        rows: one value per column; None is missing: null in JSON, an empty field in CSV, `–` in Markdown.
        file: where to; open files with newline="".

    Raises:
        InputError: the format is unknown.
    """
    described = [column if isinstance(column, Column) else Column(column) for column in columns]
    names = [column.name for column in described]
    if format == "json":
        write_json([dict(zip(names, row, strict=True)) for row in rows], file)
    elif format == "csv":
        _write_csv(names, rows, file)
    elif format == "md":
        _write_markdown(described, rows, file)
    else:
        raise InputError(f"unknown format: {format}", f"one of: table, {', '.join(FORMATS)}, parquet")


def write_json(value: object, file: TextIO) -> None:
    """One JSON document, keys in the order given, NaN and infinities as strings, times in UTC with `Z`."""
    json.dump(_jsonable(value), file, ensure_ascii=False, allow_nan=False, indent=2)
    file.write("\n")


def _jsonable(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(plain(str(key))): _jsonable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(item) for item in value]
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return iso_utc(round(moment.timestamp() * 1e6))
    if isinstance(value, date):
        return value.isoformat()
    return plain(value)


def _write_csv(names: Sequence[str], rows: Iterable[Sequence[object]], file: TextIO) -> None:
    """RFC 4180, except that lines end in LF: `cut` and `sort` would take a CR for part of the last field."""
    file.write(",".join(map(_csv_field, names)) + "\n")
    for row in rows:
        file.write(",".join(map(_csv_field, row)) + "\n")


def _csv_field(value: object) -> str:
    """A missing value is an empty field, an empty text is `""`."""
    if value is None:
        return ""
    text = _exact_text(value)
    if not text or text != text.strip() or any(c in text for c in ',"\r\n'):
        return '"' + text.replace('"', '""') + '"'
    return text


def _exact_text(value: object) -> str:
    """Every digit: what is read back is what was stored."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value) if math.isfinite(value) else nonfinite_name(value)
    jsonable = _jsonable(value)
    return jsonable if isinstance(jsonable, str) else json.dumps(jsonable, ensure_ascii=False)


def _write_markdown(columns: Sequence[Column], rows: Iterable[Sequence[object]], file: TextIO) -> None:
    rules = ["---:" if column.alignment == "right" else "---" for column in columns]
    moment = now_us()
    for fields in (
        [_markdown_field(column.name) for column in columns],
        rules,
        *([_markdown_cell(value, column, moment) for value, column in zip(row, columns, strict=True)] for row in rows),
    ):
        file.write(f"| {' | '.join(fields)} |\n")


def _markdown_cell(value: object, column: Column, moment_us: int) -> str:
    if isinstance(value, str) and column.kind == "text":
        return _markdown_field(value)  # its line breaks become <br>, not escapes
    return _markdown_field(format_cell(value, column.kind, moment_us)[0])


def _markdown_field(text: str) -> str:
    for character in "\\|`*":
        text = text.replace(character, f"\\{character}")
    lines = text.replace("&", "&amp;").replace("<", "&lt;").splitlines()
    return str(plain("<br>".join(lines)))
