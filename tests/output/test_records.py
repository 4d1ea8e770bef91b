"""Rows for other programs lose nothing."""

from __future__ import annotations

import csv
import io
import json
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.base.errors import InputError
from workbench.output.columns import Column
from workbench.output.records import write_json, write_records

text = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\0"))


def written(format: str, columns: list[str | Column], rows: list[tuple[object, ...]]) -> str:
    file = io.StringIO(newline="")
    write_records(format, columns, rows, file)
    return file.getvalue()


@given(st.lists(st.tuples(text, text), max_size=10))
def test_csv_is_read_back_as_it_was(rows: list[tuple[object, ...]]) -> None:
    read = list(csv.reader(io.StringIO(written("csv", ["a", "b"], rows), newline="")))
    assert read == [["a", "b"], *map(list, rows)]


@given(st.floats())
def test_every_digit_is_kept(value: float) -> None:
    read = written("csv", ["x"], [(value,)]).splitlines()[1]
    again = json.loads(written("json", ["x"], [(value,)]))[0]["x"]
    for back in (float(read), float(again)):
        assert back == value or (math.isnan(back) and math.isnan(value))


def test_csv_tells_missing_from_empty() -> None:
    rows: list[tuple[object, ...]] = [(None, ""), (True, [1]), (0.1, datetime(2026, 1, 2))]
    assert written("csv", ["a", "b"], rows) == ('a,b\n,""\ntrue,[1]\n0.1,2026-01-02T00:00:00.000000Z\n')


def test_json_is_one_document_with_keys_in_order() -> None:
    rows: list[tuple[object, ...]] = [(math.nan, math.inf, None), (-math.inf, "ü", datetime(2026, 1, 2, tzinfo=UTC))]
    document = written("json", ["z", "a", "m"], rows)
    assert json.loads(document) == [
        {"z": "NaN", "a": "Infinity", "m": None},
        {"z": "-Infinity", "a": "ü", "m": "2026-01-02T00:00:00.000000Z"},
    ]
    assert list(json.loads(document)[0]) == ["z", "a", "m"]
    assert document.endswith("]\n")


def test_json_takes_any_value() -> None:
    file = io.StringIO()
    write_json({"a": {1: (math.nan, {"b": object()})}}, file)
    assert json.loads(file.getvalue())["a"]["1"][0] == "NaN"


def test_markdown_cells_cannot_break_the_table() -> None:
    columns: list[str | Column] = ["name", Column("auc", "number")]
    assert written("md", columns, [("a|b\n`c`<i>", 0.931234), (None, math.nan)]) == (
        "| name | auc |\n| --- | ---: |\n| a\\|b<br>\\`c\\`&lt;i> | 0.9312 |\n| – | NaN |\n"
    )


def test_an_unknown_format_is_the_users_mistake() -> None:
    with pytest.raises(InputError, match="unknown format: xml"):
        written("xml", ["a"], [])
