"""Rows as Parquet files."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from workbench.base.errors import InputError
from workbench.store.export import write_parquet


def described(path: Path) -> dict[str, str]:
    rows = duckdb.execute(f"DESCRIBE FROM '{path}'").fetchall()
    return {row[0]: row[1] for row in rows}


def test_every_column_has_the_type_of_its_values(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 21, 7, 41, tzinfo=UTC)
    path = tmp_path / "runs.parquet"
    names = ["text", "int", "float", "mixed number", "flag", "time", "naive", "mixed", "nested", "empty", "huge"]
    rows = [
        ("a", 1, 0.5, 1, True, moment, moment.replace(tzinfo=None), 1, [1, 2], None, 2**70),
        (None, None, math.nan, 0.5, None, None, None, "x", {"a": "ü"}, None, 1),
    ]
    write_parquet(str(path), names, rows)
    assert described(path) == {
        "text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "mixed number": "DOUBLE", "flag": "BOOLEAN",
        "time": "TIMESTAMP WITH TIME ZONE", "naive": "TIMESTAMP", "mixed": "VARCHAR", "nested": "VARCHAR",
        "empty": "VARCHAR", "huge": "DOUBLE",
    }  # fmt: skip
    [first, second] = duckdb.execute(
        f"SELECT text, int, float, flag, epoch_us(time), epoch_us(naive), mixed, nested, huge FROM '{path}'"
    ).fetchall()
    assert first == ("a", 1, 0.5, True, *[int(moment.timestamp()) * 10**6] * 2, "1", "[1,2]", 2.0**70)
    assert math.isnan(second[2])
    assert second[6:8] == ("x", '{"a":"ü"}')


def test_names_of_columns_stay_apart_and_harmless(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    write_parquet(str(path), ["x", "x", "X", 'a"; DROP TABLE page; --'], [(1, 2, 3, 4)])
    assert list(described(path)) == ["x", "x_2", "X_3", 'a"; DROP TABLE page; --']


def test_no_rows_are_a_file_with_columns(tmp_path: Path) -> None:
    path = tmp_path / "none.parquet"
    write_parquet(str(path), ["a", "b"], [])
    assert list(described(path)) == ["a", "b"]


def test_many_rows_keep_their_order(tmp_path: Path) -> None:
    path = tmp_path / "many.parquet"
    write_parquet(str(path), ["n"], [(number,) for number in range(120_000)])
    assert duckdb.execute(f"SELECT n FROM '{path}'").fetchall() == [(number,) for number in range(120_000)]


def test_a_file_that_cannot_be_written_is_an_error_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"cannot write .*folder\.parquet: no such file or directory$"):
        write_parquet(str(tmp_path / "no" / "such" / "folder.parquet"), ["a"], [(1,)])
    (tmp_path / "folder.parquet").mkdir()
    with pytest.raises(InputError, match="cannot write"):
        write_parquet(str(tmp_path / "folder.parquet"), ["a"], [(1,)])
    assert [path.name for path in tmp_path.glob("*partial*")] == []
