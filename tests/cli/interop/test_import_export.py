"""`workbench import mlflow|bundle` and `workbench export …` as a person and a script see them."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import OTTER, Lab
from tests.cli.harness import check_golden, process, workbench
from workbench.base.project import Project

RUN, BROKEN = "12" * 16, "34" * 16


def write_mlruns(folder: Path) -> Path:
    """An mlruns folder written by hand, as MLflow writes one: a run, and one whose description is missing."""
    experiment = folder / "mlruns/5"
    run = experiment / RUN
    for name in ("metrics", "params", "tags", "artifacts"):
        (run / name).mkdir(parents=True)
    (experiment / BROKEN).mkdir()
    (experiment / "meta.yaml").write_text(
        "artifact_location: /elsewhere/mlruns/5\ncreation_time: 1700000000000\nexperiment_id: '5'\n"
        "last_update_time: 1700000000000\nlifecycle_stage: active\nname: fraud\n"
    )
    (run / "meta.yaml").write_text(
        f"artifact_uri: /elsewhere/mlruns/5/{RUN}/artifacts\nend_time: 1700000005000\nexperiment_id: '5'\n"
        f"lifecycle_stage: active\nrun_id: {RUN}\nrun_name: brave\nstart_time: 1700000000000\nstatus: 3\nuser_id: ada\n"
    )
    (run / "params/lr").write_text("0.1")
    (run / "tags/kind").write_text("base")
    (run / "metrics/loss").write_text("1700000000000 0.5 0\n1700000001000 0.25 1\n")
    (run / "artifacts/roc.txt").write_text("curve\n")
    return folder / "mlruns"


def test_import_says_what_was_new(project: Project, tmp_path: Path) -> None:
    write_mlruns(tmp_path)
    first = workbench("import", "mlflow", "mlruns")
    assert first.status == 0
    assert first.stdout == "imported 1 run, 2 points, 1 artifact, 1 experiment (6 B of files) from mlruns\n1 warning\n"
    assert f"warning: run {BROKEN}: mlruns/5/{BROKEN}/meta.yaml is missing; left out" in first.stderr
    again = workbench("import", "mlflow", "mlruns")
    assert again.stdout == "nothing new in mlruns\n1 run was here already\n1 warning\n"
    (tmp_path / "mlruns/5" / RUN / "metrics/auc").write_text("1700000002000 0.9 2\n")
    grown = workbench("import", "mlflow", "mlruns")
    assert grown.stdout.splitlines()[0] == "imported 1 updated, 1 point from mlruns"


def test_import_as_json_and_without_writing(project: Project, tmp_path: Path) -> None:
    write_mlruns(tmp_path)
    planned = workbench("import", "mlflow", "mlruns", "--dry-run")
    assert planned.stdout.startswith("would import 1 run, 2 points, 1 artifact")
    assert workbench("runs", "list", "--json").stdout == "[]\n"
    done = workbench("import", "mlflow", "mlruns", "--json")
    check_golden("import_mlflow.json", done.stdout)
    shown = json.loads(workbench("runs", "show", "brave", "--json").stdout)
    assert (shown["run_id"], shown["experiment"], shown["status"]) == (RUN, "fraud", "finished")
    assert shown["ended_at"] == "2023-11-14T22:13:25.000000Z"


def test_one_experiment_and_no_files(project: Project, tmp_path: Path) -> None:
    write_mlruns(tmp_path)
    refused = workbench("import", "mlflow", "mlruns", "-e", "frud")
    assert refused.status == 3 and "hint: did you mean fraud?" in refused.stderr
    done = workbench("import", "mlflow", "mlruns", "-e", "fraud", "--no-artifacts")
    assert done.stdout.splitlines()[0] == "imported 1 run, 2 points, 1 experiment from mlruns"


def test_what_is_no_source_is_an_error_with_a_hint(project: Project) -> None:
    done = workbench("import", "mlflow", "ftp://x")
    assert (
        done.status == 2
        and "error: cannot import from ftp://" in done.stderr
        and "hint: an mlruns folder" in done.stderr
    )
    assert workbench("import", "mlflow", "http://127.0.0.1:9").status == 6
    assert workbench("import", "bundle", "missing.tar").status == 2


def test_a_terminal_sees_how_far_it_is(project: Project, tmp_path: Path) -> None:
    write_mlruns(tmp_path)
    done = workbench("import", "mlflow", "mlruns", terminal=True)
    assert "importing ████████████░░░░░░░░░░░░ 1/2 runs  2 points" in done.stderr


def test_a_bundle_there_and_back(lab: Lab, tmp_path: Path) -> None:
    done = workbench("export", "bundle", "all.tar")
    assert done.stdout == "wrote 5 runs, 14 points, 1 content to all.tar\n"
    told = json.loads(workbench("export", "bundle", "one.tar", OTTER[:8], "--json").stdout)
    assert told == {"file": "one.tar", "runs": 1, "points": 7, "contents": 1, "entities": 0}
    (tmp_path / "other").mkdir()
    assert workbench("init", "other").status == 0
    brought = workbench("-C", "other", "import", "bundle", "../all.tar")
    assert brought.stdout.startswith("imported 5 runs, 14 points, 2 artifacts")
    os.chdir(tmp_path)
    assert (
        json.loads(workbench("-C", "other", "import", "bundle", "../all.tar", "--json").stdout)["runs"]["unchanged"]
        == 5
    )


def test_tables_as_files(lab: Lab, tmp_path: Path) -> None:
    done = workbench("export", "csv", "tables", OTTER[:8])
    assert done.stdout.splitlines()[0] == "tables/runs.csv  1 row"
    with open(tmp_path / "tables/params.csv") as file:
        assert [row["name"] for row in csv.DictReader(file)] == ["lr", "model"]
    told = json.loads(workbench("export", "parquet", "tables", "-e", "other", "--json").stdout)
    assert told[0] == {"name": "runs", "path": "tables/runs.parquet", "rows": 1}
    assert workbench("export", "csv", "tables", "-e", "nowhere").status == 3
    (tmp_path / "file").write_text("")
    assert workbench("export", "csv", "file").status == 2


def test_an_unknown_run_is_not_exported(lab: Lab) -> None:
    assert workbench("export", "bundle", "x.tar", "nobody").status == 3
    assert workbench("export", "mlflow", "sqlite:///x.db", "nobody").status == 3


@pytest.mark.parametrize("words", [["import", "--help"], ["export", "--help"], ["import", "mlflow", "--help"]])
def test_help_loads_nothing_heavy(project: Project, words: list[str]) -> None:
    code = "import sys; from workbench.cli.app import app; import typer.main; typer.main.get_command(app).main("
    code += f"{words!r}, standalone_mode=False); print(sorted({{'mlflow', 'duckdb', 'yaml'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_import_of_files_never_loads_mlflow(project: Project, tmp_path: Path) -> None:
    write_mlruns(tmp_path)
    (tmp_path / "sitecustomize.py").write_text("import sys; sys.modules['mlflow'] = None\n")
    done = process("import", "mlflow", "mlruns", environment={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stderr
