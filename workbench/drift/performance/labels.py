"""Labels that come later than the predictions: read from a file and joined to the rows by their keys."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from workbench.base.errors import InputError
from workbench.data.tables import Source, read
from workbench.drift.performance.roles import class_texts, require
from workbench.drift.source import named

_PLACE = "place of the label"
"""A column that no data is supposed to have."""


@dataclass(frozen=True)
class Joined:
    """Rows with the labels that are known of them.

    Attributes:
        frame: the rows in their order, with the column of labels; null where there is none yet.
        coverage: the share of the rows that have a label, 0 to 1; 0 without rows.
        unknown: keys with a label that no row has.
        duplicates: labels that say again what another one of the same key says; folded.
        contradicting: keys with several different labels, of which the last one counts.
        nulls: labels without a value or a key, not looked at.
    """

    frame: pl.DataFrame
    coverage: float
    unknown: int
    duplicates: int
    contradicting: int
    nulls: int

    @property
    def counts(self) -> dict[str, int]:
        """What there is to say about the labels, for documents."""
        names = ("unknown", "duplicates", "contradicting", "nulls")
        return {name: int(getattr(self, name)) for name in names}


def read_labels(paths: str | Sequence[str], keys: str | Sequence[str], label: str) -> pl.DataFrame:
    """The columns of keys and labels of a file, or of several, in the order of their lines.

    Args:
        paths: as `data.tables.open_source` takes them: CSV, Parquet, JSON lines, ….
        keys: the column, or columns, that name a row.
        label: the column of what is true.

    Raises:
        InputError: it cannot be read, or a column is missing.
    """
    wanted = list(dict.fromkeys([*_several(keys), label]))

    def collected(source: Source) -> pl.DataFrame:
        for name in wanted:
            if name not in source.types:
                there = ", ".join(list(source.types)[:20])
                raise InputError(f"the labels {source.name} have no column {name!r}", f"their columns are: {there}")
        return source.frame.select([named(name) for name in wanted]).collect()

    return read(paths, collected)


def joined(rows: pl.DataFrame, labels: pl.DataFrame, keys: str | Sequence[str], label: str = "label") -> Joined:
    """Give rows their labels.

    Keys of different types are compared as texts: 17 and "17" are equal. A key that several rows have gives all of
    them its label; a column of the rows that is called as the labels' is replaced.

    Args:
        rows: what was predicted.
        labels: keys and labels, the newest last.
        keys: the column, or columns, of both that name a row.
        label: the labels' column.

    Raises:
        InputError: a column is missing, or cannot be a key.
    """
    keys = _several(keys)
    require(rows, keys, "the data")
    require(labels, [*keys, label], "the table of labels")
    if label in keys:
        raise InputError(f"{label} cannot be the key and the label")
    ours, theirs = rows.select(keys), labels.select([*keys, label])
    for key in keys:
        ours, theirs = _comparable(ours, theirs, key)
    given = theirs.drop_nulls()
    if given.schema[label].is_float():
        given = given.filter(pl.col(label).is_not_nan())
    given = given.with_row_index(_PLACE)
    last = given.unique(keys, keep="last")
    found = ours.join(last, on=keys, how="left", maintain_order="left")
    used = np.zeros(given.height, bool)
    used[found.get_column(_PLACE).drop_nulls().to_numpy()] = True
    known = found.get_column(label)
    duplicates, contradicting = _repeated(given, last, keys, label)
    return Joined(
        rows.with_columns(known.alias(label)),
        (rows.height - known.null_count()) / rows.height if rows.height else 0.0,
        last.height - int(used.sum()),
        duplicates,
        contradicting,
        theirs.height - given.height,
    )


def _repeated(given: pl.DataFrame, last: pl.DataFrame, keys: list[str], label: str) -> tuple[int, int]:
    """How many labels are said again, and how many keys have several; only keys that are there twice are looked at."""
    if last.height == given.height:
        return 0, 0
    overruled = np.ones(given.height, bool)
    overruled[last.get_column(_PLACE).to_numpy()] = False
    twice = given.join(given.filter(pl.Series(overruled)), on=keys, how="semi").select([*keys, label])
    different = twice.unique()
    several = different.filter(different.select(keys).is_duplicated()).select(keys).n_unique()
    return twice.height - different.height, several


def _comparable(ours: pl.DataFrame, theirs: pl.DataFrame, key: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both with a key of one type."""
    kinds = ours.schema[key], theirs.schema[key]
    for kind in kinds:
        if kind.is_nested() or kind in (pl.Binary, pl.Object):
            raise InputError(f"{key} cannot be a key, it is {kind}")
    if kinds[0] == kinds[1] and not kinds[0].is_float():
        return ours, theirs
    return ours.with_columns(class_texts(ours[key]).alias(key)), theirs.with_columns(
        class_texts(theirs[key]).alias(key)
    )


def _several(names: str | Sequence[str]) -> list[str]:
    return [names] if isinstance(names, str) else list(names)
