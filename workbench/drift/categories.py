"""Values and how often each occurs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from workbench.drift.sample import Counts

VALUE, ROWS = "value", "rows"
SCHEMA = {VALUE: pl.String, ROWS: pl.Int64}


@dataclass(frozen=True, eq=False)
class Categories:
    """Exact counts of values.

    Attributes:
        frame: `value` (text) and `rows`, the most frequent first, equally frequent ones by their text.
        distinct: how many different values there are.
        other_values, other_rows: rare values that were left out to bound the size, and their rows.
    """

    frame: pl.DataFrame
    distinct: int
    other_values: int = 0
    other_rows: int = 0

    @classmethod
    def of(cls, values: pl.Series) -> Categories:
        """The values of a series, nulls left out."""
        return cls.summed([counted(values)])

    @classmethod
    def summed(cls, parts: Sequence[pl.DataFrame]) -> Categories:
        """Counts of several parts together; each is as `counted` returns."""
        frame = parts[0] if len(parts) == 1 else pl.concat(parts).group_by(VALUE).agg(pl.col(ROWS).sum())
        return cls(frame.sort(ROWS, VALUE, descending=[True, False]), frame.height)

    @property
    def n(self) -> int:
        """Rows in all."""
        return int(self.frame.get_column(ROWS).sum()) + self.other_rows

    def bounded(self, most: int) -> Categories:
        """With at most `most` values, the most frequent ones."""
        if self.frame.height <= most:
            return self
        rest = self.frame.slice(most)
        return Categories(
            self.frame.head(most),
            self.distinct,
            self.other_values + rest.height,
            self.other_rows + int(rest.get_column(ROWS).sum()),
        )


@dataclass(frozen=True, eq=False)
class Pair:
    """The counts of both sides over the same values.

    Attributes:
        values: of either side, the most frequent of the reference first.
        reference, current: rows of each value.
        other: whether the last value stands for the rare ones that the reference's summary has left out.
    """

    values: list[str]
    reference: Counts
    current: Counts
    other: bool = False


def counted(values: pl.Series) -> pl.DataFrame:
    """`value` and `rows` of a series' values, nulls left out, in no order."""
    frame = values.drop_nulls().rename(VALUE).value_counts(name=ROWS)
    return frame.select(pl.col(VALUE).cast(pl.String), pl.col(ROWS).cast(pl.Int64))


def paired(reference: Categories, current: Categories) -> Pair:
    """Both sides over the values of either."""
    frame = (
        reference.frame.lazy()
        .join(current.frame.lazy(), on=VALUE, how="full", coalesce=True, suffix="_current")
        .with_columns(pl.col(ROWS, f"{ROWS}_current").fill_null(0))
        .sort(ROWS, f"{ROWS}_current", VALUE, descending=[True, True, False])
        .collect()
    )
    left_out = reference.other_rows > 0
    if left_out:  # a value that the summary does not have may be one of those that it left out
        frame = pl.concat(
            [
                frame.filter(pl.col(ROWS) > 0),
                frame.filter(pl.col(ROWS) == 0).select(
                    pl.lit("…").alias(VALUE),
                    pl.lit(reference.other_rows, pl.Int64).alias(ROWS),
                    pl.col(f"{ROWS}_current").sum(),
                ),
            ]
        )
    return Pair(
        frame.get_column(VALUE).to_list(),
        frame.get_column(ROWS).to_numpy().astype(np.int64),
        frame.get_column(f"{ROWS}_current").to_numpy().astype(np.int64),
        left_out,
    )
