"""One run, seen from both sides: what MLflow code logs is a run of ours, and what our SDK logs is a run of MLflow's."""

from __future__ import annotations

import math
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag, ViewType
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

import workbench as wb
from tests.interop.mlflow.one_project import client_of, done, listed, quiet_run, shown
from tests.store.journals import edit
from workbench.base.project import Project
from workbench.store.store import Store
from workbench.tui.questions.run import RunQuestion
from workbench.tui.questions.runs import RunsPage, View

START_MS = 1_790_000_000_000


@pytest.fixture
def client(project: Project) -> Iterator[MlflowClient]:
    with client_of(project) as client:
        yield client


def test_a_run_of_mlflow_is_one_of_ours(client: MlflowClient, project: Project) -> None:
    fraud = client.create_experiment("fraud")
    run = client.create_run(fraud, START_MS, {"mlflow.user": "ada", "kind": "base"}, "gbm").info.run_id
    client.log_batch(
        run,
        [
            Metric("loss", 0.7, START_MS + 1, 0),
            Metric("loss", 0.4, START_MS + 2, 5),
            Metric("auc", math.inf, START_MS, 1),
        ],
        [Param("lr", "0.1"), Param("model", "gbm")],
        [RunTag("mlflow.note.content", "the *first* one")],
    )
    tags = [InputTag("mlflow.data.context", "training")]
    client.log_inputs(run, [DatasetInput(Dataset("train", "abc1", "local", '{"uri": "t.csv"}', None, None), tags)])
    Path("roc.txt").write_text("0 0")
    client.log_artifact(run, "roc.txt", "plots")
    child = client.create_run(fraud, START_MS, {"mlflow.parentRunId": run}, "fold 1").info.run_id
    client.set_terminated(child, "KILLED", START_MS + 3000)
    client.set_terminated(run, "FINISHED", START_MS + 60_000)

    document = shown("gbm")
    assert {
        "run_id": run, "name": "gbm", "experiment": "fraud", "status": "finished", "note": "the *first* one",
        "started_at": "2026-09-21T14:13:20.000000Z", "ended_at": "2026-09-21T14:14:20.000000Z", "duration_s": 60.0,
        "params": {"lr": "0.1", "model": "gbm"}, "metrics": {"auc": "Infinity", "loss": 0.4}, "parent_run_id": None,
        "tags": {"kind": "base", "mlflow.user": "ada"}, "deleted": False,
    }.items() <= document.items()  # fmt: skip
    [artifact] = document["artifacts"]
    assert (artifact["path"], artifact["size"], len(artifact["sha256"])) == ("plots/roc.txt", 3, 64)
    [dataset] = document["datasets"]
    assert (dataset["name"], dataset["digest"], dataset["input_tags"]) == (
        "train", "abc1", {"mlflow.data.context": "training"},
    )  # fmt: skip
    assert shown("fold 1")["parent_run_id"] == run
    assert shown("fold 1")["status"] == "killed"

    frame = wb.runs(where="params.lr = '0.1' AND metrics.loss < 0.5")
    assert frame["run_id"].to_list() == [run]
    assert wb.metrics([run], keys=["loss"]).select("step", "value").rows() == [(0, 0.7), (5, 0.4)]
    assert [found["name"] for found in listed("-e", "fraud", "-w", "tags.kind = 'base'")] == ["gbm"]


def test_the_app_shows_a_run_of_mlflow(client: MlflowClient, project: Project) -> None:
    run = client.create_run("0", run_name="in the app").info.run_id
    for step in range(3):
        client.log_metric(run, "loss", 0.25 * step, step=step)
    client.log_param(run, "lr", "0.1")
    Path("f.txt").write_text("x")
    client.log_artifact(run, "f.txt")
    client.set_tag(run, "mlflow.note.content", "a note")
    client.set_terminated(run)
    with Store(project) as store, store.reading() as db:
        question = RunQuestion(project, run, None)
        panes = question.work(question.ask(db))
        page = RunsPage(View())
        table = page.work(page.ask(db))
    assert (panes.note, panes.chart_keys, [row.path for row in panes.artifacts]) == ("a note", ("loss",), ["f.txt"])
    assert {"params", "artifacts"} <= panes.panes.keys()
    assert (panes.head["name"], panes.head["status"], table.total) == ("in the app", "finished", 1)


