"""What columns are recognised as."""

from __future__ import annotations

import polars as pl
import pytest

from workbench.drift.kinds import family, kind_of_numbers, kind_of_texts


@pytest.mark.parametrize(
    ("dtype", "expected"),
    [
        (pl.Int8(), "numeric"),
        (pl.Decimal(9, 2), "numeric"),
        (pl.Duration(), "numeric"),
        (pl.Boolean(), "boolean"),
        (pl.Categorical(), "text"),
        (pl.Enum(["a"]), "text"),
        (pl.Date(), "datetime"),
        (pl.Time(), "datetime"),
        (pl.Null(), "empty"),
        (pl.List(pl.Int64), "other"),
        (pl.Binary(), "other"),
    ],
)
def test_families_of_types(dtype: pl.DataType, expected: str) -> None:
    assert family(dtype) == expected


def numbers(name: str = "x", rows: int = 1000, distinct: int = 1000, whole: bool = True, high: float = 1e9) -> str:
    return kind_of_numbers(name, rows=rows, distinct=distinct, whole=whole, low=0, high=high)


@pytest.mark.parametrize("name", ["id", "user_id", "userId", "orderID", "ID", "row", "uuid", "primary key"])
def test_whole_numbers_that_differ_and_are_called_so_are_identifiers(name: str) -> None:
    assert numbers(name) == "identifier"


@pytest.mark.parametrize("name", ["paid", "amount", "valid", "grid", "idle", "width"])
def test_other_names_are_numbers(name: str) -> None:
    assert numbers(name) == "numeric"


def test_numbers() -> None:
    assert numbers(high=1001) == "identifier"
    assert numbers(high=1001, whole=False) == "numeric"
    assert numbers("id", distinct=900) == "numeric"
    assert numbers(distinct=1) == "constant"
    assert numbers("id", rows=19, distinct=1) == "numeric"


def test_texts() -> None:
    assert kind_of_texts(rows=100, distinct=50, words=9) == "categorical"
    assert kind_of_texts(rows=100, distinct=51, words=9) == "text"
    assert kind_of_texts(rows=100, distinct=51, words=1) == "identifier"
    assert kind_of_texts(rows=100, distinct=1, words=1) == "constant"
    assert kind_of_texts(rows=19, distinct=19, words=9) == "categorical"
