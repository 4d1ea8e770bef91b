"""Columns of any kind as numbers, the same way for the reference and for what comes later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from workbench.base.errors import InputError
from workbench.drift.kinds import family, kind_of_numbers, kind_of_texts
from workbench.drift.performance.outcomes import Floats
from workbench.drift.performance.roles import class_texts

MOST_VALUES = 254
"""More values of a category than that, the rarest, are as if they were missing."""


@dataclass(frozen=True)
class Features:
    """Which columns are read, and what their values mean.

    Attributes:
        columns: for each its values by frequency, the most frequent first; None for numbers.
    """

    columns: Mapping[str, tuple[str, ...] | None]

    @classmethod
    def of(cls, frame: pl.DataFrame, ignore: Sequence[str] = ()) -> Features:
        """The columns of a reference that may say something: no times, no identifiers, no free text, no constants."""
        found: dict[str, tuple[str, ...] | None] = {}
        for name in frame.columns:
            values = frame.get_column(name)
            kind = family(values.dtype)
            if name in ignore or values.null_count() == len(values):
                continue
            if kind == "numeric" and not values.dtype.is_temporal():
                numbers = _finite(values)
                there = numbers[np.isfinite(numbers)]
                if len(there) and _tells(name, values, there):
                    found[name] = None
            elif kind in ("text", "boolean"):
                texts = class_texts(values).drop_nulls()
                words = texts.head(1000).str.split(" ").list.len().mean()
                assert isinstance(words, float)
                if kind_of_texts(rows=len(texts), distinct=texts.n_unique(), words=words) == "categorical":
                    counts = texts.value_counts().sort(["count", values.name], descending=[True, False])
                    found[name] = tuple(counts.get_column(values.name).head(MOST_VALUES))
        return cls(found)

    def __call__(self, frame: pl.DataFrame) -> Floats:
        """Rows x columns: numbers, and the rank of a category by its frequency; NaN for what is missing or new.

        Raises:
            InputError: a column is missing, or of another kind than it was.
        """
        found = []
        for name, values in self.columns.items():
            if name not in frame.columns:
                raise InputError(f"the data has no column {name!r}, which the estimate needs")
            column = frame.get_column(name)
            if values is None:
                found.append(_finite(column))
            else:
                ranks = {value: float(rank) for rank, value in enumerate(values)}
                coded = class_texts(column).replace_strict(ranks, default=None, return_dtype=pl.Float64)
                found.append(coded.fill_null(float("nan")).to_numpy())
        return np.column_stack(found) if found else np.empty((frame.height, 0))

    def as_document(self) -> list[dict[str, Any]]:
        """For JSON."""
        return [{"column": name, "values": values and list(values)} for name, values in self.columns.items()]

    @classmethod
    def from_document(cls, document: Sequence[Mapping[str, Any]]) -> Features:
        """What is in a document of `as_document`."""
        return cls({one["column"]: None if one["values"] is None else tuple(one["values"]) for one in document})


def _finite(values: pl.Series) -> Floats:
    """Numbers, NaN where there is none or an infinite one."""
    if family(values.dtype) not in ("numeric", "boolean", "empty"):
        raise InputError(f"{values.name} is no number any more, it is {values.dtype}")
    numbers = values.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return np.where(np.isfinite(numbers), numbers, np.nan)


def _tells(name: str, values: pl.Series, there: Floats) -> bool:
    kind = kind_of_numbers(
        name,
        rows=len(there),
        distinct=values.n_unique(),
        whole=values.dtype.is_integer(),
        low=float(there.min()),
        high=float(there.max()),
    )
    return kind == "numeric"