def test_a_logged_model_is_among_the_artifacts_of_its_run_once(client: MlflowClient) -> None:
    run = client.create_run("0", run_name="r").info
    model = client.create_logged_model("0", name="m", source_run_id=run.run_id, params={"depth": "3"})
    Path("MLmodel").write_text("flavors: {}")
    get_artifact_repository(model.artifact_location).log_artifact("MLmodel")
    client.log_outputs(run.run_id, [LoggedModelOutput(model.model_id, 2)])
    client.log_metric(run.run_id, "auc", 0.9, model_id=model.model_id)
    client.finalize_logged_model(model.model_id, "READY")
    [artifact] = shown("r")["artifacts"]
    assert (artifact["path"], artifact["kind"]) == (f"models/{model.model_id}/MLmodel", "model")
    assert client.list_artifacts(run.run_id) == []  # MLflow lists it with the model
    assert [f.path for f in client.list_logged_model_artifacts(model.model_id)] == ["MLmodel"]
    found = client.get_logged_model(model.model_id)
    assert (str(found.status), found.params, [m.value for m in found.metrics]) == ("READY", {"depth": "3"}, [0.9])
    assert client.get_run(run.run_id).outputs.model_outputs == [LoggedModelOutput(model.model_id, 2)]


def test_a_run_of_ours_is_one_of_mlflows(client: MlflowClient, project: Project) -> None:
    Path("train.csv").write_text("amount,fraud\n12.5,0\n99.0,1\n")
    params = {"lr": 0.1, "tiny": 1e-05, "depth": 6, "on": True, "off": False, "no": None, "t": "ü"} | {
        "layers": [64, 32], "huge": 1e22, "whole": 2**70, "minus": -3.0
    }  # fmt: skip
    with quiet_run("ours", params=params, tags={"kind": "base"}) as run:
        run.log({"loss": 0.7, "auc": 0.5}, step=0)
        run.log({"loss": float("nan"), "auc": -math.inf}, step=1)
        run.note("a note")
        run.log_dataset("train.csv", name="train")
        run.log_artifact("train.csv", path="data")
        with quiet_run("inner") as child:
            child.log({"loss": 0.1})
    seen = client.get_run(run.run_id)
    assert seen.data.params == {
        "lr": "0.1", "tiny": "1e-05", "depth": "6", "on": "True", "off": "False", "no": "None", "layers": "[64,32]",
        "t": "ü", "huge": "1e+22", "whole": str(2**70), "minus": "-3.0",
    }  # fmt: skip
    assert math.isnan(seen.data.metrics["loss"]) and seen.data.metrics["auc"] == -math.inf
    assert [(m.step, m.value) for m in client.get_metric_history(run.run_id, "auc")] == [(0, 0.5), (1, -math.inf)]
    assert {
        "mlflow.runName": "ours", "mlflow.note.content": "a note", "kind": "base", "mlflow.user": seen.info.user_id,
    }.items() <= seen.data.tags.items()  # fmt: skip
    assert seen.data.tags["mlflow.source.name"]
    assert client.get_run(child.run_id).data.tags["mlflow.parentRunId"] == run.run_id
    assert (seen.info.status, seen.info.run_name, seen.info.lifecycle_stage) == ("FINISHED", "ours", "active")
    assert seen.info.start_time <= seen.info.end_time <= time.time() * 1000
    experiment = client.get_experiment_by_name("fraud")
    assert seen.info.experiment_id == experiment.experiment_id and len(experiment.experiment_id) == 18
    [used] = seen.inputs.dataset_inputs
    assert (used.dataset.name, used.dataset.source_type, used.tags) == (
        "train", "local", [InputTag("mlflow.data.context", "train")],
    )  # fmt: skip
    assert used.dataset.profile == '{"num_rows":2}' and "train.csv" in used.dataset.source

    def found(text: str) -> set[str]:
        runs = client.search_runs([experiment.experiment_id], text)
        return {run.info.run_name for run in runs}

    assert found("params.lr = '0.1' and metrics.auc < 0.4") == {"ours"}
    assert found("metrics.loss < 0.4") == {"inner"}
    assert found(f"tags.mlflow.parentRunId = '{run.run_id}'") == {"inner"}
    assert found(f"tags.mlflow.user = '{seen.info.user_id}' and tags.mlflow.source.name LIKE '%'") == {"ours", "inner"}
    assert found("tags.mlflow.note.content LIKE 'a %'") == found("dataset.name = 'train'") == {"ours"}
    assert found("params.`on` = 'True' and params.`no` = 'None' and params.tiny = '1e-05'") == {"ours"}
    assert found("attributes.run_name LIKE 'in%' and status = 'FINISHED'") == {"inner"}


