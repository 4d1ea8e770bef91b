from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import FakeClock
from workbench.data.inference import infer_schema
from workbench.data.profiles import profile
from workbench.data.schemas import parse_schema
from workbench.data.validation import validate


def checked(rules: str, table: dict[str, Any] | str, environment: str | None = None, **options: Any) -> dict[str, Any]:
    """What is found in a table, which is a Parquet file, or CSV where it is a text."""
    if isinstance(table, str):
        Path("t.csv").write_text(table)
        return validate("t.csv", parse_schema(rules), environment=environment, **options)
    pl.DataFrame(table, strict=False).write_parquet("t.parquet")
    return validate("t.parquet", parse_schema(rules), environment=environment, **options)


def broken(document: dict[str, Any]) -> list[tuple[str, str | None, int]]:
    """Which rules are broken, of which column, by how many rows."""
    return [(one["rule"], one["column"], one["bad"]) for one in document["checks"] if one["outcome"] == "failed"]


@pytest.mark.parametrize(
    ("rule", "values", "found"),
    [
        ("nulls = false", [1, None, None], ("nulls", 2)),
        ("nulls = 0.5", [1, None, None], ("nulls", 2)),
        ("nulls = 0.7", [1, None, None], None),
        ("nulls = true", [None, None], None),
        ('type = "integer"', [1.0, 2.5], ("type", 1)),
        ('type = "integer"', [1.0, None], None),
        ('type = "number"', [1, 2], None),
        ('type = "number"', ["a"], ("type", 1)),
        ('type = "text"', [1], ("type", 1)),
        ('type = "boolean"', [True], None),
        ('type = "date"', [date(2026, 1, 1)], None),
        ('type = "datetime"', [date(2026, 1, 1)], None),
        ('type = "date"', [datetime(2026, 1, 1)], ("type", 1)),
        ('type = "number"\nmin = 0\nmax = 9', [0, 9, None, float("nan")], None),
        ('type = "number"\nmin = 0', [-0.5, 1.0], ("min", 1)),
        ('type = "number"\nmax = 0', [float("inf"), 0.0], ("max", 1)),
        ('type = "date"\nmin = 2026-01-02', [date(2026, 1, 1), date(2026, 1, 2)], ("min", 1)),
        ('type = "datetime"\nmax = 2026-01-02T00:00:00Z', [datetime(2026, 1, 3)], ("max", 1)),
        ('type = "datetime"\nmax = 2026-01-02', [datetime(2026, 1, 3, tzinfo=UTC)], ("max", 1)),
        ('allowed = ["a"]', ["a", "b", None], ("allowed", 1)),
        ("allowed = [1, 2]", [1.0, 2.0], None),
        ('pattern = "[a-z]+"', ["abc", "ab1"], ("pattern", 1)),
        ("min_length = 2", ["a", "ab"], ("min_length", 1)),
        ("max_length = 1", ["ä", "ab"], ("max_length", 1)),
        ("unique = true", [1, 1, None, None], ("unique", 2)),
        ("finite = true", [1.0, float("nan"), float("inf")], ("finite", 2)),
        ("min = 0\ntolerance = 1", [-1, -2, 3], ("min", 2)),
        ("min = 0\ntolerance = 2", [-1, -2, 3], None),
        ("min = 0\ntolerance = 0.7", [-1, -2, 3], None),
    ],
)
def test_each_rule_finds_the_rows_that_break_it(
    rule: str, values: Sequence[Any], found: tuple[str, int] | None
) -> None:
    document = checked(f"[columns.x]\n{rule}\n", {"x": values})
    assert broken(document) == ([] if found is None else [(found[0], "x", found[1])])
    assert document["passed"] is (found is None)


def test_cells_of_csv_are_judged_one_by_one() -> None:
    rules = '[columns.n]\ntype = "integer"\nmin = 0\n[columns.d]\ntype = "date"\n[columns.b]\ntype = "boolean"\n'
    text = "n,d,b\n1,2026-01-02,true\noops,soon,False\n-3,2026-01-03,maybe\n"
    document = checked(rules, text)
    assert broken(document) == [("type", "n", 1), ("min", "n", 1), ("type", "d", 1), ("type", "b", 1)]
    examples = {one["rule"] + str(one["column"]): one["examples"] for one in document["checks"] if one["examples"]}
    assert examples["typen"] == [{"row": 2, "values": {"n": "oops"}}]
    assert examples["minn"] == [{"row": 3, "values": {"n": "-3"}}]


def test_texts_that_look_like_numbers_stay_texts() -> None:
    assert checked('[columns.code]\ntype = "text"\npattern = "[0-9]{3}"\n', "code\n007\n100\n")["passed"]


def test_columns_that_are_missing_or_without_rules_are_told() -> None:
    rules = '[table]\nextra_columns = "warning"\n[columns.x]\n[columns.y]\nrequired = false\n'
    document = checked(rules, {"z": [1]})
    assert broken(document) == [("required", "x", 1), ("extra_columns", None, 1)]
    assert (document["passed"], document["errors"], document["warnings"]) == (False, 1, 1)


def test_rules_of_other_environments_are_left_out() -> None:
    rules = (
        '[columns.label]\nenvironments = ["train"]\n'
        '[[rules]]\ncheck = "label >= 0"\nenvironments = ["train"]\n[[rules]]\ncheck = "x > 0"\n'
    )
    assert broken(checked(rules, {"x": [1]}, "serving")) == []
    assert broken(checked(rules, {"x": [1]}, "train")) == [("required", "label", 1)]
    assert broken(checked(rules, {"x": [1]})) == [("required", "label", 1)]


