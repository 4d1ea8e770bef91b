"""Times as numbers, as days of the week and as hours."""

from __future__ import annotations

import polars as pl

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def epoch_s(times: pl.Series) -> pl.Series:
    """Seconds since the epoch, since midnight for times of day."""
    if times.dtype == pl.Time:
        return times.cast(pl.Int64) / 1_000_000_000
    return times.cast(pl.Datetime("us")).cast(pl.Int64) / 1_000_000


def weekdays(times: pl.Series) -> pl.Series:
    """`Mo` to `Su`; None for times of day."""
    if times.dtype == pl.Time:
        return pl.Series(times.name, [], pl.String)
    return times.dt.weekday().cast(pl.String).replace({str(n): day for n, day in enumerate(WEEKDAYS, start=1)})


def hours(times: pl.Series) -> pl.Series:
    """`00` to `23`; all `00` for dates."""
    if times.dtype == pl.Date:
        return pl.Series(times.name, ["00"] * len(times), pl.String)
    return times.dt.hour().cast(pl.String).str.zfill(2)
