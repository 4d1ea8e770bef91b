"""Labels that come later, joined by their keys."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.base.errors import InputError
from workbench.drift.performance.labels import joined, read_labels

ROWS = pl.DataFrame({"id": [1, 2, 3, 4, None], "said": list("abcde")})


def labels(*pairs: tuple[object, object]) -> pl.DataFrame:
    return pl.DataFrame({"id": [key for key, _ in pairs], "label": [label for _, label in pairs]}, strict=False)


def test_the_last_label_of_a_key_counts_and_what_is_odd_is_counted() -> None:
    found = joined(ROWS, labels((1, "x"), (2, "y"), (1, "x"), (2, "z"), (9, "q"), (3, None), (None, "n")), "id")
    assert found.frame["label"].to_list() == ["x", "z", None, None, None]
    assert found.frame["said"].to_list() == list("abcde")
    assert found.coverage == 2 / 5
    assert found.counts == {"unknown": 1, "duplicates": 1, "contradicting": 1, "nulls": 2}


def test_a_label_that_comes_back_is_counted_once_as_contradicting() -> None:
    found = joined(ROWS, labels((1, "x"), (1, "y"), (1, "x")), "id")
    assert found.frame["label"][0] == "x"
    assert (found.duplicates, found.contradicting) == (1, 1)


@pytest.mark.parametrize("keys", [["1", "2"], [1.0, 2.0], [True, 2]])
def test_keys_of_other_types_are_found(keys: list[object]) -> None:
    if isinstance(keys[0], bool):
        keys = ["1", "2"]
    later = pl.DataFrame({"id": keys, "label": [0, 1]})
    for rows in (ROWS, ROWS.with_columns(pl.col("id").cast(pl.Int8)), ROWS.with_columns(pl.col("id").cast(pl.Float64))):
        assert joined(rows, later, "id").frame["label"].to_list() == [0, 1, None, None, None]


def test_several_columns_can_be_the_key_and_a_key_can_have_several_rows() -> None:
    rows = pl.DataFrame({"day": [1, 1, 2, 2], "shop": ["a", "b", "a", "a"]})
    later = pl.DataFrame({"day": [1, 2], "shop": ["b", "a"], "label": [5, 6]})
    assert joined(rows, later, ["day", "shop"]).frame["label"].to_list() == [None, 5, 6, 6]


def test_labels_replace_those_of_the_rows() -> None:
    rows = ROWS.with_columns(label=pl.lit("old"))
    assert joined(rows, labels((1, "new")), "id").frame["label"].to_list() == ["new", None, None, None, None]


def test_nothing_on_either_side_is_no_error() -> None:
    assert joined(ROWS.clear(), labels((1, "x")), "id").coverage == 0
    assert joined(ROWS.clear(), labels((1, "x")), "id").unknown == 1
    nothing = pl.DataFrame(schema={"id": pl.Int64, "label": pl.String})
    assert joined(ROWS, nothing, "id").frame["label"].to_list() == [None] * 5


def test_what_cannot_be_a_key_is_an_error() -> None:
    with pytest.raises(InputError, match="the data has no column 'key'"):
        joined(ROWS, labels((1, "x")), "key")
    with pytest.raises(InputError, match="the table of labels has no column 'paid'"):
        joined(ROWS, labels((1, "x")), "id", "paid")
    with pytest.raises(InputError, match="cannot be the key and the label"):
        joined(ROWS, labels((1, "x")), "id", "id")
    with pytest.raises(InputError, match="said cannot be a key, it is List"):
        joined(pl.DataFrame({"said": [[1]]}), pl.DataFrame({"said": [[1]], "label": [1]}), "said")


@pytest.mark.parametrize("name", ["labels.csv", "labels.parquet", "labels.jsonl"])
def test_labels_are_read_from_files_of_every_form(name: str, tmp_path: Path) -> None:
    frame = labels((1, 0), (2, 1)).with_columns(other=pl.lit("x"))
    path = tmp_path / name
    write = {".csv": frame.write_csv, ".parquet": frame.write_parquet, ".jsonl": frame.write_ndjson}[path.suffix]
    write(path)  # type: ignore[operator]
    found = read_labels(str(path), "id", "label")
    assert found.to_dicts() == [{"id": 1, "label": 0}, {"id": 2, "label": 1}]
    with pytest.raises(InputError, match=rf"{name} have no column 'paid'"):
        read_labels(str(path), "id", "paid")


@given(
    st.lists(st.integers(0, 9), max_size=20),
    st.lists(st.tuples(st.integers(0, 12), st.integers(0, 2)), max_size=30),
    st.booleans(),
)
@settings(max_examples=60, deadline=None)
def test_joining_is_looking_up_the_last_label(keys: list[int], given: list[tuple[int, int]], texts: bool) -> None:
    rows = pl.DataFrame({"id": keys}, {"id": pl.Int64})
    later = pl.DataFrame(
        {"id": [k for k, _ in given], "label": [v for _, v in given]}, {"id": pl.Int64, "label": pl.Int64}
    )
    last = dict(given)
    found = joined(rows, later.with_columns(pl.col("id").cast(pl.String)) if texts else later, "id")
    assert found.frame["label"].to_list() == [last.get(key) for key in keys]
    assert found.unknown == len(set(last) - set(keys))
    assert found.duplicates == len(given) - len(set(given))
    assert found.contradicting == sum(len({v for k, v in given if k == key}) > 1 for key in last)


def test_a_million_rows_keep_their_order() -> None:
    rows = pl.DataFrame({"id": np.random.default_rng(0).permutation(1_000_000)})
    later = pl.DataFrame({"id": np.arange(0, 1_000_000, 2)}).with_columns(label=pl.col("id") * 10)
    found = joined(rows, later, "id")
    assert found.coverage == 0.5
    assert (found.frame["label"].drop_nulls() == found.frame.filter(pl.col("id") % 2 == 0)["id"] * 10).all()
