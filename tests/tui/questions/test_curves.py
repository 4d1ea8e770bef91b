"""Curves for a page of charts, and points for a file."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path
from typing import Any

import pytest

from tests.store.synthetic import add_run, empty_store
from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.tui.questions.curves import ChartedRuns, CurvesOf, MetricCurves, WritePoints, values_at


def answer(question: Any, db: Any) -> Any:
    return question.work(question.ask(db))


@pytest.fixture
def store() -> tuple[Any, tuple[str, ...]]:
    """Three runs: the second one has broken values and is running, the third has another metric."""
    db = empty_store()
    one = add_run(db, "one", metrics={"loss": [3.0, 2.0, 1.0], "val/loss": [1.0]})
    two = add_run(db, "two", metrics={"loss": [1.0, math.nan, math.inf]}, status="running")
    three = add_run(db, "", metrics={"auc": [0.5, 0.6]})
    return db, (one, two, three)


def test_runs_and_their_metrics_are_known(store: tuple[Any, tuple[str, ...]]) -> None:
    db, uids = store
    charted = answer(ChartedRuns(uids), db)
    assert [label.name for label in charted.runs] == ["one", "two", ""]
    assert charted.metrics == ("loss", "auc", "val/loss")


def test_a_run_has_the_same_place_in_every_chart(store: tuple[Any, tuple[str, ...]]) -> None:
    db, uids = store
    loss, auc = answer(CurvesOf(uids, ("loss", "auc"), 0, 10), db)
    assert [(one.name, one.place) for one in loss.series] == [("one", 0), ("two", 1)]
    assert [(one.name, one.place) for one in auc.series] == [(uids[2][:8], 2)]
    assert (loss.n_nan, loss.n_infinite, loss.running, auc.running) == (1, 1, True, False)
    assert loss.x_range == (0.0, 2.0)


def test_one_run_needs_no_letters(store: tuple[Any, tuple[str, ...]]) -> None:
    db, uids = store
    [loss] = answer(CurvesOf(uids[:1], ("loss",), 0, 10), db)
    assert [one.place for one in loss.series] == [None]


def test_the_first_metrics_need_not_be_named(store: tuple[Any, tuple[str, ...]]) -> None:
    db, uids = store
    assert [one.key for one in answer(CurvesOf(uids, None, 2, 10), db)] == ["loss", "auc"]
    assert answer(CurvesOf(("f" * 32,), None, 2, 10), db) == ()


def test_a_metric_that_is_gone_leaves_an_empty_chart(store: tuple[Any, tuple[str, ...]]) -> None:
    db, uids = store
    assert answer(CurvesOf(uids, ("gone",), 0, 10), db) == (MetricCurves("gone"),)


def test_equal_questions_have_equal_answers(store: tuple[Any, tuple[str, ...]]) -> None:
    db, uids = store
    question = CurvesOf(uids, None, 3, 10, "time", (0.0, 0.001))
    assert answer(question, db) == answer(CurvesOf(uids, None, 3, 10, "time", (0.0, 0.001)), db)


def test_values_at_an_x_are_those_of_each_run(store: tuple[Any, tuple[str, ...]]) -> None:
    db, uids = store
    charts = answer(CurvesOf(uids, ("loss", "auc"), 0, 10), db)
    assert values_at(charts, uids, 1.0) == [[2.0, None], [None, None], [None, 0.6]]


@pytest.mark.parametrize("form", ["csv", "json", "md", "parquet"])
def test_points_are_written_as_the_command_line_writes_them(
    store: tuple[Any, tuple[str, ...]], project: Project, tmp_path: Path, form: str
) -> None:
    db, uids = store
    path = tmp_path / f"points.{form}"
    done = WritePoints(uids[:2], ("loss",), str(path), form).do(project, db)
    assert done.text == f"wrote 6 points to {path}"
    if form == "csv":
        rows = list(csv.DictReader(path.read_text().splitlines()))
        assert list(rows[0]) == ["run_id", "key", "step", "time", "value"]
        assert [row["value"] for row in rows] == ["3.0", "2.0", "1.0", "1.0", "NaN", "Infinity"]
    elif form == "json":
        documents = json.loads(path.read_text())
        assert [document["run_id"] for document in documents] == list(uids[:2])
        assert documents[1]["metrics"]["loss"][1]["value"] == "NaN"
    else:
        assert path.stat().st_size > 0


def test_points_of_one_run_have_no_column_for_the_run(
    store: tuple[Any, tuple[str, ...]], project: Project, tmp_path: Path
) -> None:
    db, uids = store
    WritePoints(uids[:1], ("loss",), str(tmp_path / "p.csv"), "csv").do(project, db)
    assert (tmp_path / "p.csv").read_text().startswith("key,step,time,value\nloss,0,")


def test_points_are_not_written_where_nothing_can_be(
    store: tuple[Any, tuple[str, ...]], project: Project, tmp_path: Path
) -> None:
    db, uids = store
    with pytest.raises(InputError, match="cannot write"):
        WritePoints(uids, ("loss",), str(tmp_path / "no" / "folder.csv"), "csv").do(project, db)
    with pytest.raises(InputError, match="unknown format"):
        WritePoints(uids, ("loss",), str(tmp_path / "p.xls"), "xls").do(project, db)
