"""Data that is read a column at a time, so that memory is that of a column."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import Any

import polars as pl

from workbench.data.tables import Source, read, readable

IN_MEMORY_BYTES = 64_000_000
"""Text files up to this size are read into memory once; larger ones become Parquet in a temporary folder."""
BATCH_ROWS = 1_000_000
HELD_CELLS = 20_000_000
"""Rows times columns up to which a table may be held: 160 MB of numbers."""
VALUES = "values"
BY_COLUMN = ("parquet", "arrow", "delta")
"""Formats of which one column can be read without the others."""


class Table:
    """Rows and columns somewhere.

    Args:
        frame: the data; nothing of it is read yet.
        name: what people call it.
        notes: sentences about how it was read.
        digest: of what it was read from, where that is known.
        small: whether all of it may be held in memory; None counts its rows where somebody asks.
    """

    def __init__(
        self,
        frame: pl.LazyFrame,
        name: str,
        notes: Sequence[str] = (),
        digest: str | None = None,
        *,
        small: bool | None = None,
    ) -> None:
        self.frame = frame
        self.name = name
        self.notes = tuple(notes)
        self.digest = digest
        self._small = small

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        """The types of the columns, in their order.

        Raises:
            InputError: the data cannot be read. So do the others.
        """
        with readable(self.name):
            return dict(self.frame.collect_schema())

    @cached_property
    def rows(self) -> int:
        """How many rows there are."""
        return int(self._collect(self.frame.select(pl.len())).item()) if self.schema else 0

    def column(self, name: str) -> pl.Series:
        """All values of a column, as a series called `VALUES`: polars takes some names for patterns."""
        return self._collect(self.frame.select(named(name))).get_column(name).alias(VALUES)

    def batches(self, name: str, rows: int = BATCH_ROWS) -> Iterator[pl.Series]:
        """The values of a column, some at a time."""
        with readable(self.name):
            for frame in self.frame.select(named(name)).collect_batches(chunk_size=rows):
                yield frame.get_column(name).alias(VALUES)

    def head(self, columns: Sequence[str], rows: int) -> pl.DataFrame:
        """The first rows of some columns."""
        return self._collect(self.frame.select([named(name) for name in columns]).head(rows))

    def reach(self, values: pl.Expr) -> tuple[Any, Any]:
        """The least and the greatest of some values; None where there are none."""
        least, greatest = values.min().alias("least"), values.max().alias("greatest")
        return self._collect(self.frame.select(least, greatest)).row(0)

    def where(self, condition: pl.Expr, name: str | None = None) -> Table:
        """The rows for which a condition holds."""
        return self._part(self.frame.filter(condition), name)

    def slice(self, offset: int, rows: int, name: str | None = None) -> Table:
        """Some rows in a row."""
        return self._part(self.frame.slice(offset, rows), name)

    @property
    def small(self) -> bool:
        """Whether all of it may be held in memory."""
        if self._small is None:
            self._small = self.rows * len(self.schema) <= HELD_CELLS
        return self._small

    def held(self) -> Table:
        """The same, read once and held where it is small: for what is asked for column by column and filtered."""
        if not self.small:
            return self
        return Table(self._collect(self.frame).lazy(), self.name, self.notes, self.digest, small=True)

    def sampled(self, columns: Sequence[str], rows: int) -> pl.DataFrame:
        """At most `rows` rows of some columns, at equal distances."""
        step = max(1, -(-self.rows // rows))
        return self._collect(self.frame.select([named(name) for name in columns]).gather_every(step))

    def _part(self, frame: pl.LazyFrame, name: str | None) -> Table:
        return Table(frame, name or self.name, self.notes, small=self._small or None)  # a part of a small one is small

    def _collect(self, frame: pl.LazyFrame) -> pl.DataFrame:
        with readable(self.name):
            return frame.collect()


def named(column: str) -> pl.Expr:
    """A column by its name as it is: `*` and `^x.*$` are names too."""
    return pl.selectors.by_name(column).as_expr()


def table_of(frame: pl.DataFrame | pl.LazyFrame, name: str = "data") -> Table:
    """A data frame as a table."""
    return Table(frame.lazy(), name)


def open_table(paths: str | Sequence[str], name: str | None = None) -> Table:
    """The table in a file, in the files of a folder, or in those that a pattern such as `logs/*.parquet` names.

    Raises:
        InputError: there is no such file, its format is unknown or it cannot be read.
    """
    source, frame = read(paths, _by_column)
    return Table(frame, name or source.name, source.notes)


def _by_column(source: Source) -> tuple[Source, pl.LazyFrame]:
    """The same table where reading one column does not read the others."""
    if source.format in BY_COLUMN:
        return source, source.frame
    packed = any(file.compressed for file in source.files)
    if source.size_bytes * (5 if packed else 1) <= IN_MEMORY_BYTES:
        return source, source.frame.collect().lazy()
    folder = tempfile.mkdtemp(prefix="workbench-drift-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = os.path.join(folder, "table.parquet")
    source.frame.sink_parquet(path, compression="lz4")
    return source, pl.scan_parquet(path, glob=False)
