from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from workbench.base.errors import InputError
from workbench.data.differences import compare_files, difference, ks
from workbench.data.tables import Source, open_source


def table(columns: dict[str, Any], name: str = "t") -> Source:
    """A table in a file."""
    pl.DataFrame(columns, strict=False).write_parquet(f"{name}.parquet")
    return open_source(f"{name}.parquet")


def found(a: dict[str, Any], b: dict[str, Any], *key: str) -> dict[str, Any]:
    """What differs between two tables."""
    return difference(table(a, "a"), table(b, "b"), key=key)


def test_equal_tables_are_equal() -> None:
    same = {"k": [1, 2], "v": [None, float("nan")]}
    assert found(same, same)["equal"] and found(same, same, "k")["equal"]
    assert found({"a": [1, 2]}, {"a": [2, 1]})["equal"]


def test_columns_that_came_went_and_changed_are_named() -> None:
    columns = found({"a": [1], "b": [1], "c": [1]}, {"c": ["1"], "a": [1], "d": [1]})["columns"]
    assert [one["name"] for one in columns["added"]] == ["d"]
    assert [one["name"] for one in columns["removed"]] == ["b"]
    assert columns["changed"] == [{"name": "c", "a": "Int64", "b": "String"}]
    assert columns["reordered"]


def test_rows_are_followed_by_their_key() -> None:
    a = {"k": [1, 2, 3, None], "v": ["x", "y", None, "n"], "w": [1.0, float("nan"), 3.0, 4.0]}
    b = {"k": [2, 3, 4, None], "v": ["y", "z", "q", "n"], "w": [float("nan"), 3.5, 0.0, 4.0]}
    keyed = found(a, b, "k")["by_key"]
    counts = {name: keyed[name] for name in ("added", "removed", "changed", "unchanged")}
    assert counts == {"added": 1, "removed": 1, "changed": 1, "unchanged": 2}
    assert keyed["changed_values"] == {"v": 1, "w": 1}
    assert keyed["examples"]["added"] == [[4]] and keyed["examples"]["removed"] == [[1]]
    assert {"key": [3], "column": "v", "a": None, "b": "z"} in keyed["examples"]["changed"]


def test_a_key_that_does_not_tell_rows_is_refused() -> None:
    with pytest.raises(InputError, match="k does not tell the rows of b: 2 rows share 1 values"):
        found({"k": [1, 2]}, {"k": [1, 1]}, "k")
    with pytest.raises(InputError, match="a has no column z"):
        found({"k": [1]}, {"k": [1]}, "z")


def test_without_a_key_rows_are_counted_as_wholes() -> None:
    a = {"a": [1, 1, 2], "b": ["x", "x", "y"]}
    b = {"a": [1, 2, 3], "b": ["x", "y", "z"]}
    assert found(a, b)["as_wholes"] == {"both": 2, "only_a": 1, "only_b": 1}


def test_distributions_that_moved_most_come_first() -> None:
    a = {"same": [1, 2, 3, 4], "moved": [1, 2, 3, 4], "word": ["x", "x", "y", "y"]}
    b = {"same": [4, 3, 2, 1], "moved": [5, 6, 7, 8], "word": ["x", "x", "y", "z"]}
    one, other, last = found(a, b)["distributions"]
    assert (one["name"], one["distance"], one["method"]) == ("moved", 1.0, "ks")
    assert (other["name"], other["distance"], other["method"]) == ("word", 0.25, "tvd")
    assert other["new_values"] == {"count": 1, "examples": ["z"]}
    assert (last["name"], last["distance"]) == ("same", 0.0)


def test_personal_values_are_masked_in_examples() -> None:
    keyed = found({"k": [1], "m": ["ada@example.org"]}, {"k": [1], "m": ["bob@example.org"]}, "k")
    assert "example.org" not in str(keyed)


def test_nested_values_are_compared() -> None:
    assert not found({"k": [1], "l": [[1, 2]]}, {"k": [1], "l": [[1, 3]]}, "k")["equal"]


def test_a_csv_is_compared_with_a_parquet_file() -> None:
    frame = pl.DataFrame({"k": [1, 2], "v": [0.5, None], "d": ["2026-01-01", "2026-01-02"]}).with_columns(
        pl.col("d").str.to_date()
    )
    frame.write_csv("t.csv")
    frame.write_parquet("t.parquet")
    assert compare_files("t.csv", "t.parquet", key=["k"])["equal"]


NUMBERS = st.lists(st.floats(-5, 5, width=16), min_size=1, max_size=30)


@pytest.mark.filterwarnings("ignore:divide by zero")
@settings(max_examples=60, deadline=None)
@given(NUMBERS, NUMBERS)
def test_the_distance_of_numbers_is_that_of_scipy(a: list[float], b: list[float]) -> None:
    expected = ks_2samp(a, b, method="asymp").statistic
    assert ks(np.array(a), np.array(b)) == pytest.approx(expected, abs=1e-12)


VALUES = st.lists(
    st.tuples(
        st.integers(0, 6), st.one_of(st.none(), st.sampled_from([0.5, 1.5, float("nan")])), st.sampled_from("xyz")
    ),
    unique_by=lambda row: row[0],
    max_size=7,
)


@settings(max_examples=40, deadline=None)
@given(VALUES, VALUES)
def test_a_difference_seen_from_the_other_side_is_the_same(a: list[Any], b: list[Any]) -> None:
    tables = [
        table(dict(zip(("k", "v", "w"), (list(cells) for cells in zip(*rows, strict=True)), strict=True)), name)
        if rows
        else open_source(_empty(name))
        for rows, name in ((a, "a"), (b, "b"))
    ]
    for key in ((), ("k",)):
        there = difference(tables[0], tables[1], key=key)
        back = difference(tables[1], tables[0], key=key)
        assert there["equal"] == back["equal"]
        if key:
            assert (there["by_key"]["added"], there["by_key"]["removed"]) == (
                back["by_key"]["removed"],
                back["by_key"]["added"],
            )
            assert there["by_key"]["changed_values"] == back["by_key"]["changed_values"]
        else:
            assert there["as_wholes"]["both"] == back["as_wholes"]["both"]
            assert there["as_wholes"]["only_a"] == back["as_wholes"]["only_b"]
        apart = {one["name"]: one["distance"] for one in there["distributions"]}
        assert apart == pytest.approx({one["name"]: one["distance"] for one in back["distributions"]})


def _empty(name: str) -> str:
    pl.DataFrame(schema={"k": pl.Int64, "v": pl.Float64, "w": pl.String}).write_parquet(f"{name}.parquet")
    return f"{name}.parquet"
