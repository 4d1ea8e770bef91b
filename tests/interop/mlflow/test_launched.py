"""`workbench run -- python script.py` where the script uses MLflow: one run, the launcher's, with what it logged."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient

from tests.interop.mlflow.one_project import client_of, listed, script, shown
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal.writer import JournalWriter

pytestmark = pytest.mark.interop

TRAINING = """
import mlflow

with mlflow.start_run() as run:
    mlflow.log_params({"lr": 0.1})
    mlflow.log_metric("loss", 0.5, step=1)
    mlflow.log_text("hello", "f.txt")
    mlflow.set_tag("kind", "base")
    with mlflow.start_run(nested=True, run_name="inner"):
        mlflow.log_metric("n", 1)
    print("trained", run.info.run_id)
assert mlflow.get_run(run.info.run_id).info.status == "FINISHED"
with mlflow.start_run(run_name="second"):
    mlflow.log_metric("y", 2)
"""

FAILING = """
import mlflow

mlflow.set_experiment("churn")
with mlflow.start_run(run_name="named", description="a note"):
    mlflow.log_metric("loss", 0.5)
    raise ValueError("no data")
"""


def launched(*options: str) -> list[str]:
    return [sys.executable, "-m", "workbench", "run", *options, "--"]


@pytest.fixture
def adopting(project: Project, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A run that `workbench run` has begun, in whose environment this process is."""
    run_id = new_run_id()
    writer = JournalWriter(project.journal_dir, run_id)
    writer.event("start", experiment="fraud", name="launched", parent=None, resumed=False, command=["train"])
    monkeypatch.setenv("WORKBENCH_RUN_ID", run_id)
    monkeypatch.setenv("WORKBENCH_DIR", project.root)
    yield run_id
    writer.close()


def test_the_script_logs_into_the_run_of_the_launcher(project: Project) -> None:
    for command in ("git init -q .", "git commit -q --allow-empty -m x"):
        assert os.system(command) == 0
    outcome = script(TRAINING, before=launched("-e", "fraud", "-n", "mine", "-p", "seed=1", "-t", "by=hand"))
    assert outcome.returncode == 0, outcome.stderr
    assert sorted(run["name"] for run in listed("-e", "fraud")) == ["inner", "mine", "second"]
    assert len(listed()) == 3
    mine = shown("mine")
    assert (mine["params"], mine["metrics"]) == ({"seed": 1, "lr": "0.1"}, {"loss": 0.5})
    assert (mine["status"], mine["exit_code"], mine["git"]["branch"] is not None) == ("finished", 0, True)
    assert {"by": "hand", "kind": "base"}.items() <= mine["tags"].items()
    assert mine["source"]["command"][:2] == [sys.executable, "-c"]
    assert [artifact["path"] for artifact in mine["artifacts"]] == ["f.txt"]
    assert mine["system_metrics"] and "environment" in mine["captures"]
    assert f"trained {mine['run_id']}\n" == outcome.stdout
    assert {shown(name)["parent_run_id"] for name in ("inner", "second")} == {mine["run_id"]}


def test_an_experiment_or_a_name_that_the_script_gives_counts_and_so_does_how_it_ends(project: Project) -> None:
    outcome = script(FAILING, before=launched("-e", "fraud"))
    assert outcome.returncode == 1
    [run] = listed()
    assert (run["name"], run["experiment"], run["status"]) == ("named", "churn", "failed")
    assert (run["note"], run["error"], run["metrics"]) == ("a note", "ValueError: no data", {"loss": 0.5})
    with client_of(project) as client:
        assert client.get_run(run["run_id"]).info.status == "FAILED"


def test_the_first_run_is_the_launchers_and_later_ones_are_its_children(project: Project, adopting: str) -> None:
    with client_of(project) as client:
        first, second = client.create_run("0"), client.create_run("0", run_name="second")
        nested = client.create_run("0", tags={"mlflow.parentRunId": second.info.run_id})
        fraud = client.get_experiment_by_name("fraud").experiment_id
        assert (first.info.run_id, first.info.run_name, first.info.experiment_id) == (adopting, "launched", fraud)
        assert second.data.tags["mlflow.parentRunId"] == adopting
        assert nested.data.tags["mlflow.parentRunId"] == second.info.run_id
        assert {run.info.experiment_id for run in (second, nested)} == {fraud}


def test_a_nested_run_never_takes_the_launchers(project: Project, adopting: str) -> None:
    with client_of(project) as client:
        other = client.create_run("0", tags={"mlflow.parentRunId": "f" * 32})
        assert other.info.run_id != adopting
        assert client.create_run("0").info.run_id == adopting


def test_the_process_only_adds_to_the_run_of_the_launcher(project: Project, adopting: str) -> None:
    with client_of(project) as client:
        run_id = client.create_run("0").info.run_id
        client.log_metric(run_id, "loss", 0.5)
        client.log_param(run_id, "lr", 0.1)
        roles = {
            (path.read_text().split('"role":"')[1].split('"')[0])
            for path in Path(project.journal_dir).rglob(f"{run_id}.*")
        }
        assert roles == {"main", "worker"}  # the launcher's, and this one


def test_a_run_of_another_project_is_not_taken(project: Project, adopting: str, tmp_path: Path) -> None:
    other = create_project(str(tmp_path / "other"))
    client: MlflowClient
    with client_of(other) as client:
        run = client.create_run("0")
        assert run.info.run_id != adopting
        assert "mlflow.parentRunId" not in run.data.tags  # of a run that is not there
