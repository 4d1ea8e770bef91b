"""Runs and metrics come as frames whose columns have the types of what was logged."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

import workbench as wb
from tests.tracking.journals import QUIET
from workbench.base.errors import FilterError, MetricNotFoundError, ProjectNotFoundError, RunNotFoundError
from workbench.base.project import Project


def logged(name: str, params: dict[str, Any], metrics: dict[str, list[float]], **options: Any) -> wb.Run:
    with wb.start_run("fraud", name, params=params, **{**QUIET, **options}) as run:
        for key, values in metrics.items():
            for step, value in enumerate(values):
                run.log({key: value}, step=step)
    return run


def test_every_column_has_the_type_of_its_values(project: Project) -> None:
    logged("a", {"lr": 0.1, "n": 3, "flag": True, "kind": "gbm", "mixed": 1, "deep": [1]}, {"auc": [0.8, 0.9]})
    logged("b", {"lr": float("nan"), "n": 4, "mixed": "x"}, {"auc": [0.5]}, tags={"stage": "dev"})
    frame = wb.runs(sort="name")
    assert frame.schema == {
        "run_id": pl.String,
        "name": pl.String,
        "experiment": pl.String,
        "status": pl.String,
        "started_at": pl.Datetime("us", "UTC"),
        "ended_at": pl.Datetime("us", "UTC"),
        "duration_s": pl.Float64,
        "parent_run_id": pl.String,
        "params.deep": pl.String,
        "params.flag": pl.Boolean,
        "params.kind": pl.String,
        "params.lr": pl.Float64,
        "params.mixed": pl.String,
        "params.n": pl.Int64,
        "metrics.auc": pl.Float64,
        "tags.stage": pl.String,
    }
    assert frame["name"].to_list() == ["a", "b"]
    assert frame["metrics.auc"].to_list() == [0.9, 0.5]
    assert frame["params.mixed"].to_list() == ["1", "x"]
    assert frame["params.deep"].to_list() == ["[1]", None]
    assert frame["params.lr"].is_nan().to_list() == [False, True]
    assert frame["status"].to_list() == ["finished", "finished"]


def test_runs_are_filtered_sorted_and_projected(project: Project) -> None:
    for number in range(4):
        logged(f"r{number}", {"n": number}, {"auc": [number / 10, 0.0]})
    frame = wb.runs(
        where="params.n > 0", sort="-max(auc)", columns=["name", "max(auc) as best", "started_at", "n"], limit=2
    )
    assert frame.rows() == [(f"r{n}", n / 10, frame["started_at"][3 - n], n) for n in (3, 2)]
    assert frame.schema["started_at"] == pl.Datetime("us", "UTC")
    assert frame.schema["n"] == pl.Int64


def test_a_frame_without_rows_keeps_its_types(project: Project) -> None:
    logged("a", {}, {"auc": [0.5]})
    empty = wb.runs(where="metrics.auc > 1", columns=["name", "metrics.auc", "duration_s"])
    assert empty.height == 0
    assert empty.schema == {"name": pl.String, "metrics.auc": pl.Float64, "duration_s": pl.Float64}
    assert wb.runs(experiment="none").height == 0


def test_metrics_hold_every_point(project: Project) -> None:
    first = logged("a", {}, {"loss": [1.0, float("nan")], "auc": [0.5]})
    second = logged("b", {}, {"loss": [float("inf")]})
    frame = wb.metrics([first.run_id, "b"], keys="loss")
    assert frame.schema == {
        "run_id": pl.String,
        "key": pl.String,
        "step": pl.Int64,
        "time": pl.Datetime("us", "UTC"),
        "value": pl.Float64,
    }
    assert frame["run_id"].to_list() == [first.run_id, first.run_id, second.run_id]
    assert frame["step"].to_list() == [0, 1, 0]
    assert str(frame["value"].to_list()) == "[1.0, nan, inf]"
    assert abs((frame["time"][0] - datetime.now(UTC)).total_seconds()) < 3600
    assert wb.metrics(wb.runs()["run_id"]).height == 4
    assert wb.metrics([]).schema == frame.schema


def test_values_are_seen_as_soon_as_they_are_logged(project: Project) -> None:
    with wb.start_run(**QUIET) as run:
        run.log({"loss": 1.0})
        assert wb.metrics(run.run_id)["value"].to_list() == [1.0]
        run.log({"loss": 2.0})
        assert wb.metrics("@latest", ["loss"])["value"].to_list() == [1.0, 2.0]


def test_mistakes_are_named(project: Project) -> None:
    logged("a", {}, {"loss": [1.0]})
    with pytest.raises(FilterError):
        wb.runs(where="metrics.loss >")
    with pytest.raises(RunNotFoundError):
        wb.metrics("nobody")
    with pytest.raises(MetricNotFoundError):
        wb.metrics("a", keys=["los"])
    with pytest.warns(UserWarning, match=r"no run has metrics\.los"):
        wb.runs(columns=["metrics.los"])


def test_reading_makes_no_project() -> None:
    with pytest.raises(ProjectNotFoundError):
        wb.runs()


def test_frames_need_no_pyarrow(project: Project) -> None:
    logged("a", {"lr": 0.1}, {"loss": [1.0]})
    code = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "import workbench as wb\n"
        "assert wb.runs()['params.lr'].to_list() == [0.1]\n"
        "assert wb.metrics('a')['value'].to_list() == [1.0]\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
