"""Current data in pieces: by rows, by number, by time; each is compared with the reference or with the one before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import polars as pl

from workbench.base.errors import InputError
from workbench.drift.check import Reference, TableReference, check
from workbench.drift.options import Options
from workbench.drift.report import Document
from workbench.drift.source import Table, named

PREVIOUS, LAST_YEAR = "previous", "last-year"
"""References that come from the data itself."""
MOST_WINDOWS = 1000
LOOKED_AT = 200
"""Rows from whose texts a column of times is told."""
_PERIOD = re.compile(r"(\d+)\s*(s|m|h|d|w|mo|y)")


@dataclass(frozen=True)
class Windows:
    """How data is divided.

    Attributes:
        rows: rows of each window; the last one may have fewer.
        count: how many windows, of the same number of rows but for one.
        period: the time that each covers, as polars writes it: `1d`, `6h`, `1w`, `1mo`; begins at a whole one.
        time: the column that `period` looks at; None takes the only one that is a time.
    """

    rows: int | None = None
    count: int | None = None
    period: str | None = None
    time: str | None = None

    @classmethod
    def parsed(cls, text: str, time: str | None = None) -> Windows:
        """`size=1000`, `count=10` or `period=1d`.

        Raises:
            InputError: it is none of these.
        """
        name, mark, value = text.partition("=")
        hint = "--window size=1000, count=10 or period=1d"
        if name in ("size", "count") and mark and value.isdigit() and int(value) > 0:
            return cls(rows=int(value) if name == "size" else None, count=int(value) if name == "count" else None)
        if name == "period" and mark and _PERIOD.fullmatch(value) and int(value.rstrip("smhdwoy")) > 0:
            return cls(period=value.replace(" ", ""), time=time)
        raise InputError(f"no window: {text!r}", hint)


@dataclass(frozen=True)
class Window:
    """One piece of the current data.

    Attributes:
        table: its rows.
        name: what people call it: its first moment, or its first and last row.
        start, end: the moments that it covers, ISO 8601, the end excluded; None for windows of rows.
        offset: the number of its first row; None for windows of time.
    """

    table: Table
    name: str
    start: str | None = None
    end: str | None = None
    offset: int | None = None
    begins: Any = None
    ends: Any = None


def windows_of(table: Table, windows: Windows) -> list[Window]:
    """The pieces of a table, in order; periods without rows are among them.

    Raises:
        InputError: there is no column of times, or there would be more than `MOST_WINDOWS`.
    """
    if windows.period is None:
        return list(_by_rows(table, windows))
    return list(_by_time(table, windows.period, time_column(table, windows.time)))


def check_windows(reference: Reference | str, current: Table, windows: Windows, options: Options) -> Document:
    """Compare every window.

    Args:
        reference: what all are compared with; or `previous`: each with the one before; or `last-year`: each with the
            same time a year earlier.
        current: what is divided.
        windows: how.
        options: as in `check`.

    Returns:
        The document of the last window, and `windows` with one document for each, with `window` in them.
    """
    pieces = windows_of(current, windows)
    if not pieces:
        raise InputError(f"{current.name} has no rows to divide")
    if isinstance(reference, TableReference) and reference.table.small:
        reference = reference.keeping()
    documents = []
    for number, piece in enumerate(pieces):
        against = _reference(reference, pieces, number, current, windows)
        if against is None:
            continue
        document = check(against, piece.table.held(), options)
        documents.append(
            {
                "window": {"name": piece.name, "start": piece.start, "end": piece.end, "rows": piece.table.rows},
                **document,
            }
        )
    if not documents:
        raise InputError("no window has one to be compared with", "there is only one, or no data of a year before")
    last = documents[-1]
    return {
        **{key: value for key, value in last.items() if key != "window"},
        "windows": documents,
        "dataset_drift": any(document["dataset_drift"] for document in documents),
        "drifted_columns": list(dict.fromkeys(name for one in documents for name in one["drifted_columns"])),
    }


def time_column(table: Table, name: str | None) -> str:
    """The column of times that is meant.

    Raises:
        InputError: it is none, or none is named and there is not exactly one.
    """
    times = [column for column, dtype in table.schema.items() if isinstance(dtype, (pl.Datetime, pl.Date))]
    if name not in times and (name in table.schema if name is not None else not times):
        times += _written_times(table, [name] if name is not None else list(table.schema))
    if name is None and len(times) == 1:
        return times[0]
    if name is None:
        raise InputError(f"{len(times) or 'no'} columns of {table.name} are times", "name one with --time COLUMN")
    if name not in times:
        raise InputError(f"{name} is no column of times", f"one of: {', '.join(times) or 'none'}")
    return name


def moments(table: Table, column: str) -> pl.Expr:
    """A column of times as microseconds without a zone, UTC; text is read as ISO 8601, null where it is none."""
    if table.schema[column] == pl.String:
        return named(column).str.to_datetime(time_unit="us", time_zone="UTC", strict=False).dt.replace_time_zone(None)
    return named(column).cast(pl.Datetime("us"))


def _written_times(table: Table, columns: Sequence[str]) -> list[str]:
    """The columns of text whose first values are all times, as JSON has them."""
    texts = [column for column in columns if table.schema[column] == pl.String]
    if not texts:
        return []
    first = Table(table.head(texts, LOOKED_AT).lazy(), table.name)
    return [column for column in texts if _all_are_times(first, column)]


def _all_are_times(table: Table, column: str) -> bool:
    written, read = (table.frame.select(what).collect().to_series() for what in (named(column), moments(table, column)))
    return written.null_count() < len(written) and read.null_count() == written.null_count()


def _by_rows(table: Table, windows: Windows) -> Iterator[Window]:
    total = table.rows
    count = windows.count if windows.count is not None else -(-total // (windows.rows or total or 1))
    if count > MOST_WINDOWS:
        raise InputError(f"{count:,} windows are too many", f"at most {MOST_WINDOWS:,}")
    for number in range(count):
        if windows.count is not None:
            begin, end = total * number // count, total * (number + 1) // count
        else:
            begin, end = number * (windows.rows or 0), min(total, (number + 1) * (windows.rows or 0))
        name = f"rows {begin + 1:,} to {end:,}"
        yield Window(table.slice(begin, end - begin, f"{table.name}, {name}"), name, offset=begin)


def _by_time(table: Table, period: str, column: str) -> Iterator[Window]:
    first, last = table.reach(moments(table, column))
    if first is None:
        return
    assert isinstance(first, datetime) and isinstance(last, datetime)
    begin = pl.Series([first]).dt.truncate(period)[0]
    edges = [begin]
    while edges[-1] <= last:
        edges.append(pl.Series([edges[-1]]).dt.offset_by(period)[0])
        if len(edges) > MOST_WINDOWS + 1:
            raise InputError(f"more than {MOST_WINDOWS:,} windows of {period}", "choose a longer period")
    for start, end in pairwise(edges):
        yield _between(table, column, start, end)


def _between(table: Table, column: str, start: datetime, end: datetime) -> Window:
    moment = moments(table, column)
    name = start.strftime("%Y-%m-%d" if start.time() == datetime.min.time() else "%Y-%m-%d %H:%M")
    rows = table.where((moment >= start) & (moment < end), f"{table.name}, {name}")
    return Window(rows, name, _iso(start), _iso(end), begins=start, ends=end)


def _reference(
    reference: Reference | str, pieces: Sequence[Window], number: int, current: Table, windows: Windows
) -> Reference | None:
    if not isinstance(reference, str):
        return reference
    if reference == PREVIOUS:
        return TableReference(pieces[number - 1].table.held()) if number else None
    if windows.period is None:
        raise InputError(f"--reference {LAST_YEAR} needs windows of time", "--window period=1w")
    column = time_column(current, windows.time)
    start, end = (_year_before(moment) for moment in (pieces[number].begins, pieces[number].ends))
    table = _between(current, column, start, end).table
    return TableReference(table) if table.rows else None


def _year_before(moment: datetime) -> datetime:
    try:
        return moment.replace(year=moment.year - 1)
    except ValueError:  # the 29th of February
        return moment.replace(year=moment.year - 1, day=28)


def _iso(moment: datetime) -> str:
    return moment.replace(tzinfo=UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