def test_conditions_over_columns_name_the_rows_and_their_values() -> None:
    rules = (
        '[[rules]]\nname = "in order"\ncheck = "a <= b"\n[[rules]]\ncheck = "a < c"\n[[rules]]\ncheck = "a + w > 1"\n'
    )
    document = checked(rules, {"a": [1, 5, None], "b": [2, 3, 4], "w": ["x", "y", "z"]})
    ordered, skipped, failed = document["checks"]
    assert ordered["examples"] == [{"row": 2, "values": {"a": 5, "b": 3}}]
    assert (skipped["outcome"], skipped["message"]) == ("skipped", "there is no column c")
    assert failed["outcome"] == "failed" and "cannot be computed" in failed["message"]


def test_conditions_over_csv_use_the_types_of_the_rules() -> None:
    rules = '[columns.a]\ntype = "number"\n[[rules]]\ncheck = "a < 10"\n'
    document = checked(rules, "a\n5\nx\n12\n")
    assert broken(document) == [("type", "a", 1), ("a < 10", None, 1)]


def test_numbers_of_rows_and_rows_that_are_told_by_columns() -> None:
    rules = '[table]\nmin_rows = 4\nunique = [["a", "b"], ["z"]]\nseverity = "warning"\n'
    document = checked(rules, {"a": [1, 1, 2], "b": [1, 1, 1]})
    assert broken(document) == [("rows", None, 0), ("unique", None, 2)]
    assert document["passed"] and document["warnings"] == 2


@pytest.mark.parametrize(("day", "fresh"), [(18, True), (1, False)])
def test_the_newest_row_tells_how_fresh_data_are(clock: FakeClock, day: int, fresh: bool) -> None:
    rules = '[freshness]\ncolumn = "d"\nmax_age = "7d"\n'
    for values in ([date(2026, 9, day)], [datetime(2026, 9, day, tzinfo=UTC)]):
        document = checked(rules, {"d": [*values, None]})
        assert document["passed"] is fresh, document
    assert "2w old" in checked(rules, {"d": [date(2026, 9, 1)]})["checks"][0]["message"]


@pytest.mark.parametrize(
    ("table", "what"), [({"x": [1]}, "no such column"), ({"d": [1]}, "no date"), ({"d": [None]}, "no date")]
)
def test_freshness_needs_a_column_of_dates(table: dict[str, Any], what: str) -> None:
    [check] = checked('[freshness]\ncolumn = "d"\nmax_age = "7d"\n', table)["checks"]
    assert check["outcome"] == "failed" and what in check["message"]


def test_personal_values_of_bad_rows_are_masked() -> None:
    rules = "[columns.m]\nmax_length = 3\n"
    table = {"m": ["ada@example.org"]}
    assert "ada@" not in str(checked(rules, table)) and "ada@" in str(checked(rules, table, mask=False))


def test_no_more_than_twenty_rows_are_shown() -> None:
    [_, check] = checked("[columns.x]\nmin = 1\n", {"x": [0] * 50})["checks"]
    assert check["bad"] == 50 and [one["row"] for one in check["examples"]] == list(range(1, 21))


def test_a_table_without_rows_breaks_no_rule_on_rows() -> None:
    assert checked('[columns.x]\ntype = "integer"\nnulls = false\nunique = true\n', "x\n")["passed"]


ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "n": st.one_of(st.none(), st.integers(-(10**6), 10**6)),
            "f": st.floats(-1e6, 1e6),
            "w": st.sampled_from(["x", 'q"uote', "back\\slash", "ü\n"]),
            "odd name.": st.booleans(),
            "d": st.dates(date(2000, 1, 1), date(2030, 1, 1)),
        }
    ),
    min_size=1,
    max_size=60,
)


@settings(max_examples=60, deadline=None)
@given(ROWS)
def test_data_fulfil_the_rules_that_are_inferred_from_them(rows: list[dict[str, Any]]) -> None:
    pl.DataFrame(rows, infer_schema_length=None).write_parquet("t.parquet")
    rules = parse_schema(infer_schema(profile("t.parquet"), "t.parquet"))
    document = validate("t.parquet", rules)
    assert document["passed"] and not document["warnings"], broken(document)


def test_what_is_inferred_catches_another_unit_and_a_new_value() -> None:
    frame = pl.DataFrame({"amount": [10.0, 20.0, 30.0] * 20, "land": ["AT", "DE", "AT"] * 20, "id": range(60)})
    frame.write_parquet("t.parquet")
    text = infer_schema(profile("t.parquet"), "t")
    assert 'allowed = ["AT", "DE"]' in text and "unique = true" in text
    cents = frame.with_columns(pl.col("amount") * 100, land=pl.lit("XX"))
    cents.write_parquet("u.parquet")
    document = validate("u.parquet", parse_schema(text))
    assert broken(document) == [("max", "amount", 60), ("allowed", "land", 60)]


def test_inferred_rules_hold_no_personal_values() -> None:
    pl.DataFrame({"m": ["ada@example.org", "bob@example.org"] * 30}).write_parquet("t.parquet")
    text = infer_schema(profile("t.parquet"), "t")
    assert "ada@" not in text and "looks like personal data: email" in text
