"""A data set is told by a digest of its bytes, and by what is cheap to know."""

from __future__ import annotations

import csv
import hashlib
import io
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import workbench as wb
from tests.tracking.journals import QUIET, events_of
from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.tracking.datasets import dataset_event
from workbench.tracking.parquet import read_footer

CELLS = st.text(alphabet='a,"\n;é ', max_size=6)


def test_a_data_set_is_recorded_with_its_digest_and_a_path_within_the_project(project: Project, tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.csv").write_text("id,amount\n1,2\n3,4\n")
    with wb.start_run(**QUIET) as run:
        run.log_dataset("data/train.csv")
        run.log_dataset(tmp_path / "data" / "train.csv", name="again")
    first, second = events_of(project, run.run_id, "data")
    content = (tmp_path / "data" / "train.csv").read_bytes()
    assert first == {
        "e": "data",
        "name": "train",
        "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "path": "data/train.csv",
        "size": len(content),
        "format": "csv",
        "rows": 2,
        "schema": [{"name": "id"}, {"name": "amount"}],
        "t": first["t"],
    }
    assert second["name"] == "again"


def test_a_data_set_outside_the_project_keeps_its_whole_path(
    project: Project, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("elsewhere") / "x.bin"
    outside.write_bytes(b"x")
    event = dataset_event(project, str(outside))
    assert (event["path"], event["format"], event["size"]) == (str(outside), "bin", 1)
    assert "rows" not in event


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(rows=st.lists(st.lists(CELLS, min_size=2, max_size=2), min_size=1, max_size=8), ended=st.booleans())
def test_csv_rows_are_counted_as_a_csv_reader_counts_them(
    project: Project, tmp_path: Path, rows: list[list[str]], ended: bool
) -> None:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
    written = text.getvalue() if ended else text.getvalue().removesuffix("\n")
    (tmp_path / "x.csv").write_text(written, newline="")
    event = dataset_event(project, str(tmp_path / "x.csv"))
    assert event["rows"] == len(rows) - 1
    assert event["schema"] == [{"name": cell} for cell in rows[0]]


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [("e.csv", "", 0), ("h.csv", "a,b", 0), ("l.jsonl", '{"a":1}\n{"a":2}', 2), ("t.tsv", "a\tb\n1\t2\n", 1)],
)
def test_small_files_are_counted(project: Project, tmp_path: Path, name: str, content: str, rows: int) -> None:
    (tmp_path / name).write_text(content)
    assert dataset_event(project, str(tmp_path / name))["rows"] == rows


def test_rows_and_columns_of_parquet_come_from_its_footer(project: Project, tmp_path: Path) -> None:
    frame = pl.DataFrame(
        {
            "id": [1, 2],
            "name": ["a", None],
            "score": [0.5, 1.5],
            "day": [date(2026, 1, 1)] * 2,
            "at": [datetime(2026, 1, 1)] * 2,
            "tags": [["x"], []],
            "place": [{"x": 1.0, "deep": {"y": 2}}] * 2,
            "flag": [True, False],
        }
    )
    frame.write_parquet(tmp_path / "train.parquet")
    event = dataset_event(project, str(tmp_path / "train.parquet"))
    assert (event["format"], event["rows"]) == ("parquet", 2)
    assert event["schema"] == [
        {"name": "id", "type": "int64"},
        {"name": "name", "type": "string"},
        {"name": "score", "type": "double"},
        {"name": "day", "type": "date"},
        {"name": "at", "type": "timestamp"},
        {"name": "tags", "type": "list"},
        {"name": "place", "type": "struct"},
        {"name": "flag", "type": "boolean"},
    ]


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_a_broken_parquet_footer_says_nothing(noise: bytes) -> None:
    content = b"PAR1" + noise + len(noise).to_bytes(4, "little") + b"PAR1"
    facts: dict[str, Any] = read_footer(io.BytesIO(content), len(content))
    assert facts == {} or set(facts) == {"rows", "schema"}


def test_a_folder_is_one_data_set(project: Project, tmp_path: Path) -> None:
    folder = tmp_path / "images"
    (folder / "cats").mkdir(parents=True)
    (folder / "cats" / "1.png").write_bytes(b"meow")
    (folder / "labels.csv").write_text("a\n1\n")
    before = dataset_event(project, str(folder))
    assert (before["name"], before["format"], before["size"]) == ("images", "folder", 8)
    assert dataset_event(project, str(folder))["digest"] == before["digest"]
    (folder / "cats" / "1.png").rename(folder / "cats" / "2.png")
    assert dataset_event(project, str(folder))["digest"] != before["digest"]


def test_a_missing_data_set_is_said_and_does_not_stop_the_training(
    project: Project, capfd: pytest.CaptureFixture[str]
) -> None:
    with wb.start_run(**QUIET) as run:
        wb.log_dataset("gone.csv")
    assert events_of(project, run.run_id, "data") == []
    assert "cannot read" in capfd.readouterr().err
    with wb.start_run(on_error="raise", **QUIET) as loud, pytest.raises(InputError):
        loud.log_dataset("gone.csv")