def test_the_commit_of_a_run_of_ours_is_a_tag(client: MlflowClient) -> None:
    for command in ("git init -q .", "git commit -q --allow-empty -m x"):
        assert os.system(command) == 0
    with wb.start_run("fraud", "with code", capture_output=False, system_metrics=False) as run:
        pass
    commit = shown("with code")["git"]["commit"]
    assert client.get_run(run.run_id).data.tags["mlflow.source.git.commit"] == commit
    experiment = client.get_experiment_by_name("fraud").experiment_id
    assert len(client.search_runs([experiment], f"tags.mlflow.source.git.commit = '{commit}'")) == 1


@pytest.mark.parametrize(
    ("how", "status"), [("raise ValueError('no data')", "FAILED"), ("os._exit(0)", "FAILED"), ("pass", "FINISHED")]
)
def test_how_a_run_of_ours_ended_is_its_status(client: MlflowClient, how: str, status: str) -> None:
    pid = os.fork()
    if pid == 0:
        try:
            with quiet_run("ends", "default") as run:
                run.log({"x": 1.0})
                exec(how)
        finally:
            os._exit(0)
    os.waitpid(pid, 0)
    [found] = client.search_runs(["0"])
    assert (found.info.status, found.data.metrics) == (status, {"x": 1.0})
    assert found.info.end_time is not None
    assert len(client.search_runs(["0"], f"attributes.status = '{status}'")) == 1


def test_a_killed_run_has_failed_and_a_living_one_runs(client: MlflowClient) -> None:
    ready, wait = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        run = quiet_run("killed", "default")
        run.log({"x": 1.0})
        os.write(ready[1], b".")
        os.read(wait[0], 1)
        os._exit(0)
    os.read(ready[0], 1)
    [found] = client.search_runs(["0"], "status = 'RUNNING'")
    assert found.info.end_time is None
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    assert client.search_runs(["0"], "status = 'RUNNING'") == []
    [found] = client.search_runs(["0"], "status = 'FAILED' and attributes.end_time > 0")
    assert shown("killed")["status"] == "crashed"
    client.set_tag(found.info.run_id, "seen", "yes")  # who adds to it does not bring it back to life
    client.log_artifact(found.info.run_id, __file__)
    assert client.get_run(found.info.run_id).info.status == "FAILED"
    assert shown("killed")["tags"] == {"seen": "yes"}


def test_a_run_deleted_on_one_side_is_deleted_on_the_other(client: MlflowClient) -> None:
    run = client.create_run("0", run_name="theirs").info.run_id
    client.set_terminated(run)
    client.delete_run(run)
    assert (listed(), [found["name"] for found in listed("--deleted")]) == ([], ["theirs"])
    done("runs", "restore", "theirs")
    assert client.get_run(run).info.lifecycle_stage == "active"
    done("runs", "delete", "theirs")
    assert client.search_runs(["0"]) == []
    assert len(client.search_runs(["0"], run_view_type=ViewType.DELETED_ONLY)) == 1
    with pytest.raises(MlflowException, match="must be in the 'active' state"):
        client.log_metric(run, "x", 1.0)
    client.restore_run(run)
    assert [found["name"] for found in listed()] == ["theirs"]
    client.log_metric(run, "x", 1.0)


