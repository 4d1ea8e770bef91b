"""A column on one side, reduced to what comparisons use; the rows are not needed again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from workbench.drift import datetimes, kinds, text
from workbench.drift.categories import Categories, counted
from workbench.drift.numbers import Numbers, numbers_in_batches, numbers_of
from workbench.drift.source import BATCH_ROWS, Table
from workbench.drift.text import TextStatistics

HELD_ROWS = 5_000_000
"""Longer columns are read in batches, and numbers are reduced to points that stand for them."""
MANY_VALUES = 1_000_000
"""Of a column with more different texts than that, most of them different, the rest is not counted."""
COUNTED_NUMBERS = 20
"""Numbers with at most so many different values are counted value by value as well."""


@dataclass(frozen=True, eq=False)
class Summary:
    """One column on one side.

    Attributes:
        name: of the column.
        dtype: its type as polars calls it.
        family: see `kinds.family`.
        kind: what it is recognised as; `empty` without values, `other` for lists and the like.
        rows: all of them.
        nulls: those without a value; NaN is none, and is in `numbers`.
        numbers: of a numeric column; of times, seconds since the epoch.
        categories: texts, booleans, and numbers with few different values, by value.
        text: of free text.
        weekdays, hours: of times.
    """

    name: str
    dtype: str
    family: str
    kind: str
    rows: int
    nulls: int
    numbers: Numbers | None = None
    categories: Categories | None = None
    text: TextStatistics | None = None
    weekdays: Categories | None = None
    hours: Categories | None = None

    @property
    def missing(self) -> int:
        """Rows without a value: null or NaN."""
        return self.nulls + (self.numbers.nans if self.numbers else 0)

    @property
    def values(self) -> int:
        """Rows with a value that is compared."""
        return self.rows - self.missing - (self.numbers.infinite if self.numbers else 0)

    def facts(self) -> dict[str, Any]:
        """What a person wants to know of the column on this side."""
        facts: dict[str, Any] = {
            "type": self.dtype,
            "kind": self.kind,
            "rows": self.rows,
            "values": self.values,
            "nulls": self.nulls,
        }
        numbers = self.numbers
        if numbers is not None:
            facts |= {"nan": numbers.nans, "infinite": numbers.infinite, "distinct": numbers.distinct}
            if numbers.n:
                facts |= {"min": numbers.low, "max": numbers.high, "mean": numbers.mean, "std": numbers.std}
                facts["median"] = float(numbers.sample.quantiles([0.5])[0])
        elif self.categories is not None:
            facts["distinct"] = self.categories.distinct
        return facts


def summarise(table: Table, name: str, kind: str | None = None, vocabulary: Collection[str] | None = None) -> Summary:
    """Read one column.

    Args:
        table: where it is.
        name: of the column.
        kind: what it is; None recognises it.
        vocabulary: words of the reference, for free text of the current side; None is for the reference.

    Raises:
        InputError: it cannot be read.
    """
    dtype = table.schema[name]
    family = kinds.family(dtype)
    base = Summary(name, str(dtype), family, family, table.rows, 0)
    if family in ("empty", "other") or not table.rows:
        found = replace(base, nulls=table.column(name).null_count() if table.rows else 0)
    elif family == "numeric":
        found = _numeric(base, table)
    elif family == "datetime":
        found = _times(base, table)
    else:
        found = _values(base, table, kind, vocabulary)
    if kind in ("categorical", "boolean") and found.numbers is not None and found.categories is None:
        found = replace(found, categories=Categories.of(table.column(name)))
    return replace(found, kind=kind) if kind is not None and found.kind not in ("empty", "other") else found


def _numeric(base: Summary, table: Table) -> Summary:
    column = None
    if base.rows <= HELD_ROWS:
        column = table.column(base.name)
        nulls = column.null_count()
        numbers = numbers_of(column)
    else:
        nulls_seen = [0]
        numbers = numbers_in_batches(_counting(table.batches(base.name, BATCH_ROWS), nulls_seen))
        nulls = nulls_seen[0]
    dtype = table.schema[base.name]
    kind = "empty"
    if numbers.n:
        kind = kinds.kind_of_numbers(
            base.name, rows=numbers.n, distinct=numbers.distinct, whole=dtype.is_integer(), low=numbers.low,
            high=numbers.high,
        )  # fmt: skip
    return replace(base, kind=kind, nulls=nulls, numbers=numbers, categories=_few(numbers, dtype.is_integer()))


def _few(numbers: Numbers, whole: bool) -> Categories | None:
    """The counts of numbers by value, where there are few."""
    if numbers.distinct is None or numbers.distinct > COUNTED_NUMBERS or not numbers.sample.exact:
        return None
    values, rows = numbers.sample.frequencies()
    texts = [str(int(value)) if whole or value == int(value) else repr(float(value)) for value in values]
    return Categories.summed([pl.DataFrame({"value": texts, "rows": rows}, {"value": pl.String, "rows": pl.Int64})])


def _times(base: Summary, table: Table) -> Summary:
    nulls = [0]
    weekdays, hours, seconds = [], [], []
    for times in _counting(table.batches(base.name, BATCH_ROWS), nulls):
        times = times.drop_nulls()
        seconds.append(datetimes.epoch_s(times))
        weekdays.append(counted(datetimes.weekdays(times)))
        hours.append(counted(datetimes.hours(times)))
    numbers = numbers_of(pl.concat(seconds)) if base.rows <= HELD_ROWS else numbers_in_batches(seconds)
    return replace(
        base,
        kind="datetime" if numbers.n else "empty",
        nulls=nulls[0],
        numbers=numbers,
        weekdays=Categories.summed(weekdays),
        hours=Categories.summed(hours),
    )


def _values(base: Summary, table: Table, kind: str | None, vocabulary: Collection[str] | None) -> Summary:
    """Texts and booleans."""
    if base.rows <= HELD_ROWS:
        column = table.column(base.name)
        categories, nulls = Categories.of(column), column.null_count()
        some = column
    else:
        categories, nulls, some = _counted_in_batches(table, base.name)
    if not categories.n:
        return replace(base, kind="empty", nulls=nulls)
    recognised = "boolean"
    texts = some.cast(pl.String).drop_nulls()
    if base.family == "text":
        words = text.mean_words(texts) if categories.distinct > 1 else 0.0
        recognised = kinds.kind_of_texts(rows=categories.n, distinct=categories.distinct, words=words)
    elif categories.distinct == 1 and categories.n >= kinds.LEAST_ROWS:
        recognised = "constant"
    statistics = None
    if (kind or recognised) == "text":
        statistics = text.of_reference(texts) if vocabulary is None else text.of_current(texts, vocabulary)
    return replace(base, kind=recognised, nulls=nulls, categories=categories, text=statistics)


def _counted_in_batches(table: Table, name: str) -> tuple[Categories, int, pl.Series]:
    """The counts of a long column, its nulls, and some of its values at equal distances."""
    frame, nulls, seen, samples = None, 0, 0, []
    step = max(1, table.rows // text.ROWS)
    for values in table.batches(name, BATCH_ROWS):
        nulls += values.null_count()
        seen += len(values)
        samples.append(values.gather_every(step))
        if frame is None or frame.height <= max(MANY_VALUES, seen * kinds.IDENTIFIER_SHARE):
            part = counted(values)
            frame = part if frame is None else Categories.summed([frame, part]).frame
    assert frame is not None
    return Categories(frame.sort("rows", "value", descending=[True, False]), frame.height), nulls, pl.concat(samples)


def _counting(batches: Iterator[pl.Series], nulls: list[int]) -> Iterator[pl.Series]:
    for values in batches:
        nulls[0] += values.null_count()
        yield values
