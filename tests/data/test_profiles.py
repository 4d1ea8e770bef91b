from __future__ import annotations

import math
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.base.jsonvalue import dumps
from workbench.data import profiles
from workbench.data.column_profile import Profile, profile_column
from workbench.data.profiles import profile

FLOATS = st.floats(allow_nan=True, allow_infinity=True, width=32)


def column(values: list[Any], name: str = "x", **options: Any) -> Profile:
    """The profile of one column."""
    dtype = options.pop("dtype", None)
    return profile_column(pl.Series(name, values, dtype), **options)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(st.none(), FLOATS), max_size=40))
def test_numbers_are_those_that_polars_finds_one_by_one(values: list[float | None]) -> None:
    found = column(values, dtype=pl.Float64)
    series = pl.Series(values, dtype=pl.Float64)
    present = [value for value in values if value is not None]
    finite = pl.Series([value for value in present if math.isfinite(value)], dtype=pl.Float64)
    assert found["nulls"] == series.null_count() and found["count"] == len(present)
    assert found["nan"] == sum(map(math.isnan, present))
    assert found["infinite"] == present.count(math.inf) and found["negative_infinite"] == present.count(-math.inf)
    assert (found["min"], found["max"]) == (finite.min(), finite.max())
    assert found["distinct"] == finite.n_unique()
    for name, mine in (("mean", finite.mean()), ("std", finite.std())):
        assert (found[name] is None and mine is None) or found[name] == pytest.approx(mine, rel=1e-9, abs=1e-30)
    for q, value in found["quantiles"].items():
        assert value == finite.quantile(float(q), "linear")
    if len(finite):
        assert sum(found["histogram"]["counts"]) == len(finite)
        assert found["histogram"]["edges"][0] == finite.min() and found["histogram"]["edges"][-1] == finite.max()
    assert "NaN" not in dumps(found)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.one_of(st.none(), st.sampled_from(["a", "b", "", " c", "ü"])), max_size=40))
def test_texts_are_counted_as_polars_counts_them(values: list[str | None]) -> None:
    found = column(values, dtype=pl.String)
    present = pl.Series([value for value in values if value is not None], dtype=pl.String)
    assert found["distinct"] == present.n_unique()
    assert found["length"]["max"] == present.str.len_chars().max()
    counts = {one["value"]: one["count"] for one in found["top"]}
    if present.len() > present.n_unique():
        assert counts == dict(present.value_counts().iter_rows())
        assert list(counts.values()) == sorted(counts.values(), reverse=True)


def test_bins_hold_their_left_edge_and_the_last_both() -> None:
    found = column([0.0, 5.0, 10.0, 10.0])["histogram"]
    assert found["counts"][0] == 1 and found["counts"][10] == 1 and found["counts"][-1] == 2


def test_outliers_have_bins_of_their_own() -> None:
    found = column([*(number / 100 for number in range(1000)), 1e9])["histogram"]
    assert found["edges"][-1] == 1e9 and found["edges"][-2] < 11
    assert max(found["counts"]) < 100


def test_whole_numbers_beyond_a_float_keep_their_digits() -> None:
    found = column([2**60 + 1, 2**60 + 3])
    assert (found["min"], found["max"], found["distinct"]) == (2**60 + 1, 2**60 + 3, 2)


def test_moments_are_iso_texts() -> None:
    found = column([datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)])
    assert (found["kind"], found["min"], found["max"]) == ("datetime", "2026-01-01T00:00:00Z", "2026-01-03T00:00:00Z")
    assert column([date(2026, 1, 1), date(2026, 1, 3)])["quantiles"]["0.5"] == "2026-01-02"


@pytest.mark.parametrize(
    ("values", "role"),
    [
        ([None, None], "empty"),
        ([], "empty"),
        ([3, 3], "constant"),
        ([3, None], None),
        ([float("nan")] * 3, "constant"),
        ([0] * 199 + [1], "near_constant"),
        ([0] * 198 + [1] * 2, "near_constant"),
        ([0] * 197 + [1] * 3, None),
        (list(range(50)), "identifier"),
        ([number * 1000 for number in range(50)], None),
        ([f"k{number}" for number in range(50)], "identifier"),
        ([f"a text with {number} words" for number in range(50)], None),
        ([number / 7 for number in range(50)], None),
        (list(range(10)), None),
    ],
)
def test_columns_that_say_nothing_or_name_rows_are_recognised(values: list[Any], role: str | None) -> None:
    assert column(values)["role"] == role


def test_a_name_makes_different_numbers_identifiers() -> None:
    values = [number * 1000 for number in range(50)]
    assert column(values, "customer_id")["role"] == "identifier"
    assert column([*values, *values], "customer_id")["role"] is None


def test_values_of_personal_columns_are_masked_unless_they_are_wanted() -> None:
    values = ["ada@example.org"] * 3 + ["bob7@example.org"]
    found = column(values)
    assert found["personal"] == ["email"] and found["masked"]
    assert [one["value"] for one in found["top"]] == ["aaa@aaaaaaa.aaa", "aaa9@aaaaaaa.aaa"]
    assert column(values, mask="none")["top"][0]["value"] == "ada@example.org"
    cards = column([4111111111111111, 5500005555555559, 340000000000009, 30000000000004, 6011000000000004])
    assert cards["personal"] == ["card"] and cards["min"] is None and cards["histogram"] is None


def test_every_text_can_be_masked() -> None:
    assert column(["x", "x", "y"], mask="all")["top"] == [{"value": "a", "count": 2}, {"value": "a", "count": 1}]
    assert column(["x", "x"])["top"][0]["value"] == "x"


def test_nested_binary_and_empty_columns_are_counted() -> None:
    assert column([[1], None])["kind"] == "nested"
    assert column([b"x", b"x"])["distinct"] == 1
    assert column([None], dtype=pl.Null)["role"] == "empty"


def test_a_table_is_the_same_whether_its_columns_are_looked_at_together_or_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    frame = pl.DataFrame({"a": [1, 2, 2], "b": ["x", None, None], "c": [0.5, 1.5, 1.5]})
    frame.write_parquet("t.parquet")
    frame.write_csv("t.csv")
    together = profile("t.parquet")
    assert together["rows"] == 3 and together["duplicate_rows"] == 1
    assert "1 rows are equal to earlier ones" in together["warnings"]
    monkeypatch.setattr(profiles, "_GROUP_BYTES", 1)
    monkeypatch.setattr(profiles, "_PARSE_ONCE_BYTES", 1)
    assert profile("t.parquet") == together
    assert profile("t.csv")["columns"] == together["columns"]


def test_a_table_without_rows_has_a_profile() -> None:
    Path("t.csv").write_text("a,b\n")
    found = profile("t.csv")
    assert found["rows"] == 0 and [one["role"] for one in found["columns"]] == ["empty", "empty"]
