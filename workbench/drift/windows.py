"""Current data in pieces: by rows, by number, by time; each is compared with the reference or with the one before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from workbench.base.errors import InputError
from workbench.drift.check import Reference, TableReference, check
from workbench.drift.options import Options
from workbench.drift.periods import Period
from workbench.drift.report import Document
from workbench.drift.source import Table
from workbench.drift.timeline import Timeline

PREVIOUS, LAST_YEAR = "previous", "last-year"
"""References that come from the data itself."""
MOST_WINDOWS = 1000
_EPOCH = datetime(1970, 1, 1)


@dataclass(frozen=True)
class Windows:
    """How data is divided.

    Attributes:
        rows: rows of each window; the last one may have fewer.
        count: how many windows, of the same number of rows but for one.
        period: the time that each covers: `1d`, `6h`, `1w`, `1mo`; see `periods.Period`.
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
        if name == "period" and mark:
            return cls(period=str(Period.parsed(value)), time=time)
        raise InputError(f"no window: {text!r}", hint)


@dataclass(frozen=True)
class Window:
    """One piece of the current data.

    Attributes:
        table: its rows.
        name: what people call it: its first moment, or its first and last row.
        start_us, end_us: the moments that it covers, the end excluded, microseconds since the epoch; None for windows
            of rows.
        offset: the number of its first row; None for windows of time.
        timeline: of the table that it is a piece of; None for windows of rows.
    """

    table: Table
    name: str
    start_us: int | None = None
    end_us: int | None = None
    offset: int | None = None
    timeline: Timeline | None = None

    @property
    def start(self) -> str | None:
        """The first moment, ISO 8601."""
        return None if self.start_us is None else _iso(self.start_us)

    @property
    def end(self) -> str | None:
        """The moment after the last one, ISO 8601."""
        return None if self.end_us is None else _iso(self.end_us)


def windows_of(table: Table, windows: Windows) -> list[Window]:
    """The pieces of a table, in order; periods without rows are among them.

    Raises:
        InputError: there is no column of times, or there would be more than `MOST_WINDOWS`.
    """
    if windows.period is None:
        return list(_by_rows(table, windows))
    return list(_by_time(table, Period.parsed(windows.period), windows.time))


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
        against = _reference(reference, pieces, number)
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


def _by_time(table: Table, period: Period, column: str | None) -> Iterator[Window]:
    timeline = Timeline(table, column)
    first_us, last_us = timeline.reach_us
    if first_us is None or last_us is None:
        return
    edges_us = [period.floor(first_us)]
    while edges_us[-1] <= last_us:
        edges_us.append(period.after(edges_us[-1]))
        if len(edges_us) > MOST_WINDOWS + 1:
            raise InputError(f"more than {MOST_WINDOWS:,} windows of {period}", "choose a longer period")
    for start_us, end_us in pairwise(edges_us):
        name = period.name(start_us)
        rows = timeline.between(start_us, end_us, f"{table.name}, {name}")
        yield Window(rows, name, start_us=start_us, end_us=end_us, timeline=timeline)


def _reference(reference: Reference | str, pieces: Sequence[Window], number: int) -> Reference | None:
    if not isinstance(reference, str):
        return reference
    if reference == PREVIOUS:
        return TableReference(pieces[number - 1].table.held()) if number else None
    piece = pieces[number]
    if piece.timeline is None or piece.start_us is None or piece.end_us is None:
        raise InputError(f"--reference {LAST_YEAR} needs windows of time", "--window period=1w")
    start_us, end_us = (_year_before_us(moment_us) for moment_us in (piece.start_us, piece.end_us))
    table = piece.timeline.between(start_us, end_us, f"{piece.table.name}, a year before")
    return TableReference(table) if table.rows else None


def _year_before_us(time_us: int) -> int:
    moment = _EPOCH + timedelta(microseconds=time_us)
    try:
        before = moment.replace(year=moment.year - 1)
    except ValueError:  # the 29th of February
        before = moment.replace(year=moment.year - 1, day=28)
    return (before - _EPOCH) // timedelta(microseconds=1)


def _iso(time_us: int) -> str:
    return f"{(_EPOCH + timedelta(microseconds=time_us)).isoformat(timespec='seconds')}Z"
