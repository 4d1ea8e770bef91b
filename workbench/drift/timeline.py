"""A table by its times: which column has them, when it begins and ends, and the rows between two moments."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import polars as pl

from workbench.base.errors import InputError
from workbench.drift.source import Table, named

LOOKED_AT = 200
"""Rows from whose texts a column of times is told."""
_STAMP = "workbench: microseconds since the epoch"


class Timeline:
    """The rows of a table by their times; a small table is read once, and its times are understood once.

    Args:
        table: any.
        column: of times; None takes the only one there is.

    Raises:
        InputError: see `time_column`; the data cannot be read. So do the others.
    """

    def __init__(self, table: Table, column: str | None) -> None:
        moment = moments(table, time_column(table, column)).dt.epoch("us").alias(_STAMP)
        self._table = table
        self._stamped = Table(table.frame.with_columns(moment), table.name, small=table.small).held()

    @cached_property
    def reach_us(self) -> tuple[int | None, int | None]:
        """The first and the last time, microseconds since the epoch; None where there is none."""
        return self._stamped.reach(named(_STAMP))

    @cached_property
    def lacking(self) -> int:
        """How many rows have no time."""
        return self._stamped.column(_STAMP).null_count()

    def between(self, start_us: int, end_us: int, name: str) -> Table:
        """The rows from a moment on and before another one.

        Args:
            name: what they are called.
        """
        inside = (named(_STAMP) >= start_us) & (named(_STAMP) < end_us)
        frame = self._stamped.frame.filter(inside).drop(_STAMP)
        return Table(frame, name, self._table.notes, small=self._stamped.small or None)


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
