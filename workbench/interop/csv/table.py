"""Reading a CSV file: its encoding, its separator, its cells."""

from __future__ import annotations

import csv
import io
import json
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime

from workbench.base.errors import InputError
from workbench.journal.writer import MAX_TIME_US

SEPARATORS = ",;\t|"
_INTEGER = re.compile(r"[+-]?(?:0|[1-9][0-9]*)$")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$")
_NONFINITE = re.compile(r"[+-]?(?:nan|inf|infinity)$", re.I)
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+(?:[eE][+-]?[0-9]+)?$")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_DIGITS = 4000


@dataclass
class Table:
    """The cells of a file.

    Attributes:
        path: the file.
        columns: the names in its first line, without duplicates.
        rows: the cells of each further line, as many as there are columns; "" is missing.
        changed_us: when the file was last changed, for rows that have no time.
        decimal_comma: whether 0,5 is a number: where semicolons separate, as in most of Europe.
    """

    path: str
    columns: list[str]
    rows: list[list[str]]
    changed_us: int
    decimal_comma: bool = False

    @property
    def stem(self) -> str:
        """The file's name without its suffix."""
        return os.path.splitext(os.path.basename(self.path))[0]

    def column(self, name: str) -> list[str]:
        """The cells of a column."""
        place = self.columns.index(name)
        return [row[place] for row in self.rows]


def read_table(path: str, separator: str | None = None) -> Table:
    """The table in a file: UTF-8 with or without a byte order mark, quotes as in RFC 4180.

    Args:
        path: the file.
        separator: one character; default the one of comma, semicolon, tab and bar that the first line has most of.

    Raises:
        InputError: it cannot be read or is no table; the message names the line.
    """
    if separator is not None and len(separator) != 1:
        raise InputError(f"{separator!r} is no separator", "give one character")
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            changed_us = os.fstat(file.fileno()).st_mtime_ns // 1000
            text = file.read()
    except UnicodeDecodeError as error:
        raise InputError(
            f"{path} is not UTF-8: byte {error.start}", f"iconv -f latin1 -t utf-8 {path} > converted.csv"
        ) from None
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "check the path") from None
    if not text.strip():
        raise InputError(f"{path} is empty", "the first line names the columns")
    separator = separator or _separator(text)
    lines = _lines(path, text, separator)
    columns = _header(path, lines)
    rows = []
    for number, line in lines[1:]:
        if len(line) != len(columns):
            raise InputError(
                f"{path} line {number} has {len(line)} cells, the first line has {len(columns)}",
                "is the file whole? --separator names another separator",
            )
        rows.append(line)
    if not rows:
        raise InputError(f"{path} has no rows", "the first line names the columns")
    return Table(path, columns, rows, changed_us, decimal_comma=separator == ";")


def value_of(cell: str, *, decimal_comma: bool = False) -> object:
    """What a cell says as a parameter: a number, true or false, JSON, or text; None where it is empty."""
    if cell == "":
        return None
    if cell in ("true", "True", "false", "False"):
        return cell in ("true", "True")
    if _INTEGER.match(cell) and len(cell) <= _MAX_DIGITS:
        return int(cell)
    if cell[0] in "[{":
        try:
            return json.loads(cell)
        except (ValueError, RecursionError):
            return cell
    # 007 and +49 are names of something; a number that stands for itself is written as one.
    number = number_of(cell, decimal_comma=decimal_comma)
    return cell if number is None or re.match(r"[+-]?0[0-9]", cell) else number


def number_of(cell: str, *, decimal_comma: bool = False) -> float | None:
    """The number in a cell, NaN and infinities too; None where it is none."""
    cell = cell.strip()
    if _NUMBER.match(cell) or _NONFINITE.match(cell):
        return float(cell)
    if decimal_comma and _DECIMAL_COMMA.match(cell):
        return float(cell.replace(",", "."))
    return None


def integer_of(cell: str) -> int | None:
    """The whole number in a cell, also where it is written as 3.0; None where it is none."""
    cell = cell.strip()
    if _INTEGER.match(cell) and len(cell) <= _MAX_DIGITS:
        return int(cell)
    number = number_of(cell)
    return int(number) if number is not None and number - number == 0.0 and number == int(number) else None


def time_of(cell: str) -> int | None:
    """Microseconds since the epoch of ISO 8601 (UTC where no zone is named) or a count of s, ms or µs since 1970."""
    cell = cell.strip()
    number = number_of(cell)
    if number is not None:
        if number - number != 0.0:
            return None
        size = abs(number)
        factor = 1e6 if size < 1e11 else 1e3 if size < 1e14 else 1.0
        moment = round(number * factor)
        return moment if abs(moment) <= MAX_TIME_US else None
    try:
        parsed = datetime.fromisoformat(cell)
    except ValueError:
        return None
    passed = (parsed if parsed.tzinfo is not None else parsed.replace(tzinfo=UTC)) - _EPOCH
    return (passed.days * 86400 + passed.seconds) * 1_000_000 + passed.microseconds


def _lines(path: str, text: str, separator: str) -> list[tuple[int, list[str]]]:
    """`(line number, cells)` of every line that is not blank."""
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines = []
    number = 1
    try:
        for cells in reader:
            if cells:
                lines.append((number, cells))
            number = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{path} line {number}: {error}", "is the file whole?") from None
    return lines


def _separator(text: str) -> str:
    """The separator that the first line has most of, outside quotes."""
    first = next(line for line in re.split("[\r\n]+", text) if line.strip())
    bare = re.sub(r'"[^"]*"', "", first)
    return max(SEPARATORS, key=bare.count)


def _header(path: str, lines: list[tuple[int, list[str]]]) -> list[str]:
    columns = [name.strip() for name in lines[0][1]]
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise InputError(f"{path} has two columns {twice[0]!r}", "rename one of them")
    # An index that pandas wrote has no name; it stays away from the others by its place.
    return [name or f"column {place}" for place, name in enumerate(columns, 1)]