def test_edits_of_ours_are_seen_by_mlflow(client: MlflowClient, project: Project) -> None:
    run = client.create_run("0", run_name="before").info.run_id
    client.set_terminated(run)
    edit(project, run, "name", "after")
    done("runs", "star", run)
    done("runs", "move", run, "-e", "churn")
    done("runs", "note", run, "written here")
    done("runs", "tag", run, "kind=base")
    seen = client.get_run(run)
    assert (seen.info.run_name, seen.data.tags["mlflow.runName"]) == ("after", "after")
    assert seen.info.experiment_id == client.get_experiment_by_name("churn").experiment_id != "0"
    assert (seen.data.tags["mlflow.note.content"], seen.data.tags["kind"]) == ("written here", "base")
    assert seen.info.artifact_uri.endswith(f"{seen.info.experiment_id}/{run}/artifacts")
    client.update_run(run, name="again")
    client.set_tag(run, "mlflow.note.content", "written there")
    client.delete_tag(run, "kind")
    document = shown(run)
    assert (document["name"], document["note"], document["tags"]) == ("again", "written there", {})
    assert (document["starred"], document["experiment"]) == (True, "churn")


def test_artifacts_stay_with_a_run_that_moves_to_another_experiment(client: MlflowClient) -> None:
    run = client.create_run("0").info
    Path("f.txt").write_text("x")
    client.log_artifact(run.run_id, "f.txt")
    done("runs", "move", run.run_id, "-e", "churn")
    assert [f.path for f in client.list_artifacts(run.run_id)] == ["f.txt"]
    assert [f.path for f in get_artifact_repository(run.artifact_uri).list_artifacts()] == ["f.txt"]


def test_experiments_changed_by_mlflow_are_seen_by_ours(client: MlflowClient) -> None:
    with quiet_run("ours"):
        pass
    experiment = client.get_experiment_by_name("fraud").experiment_id
    client.create_run(experiment, run_name="theirs")
    client.rename_experiment(experiment, "abuse")
    assert {run["name"] for run in listed("-e", "abuse")} == {"ours", "theirs"}
    assert listed("-e", "fraud") == []
    with quiet_run("later"):  # the old name is free again, for another experiment
        pass
    again = client.get_experiment_by_name("fraud")
    assert again.experiment_id != experiment and len(client.search_runs([again.experiment_id])) == 1
    client.delete_experiment(experiment)
    assert [run["name"] for run in listed()] == ["later"]
    assert {run["name"] for run in listed("--deleted")} == {"ours", "theirs"}
    client.restore_experiment(experiment)
    assert {run["name"] for run in listed("-e", "abuse")} == {"ours", "theirs"}


def test_the_default_experiment_is_ours(client: MlflowClient) -> None:
    with wb.start_run(name="x", capture=False, capture_output=False, system_metrics=False) as run:
        pass
    assert client.get_run(run.run_id).info.experiment_id == "0"
    assert client.get_experiment("0").name == "Default"
    assert {client.get_experiment_by_name(name).experiment_id for name in ("default", "Default")} == {"0"}
    made = client.create_run("0", run_name="y")
    assert shown("y")["experiment"] == "default" and made.info.experiment_id == "0"


def test_an_experiment_comes_back_after_a_purge_with_nothing_of_the_old(client: MlflowClient) -> None:
    experiment = client.create_experiment("fraud", tags={"old": "1"})
    client.delete_experiment(experiment)
    client._tracking_client.store._hard_delete_experiment(experiment)
    assert client.get_experiment_by_name("fraud") is None
    with quiet_run("later"):
        pass
    client.set_experiment_tag(client.get_experiment_by_name("fraud").experiment_id, "new", "2")
    found = client.get_experiment_by_name("fraud")
    assert (found.tags, found.lifecycle_stage) == ({"new": "2"}, "active")
    assert len(client.search_runs([found.experiment_id])) == 1


def test_a_purge_of_what_is_not_deleted_is_refused_in_mlflows_words(client: MlflowClient) -> None:
    run = client.create_run("0").info.run_id
    client.set_terminated(run)
    with pytest.raises(MlflowException, match="is not deleted") as caught:
        client._tracking_client.store._hard_delete_run(run)
    assert caught.value.error_code == "INVALID_STATE"
    client.delete_run(run)
    client._tracking_client.store._hard_delete_run(run)
    assert listed("--deleted") == []
    with pytest.raises(MlflowException, match="not found"):
        client.log_metric(run, "x", 1.0)
