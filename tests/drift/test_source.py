"""Tables: a column at a time, whatever the files are."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from workbench.base.errors import InputError
from workbench.drift.check import check
from workbench.drift.source import open_table, table_of

ROWS = 300


@pytest.fixture(params=["csv", "jsonl", "parquet", "arrow"])
def path(request: pytest.FixtureRequest) -> str:
    """The same rows in each format."""
    frame = pl.DataFrame({"n": [i * 0.5 for i in range(ROWS)], "c": [f"v{i % 3}" for i in range(ROWS)]})
    path = f"data.{request.param}"
    writer = {"csv": "write_csv", "jsonl": "write_ndjson", "parquet": "write_parquet", "arrow": "write_ipc"}
    getattr(frame, writer[request.param])(path)
    return path


@pytest.mark.parametrize("in_memory_bytes", [0, 10**9])
def test_every_format_is_read_by_column(path: str, in_memory_bytes: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.drift.source.IN_MEMORY_BYTES", in_memory_bytes)
    table = open_table(path)
    assert (table.name, table.rows, list(table.schema)) == (path, ROWS, ["n", "c"])
    assert table.column("n").to_list() == [i * 0.5 for i in range(ROWS)]
    assert sum(len(part) for part in table.batches("c", 70)) == ROWS
    assert table.sampled(["c"], 100).height == 100


def test_numbers_in_one_file_and_texts_in_another_are_one_column_of_texts() -> None:
    Path("a.jsonl").write_text('{"x": 1}\n' * 50)
    Path("b.jsonl").write_text('{"x": "1"}\n' * 50)
    table = open_table(["a.jsonl", "b.jsonl"])
    assert table.schema["x"] == pl.String
    assert table.column("x").to_list() == ["1"] * 100
    assert any("x" in note for note in table.notes)
    [found] = check(table, table)["columns"]
    assert found["verdict"] == "ok"


def test_a_file_that_is_not_whole_is_an_error_that_names_it(path: str) -> None:
    data = Path(path).read_bytes()
    Path(path).write_bytes(data[: len(data) // 2])
    if path.endswith((".parquet", ".arrow")):
        with pytest.raises(InputError, match=path):
            open_table(path)
    else:
        assert 0 < open_table(path).rows < ROWS


def test_parts_of_a_table() -> None:
    table = table_of(pl.DataFrame({"n": range(10)}))
    assert table.slice(3, 4).column("n").to_list() == [3, 4, 5, 6]
    assert table.where(pl.col("n") > 7).column("n").to_list() == [8, 9]
