"""What one process writes, every other one reads; what they disagree on is refused."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param, RunTag
from mlflow.exceptions import MlflowException

from tests.cli.harness import workbench
from tests.interop.mlflow.one_project import client_of, listed, quiet_run, script, shown
from workbench.base.project import Project
from workbench.interop.mlflow import journals
from workbench.interop.mlflow.place import place_at
from workbench.journal.layout import live_dir
from workbench.store import edits

pytestmark = pytest.mark.interop

ENDS = """
import os, signal, subprocess, sys
import mlflow

def child(name, act):
    pid = os.fork()
    if pid == 0:
        with mlflow.start_run(run_name=name):
            mlflow.log_metrics({"a": 1.0, "b": 2.0}, step=3)
            mlflow.log_param("lr", 0.1)
            mlflow.set_tag("t", "x")
            mlflow.log_text("hello", "f.txt")
            act()
        os._exit(0)
    os.waitpid(pid, 0)

child("killed", lambda: os.kill(os.getpid(), signal.SIGKILL))
child("gone", lambda: os._exit(0))
mlflow.MlflowClient().create_run("0", run_name="left open")
mlflow.start_run(run_name="ended by MLflow as it exits")
mlflow.log_metric("a", 1.0)
"""


@pytest.fixture
def client(project: Project) -> Iterator[MlflowClient]:
    with client_of(project) as client:
        yield client


@pytest.fixture
def run_id(client: MlflowClient) -> str:
    made: str = client.create_run("0", run_name="r").info.run_id
    return made


def elsewhere(work: Callable[[], Any]) -> int:
    """Do something in a forked process; its exit status."""
    pid = os.fork()
    if pid == 0:
        try:
            work()
        except MlflowException:
            os._exit(3)
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def refused(act: Callable[[], Any]) -> str:
    with pytest.raises(MlflowException) as caught:
        act()
    code: str = caught.value.error_code
    return code


def test_eight_processes_log_at_once(client: MlflowClient) -> None:
    """Runs of their own and one that they share: no error, and every point is there."""
    experiment = client.create_experiment("fraud")
    shared = client.create_run(experiment, run_name="shared").info.run_id
    waiting, start = os.pipe()

    def work(number: int) -> None:
        os.close(start)
        os.read(waiting, 1)  # until the last one that could write has closed it
        run = client.create_run(experiment).info.run_id
        for step in range(8):
            client.log_metric(run, "own", float(step), step=step)
            client.log_metric(shared, f"m{number}", float(step), step=step)
        client.log_batch(run, [], [Param("number", str(number)), Param("same", "x")], [RunTag("t", "1")])
        client.set_terminated(run)
        client.log_param(shared, "same", "x")
        client.log_param(shared, f"p{number}", "x")

    pids = []
    for number in range(8):
        pid = os.fork()
        if pid == 0:
            try:
                work(number)
                os._exit(0)
            finally:
                os._exit(1)
        pids.append(pid)
    os.close(start)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 8
    os.close(waiting)
    data = client.get_run(shared).data
    assert data.params == {"same": "x", **{f"p{number}": "x" for number in range(8)}}
    for number in range(8):
        assert [m.step for m in client.get_metric_history(shared, f"m{number}")] == [*range(8)]
    runs = client.search_runs([experiment], "attributes.run_name != 'shared' and status = 'FINISHED'")
    assert sorted(run.data.params["number"] for run in runs) == [str(number) for number in range(8)]
    assert all(len(client.get_metric_history(run.info.run_id, "own")) == 8 for run in runs)


def test_however_a_process_ends_what_it_logged_is_there_and_its_state_is_known(project: Project) -> None:
    outcome = script(ENDS)
    assert outcome.returncode == 0, outcome.stderr
    with client_of(project) as client:
        runs = {run.info.run_name: run for run in client.search_runs(["0"])}
        assert {name: run.info.status for name, run in runs.items()} == {
            "killed": "FAILED", "gone": "FAILED", "left open": "FAILED", "ended by MLflow as it exits": "FINISHED",
        }  # fmt: skip
        for name in ("killed", "gone"):
            data = runs[name].data
            assert (data.metrics, data.params, data.tags["t"]) == ({"a": 1.0, "b": 2.0}, {"lr": "0.1"}, "x")
            assert [f.path for f in client.list_artifacts(runs[name].info.run_id)] == ["f.txt"]
    assert {run["name"]: run["status"] for run in listed()} == {
        "killed": "crashed", "gone": "crashed", "left open": "crashed", "ended by MLflow as it exits": "finished",
    }  # fmt: skip
    ended = runs["ended by MLflow as it exits"].info.run_id
    assert not [name for name in os.listdir(live_dir(project.journal_dir)) if name.startswith(ended)]


def test_what_a_process_writes_another_one_reads_at_once(client: MlflowClient, run_id: str) -> None:
    for step in range(0, 6, 2):
        assert elsewhere(partial(client.log_metric, run_id, "x", float(step), step=step)) == 0
        assert client.get_run(run_id).data.metrics["x"] == step
        client.log_metric(run_id, "x", step + 1.0, step=step + 1)
    assert [m.step for m in client.get_metric_history(run_id, "x")] == [0, 1, 2, 3, 4, 5]
    assert elsewhere(lambda: client.set_tag(run_id, "t", "there")) == 0
    assert client.get_run(run_id).data.tags["t"] == "there"
    assert elsewhere(lambda: client.create_experiment("made there")) == 0
    assert client.get_experiment_by_name("made there") is not None
    assert refused(lambda: client.create_experiment("made there")) == "RESOURCE_ALREADY_EXISTS"


def test_a_run_that_another_process_deleted_takes_no_more(client: MlflowClient, project: Project, run_id: str) -> None:
    client.log_metric(run_id, "x", 1.0)
    for delete, restore in (
        (lambda: elsewhere(lambda: client.delete_run(run_id)), lambda: elsewhere(lambda: client.restore_run(run_id))),
        (lambda: workbench("runs", "delete", run_id), lambda: workbench("runs", "restore", run_id)),
        (lambda: edits.delete(project, run_id), lambda: edits.restore(project, run_id)),
    ):
        delete()
        for write in (
            lambda: client.log_metric(run_id, "x", 2.0),
            lambda: client.log_param(run_id, "a", "b"),
            lambda: client.set_tag(run_id, "a", "b"),
            lambda: client.log_batch(run_id, [Metric("y", 1.0, 0, 0)], [], []),
            lambda: client.set_terminated(run_id),
        ):
            assert refused(write) == "INVALID_PARAMETER_VALUE"
        restore()
        client.log_metric(run_id, "x", 3.0)
    assert client.get_run(run_id).data.params == {}


def test_a_run_that_was_purged_takes_no_more(client: MlflowClient, project: Project, run_id: str) -> None:
    client.log_metric(run_id, "x", 1.0)
    client.set_terminated(run_id)
    assert workbench("runs", "delete", run_id).status == workbench("runs", "purge", run_id, "--yes").status == 0
    assert refused(lambda: client.log_metric(run_id, "x", 1.0)) == "RESOURCE_DOES_NOT_EXIST"
    assert refused(lambda: client.get_run(run_id)) == "RESOURCE_DOES_NOT_EXIST"


def test_edits_cost_a_look_only_when_somebody_made_some(
    client: MlflowClient, project: Project, run_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = place_at(project)
    visits: list[int] = []
    visit = place.visit

    def counted() -> AbstractContextManager[Any]:
        visits.append(1)
        return visit()

    monkeypatch.setattr(place, "visit", counted)
    for step in range(10):
        client.log_metric(run_id, "x", 1.0, step=step)
        client.set_tag(run_id, "t", str(step))
    assert visits == []
    edits.set_tag(project, run_id, "by", "hand")
    for step in range(10):
        client.log_metric(run_id, "x", 1.0, step=step)
    assert visits == [1]


def test_two_processes_may_set_one_parameter_to_one_value(client: MlflowClient, run_id: str) -> None:
    assert elsewhere(lambda: client.log_param(run_id, "lr", "0.1")) == 0
    client.log_param(run_id, "lr", 0.1)
    assert refused(lambda: client.log_param(run_id, "lr", "0.2")) == "INVALID_PARAMETER_VALUE"
    assert refused(lambda: client.log_batch(run_id, [], [Param("new", "1"), Param("lr", "0.2")], [])) == (
        "INVALID_PARAMETER_VALUE"
    )
    assert elsewhere(lambda: client.log_param(run_id, "lr", "0.3")) == 3
    assert client.get_run(run_id).data.params == {"lr": "0.1"}


def test_of_processes_that_set_a_parameter_at_once_one_wins_and_the_others_are_told(
    client: MlflowClient, run_id: str
) -> None:
    pids = []
    for number in range(5):
        pid = os.fork()
        if pid == 0:
            try:
                client.log_param(run_id, "lr", str(number))
                os._exit(0)
            except MlflowException:
                os._exit(3)
            finally:
                os._exit(1)
        pids.append(pid)
    ended = [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids]
    assert sorted(ended) == [0, 3, 3, 3, 3]
    assert client.get_run(run_id).data.params == {"lr": str(ended.index(0))}


def test_a_batch_that_is_refused_leaves_nothing(client: MlflowClient, run_id: str) -> None:
    client.log_param(run_id, "lr", "1")
    refused(lambda: client.log_batch(run_id, [Metric("x", 1.0, 0, 0)], [Param("lr", "2")], [RunTag("t", "1")]))
    refused(lambda: client.log_batch(run_id, [Metric("x", 1.0, 0, 0), Metric("", 1.0, 0, 0)], [], [RunTag("t", "1")]))
    data = client.get_run(run_id).data
    assert (data.metrics, data.params) == ({}, {"lr": "1"})
    assert "t" not in data.tags


def test_a_run_of_our_sdk_that_lives_can_be_added_to(client: MlflowClient) -> None:
    """By a notebook beside it, say; its state stays its own."""
    run = quiet_run("ours", "default")
    client.log_metric(run.run_id, "from MLflow", 1.0)
    client.set_tag(run.run_id, "t", "x")
    run.log({"loss": 0.5})
    assert client.get_run(run.run_id).info.status == "RUNNING"
    run.end()
    assert client.get_run(run.run_id).info.status == "FINISHED"
    assert shown("ours")["metrics"] == {"from MLflow": 1.0, "loss": 0.5}


def test_who_only_tags_a_run_does_not_keep_it_alive(client: MlflowClient, project: Project) -> None:
    """A web server that sets a tag would otherwise, as long as it serves."""
    reading, writing = os.pipe()

    def begin() -> None:
        run = client.create_run("0").info.run_id
        client.log_metric(run, "x", 1.0)
        os.write(writing, run.encode())
        os.kill(os.getpid(), signal.SIGKILL)

    assert elsewhere(begin) == -signal.SIGKILL
    run_id = os.read(reading, 32).decode()
    client.set_tag(run_id, "seen", "yes")
    client.delete_tag(run_id, "seen")
    client.update_run(run_id, name="dead")
    assert client.get_run(run_id).info.status == "FAILED"
    assert (shown("dead")["status"], shown("dead")["error"]) == ("crashed", None)
    client.log_metric(run_id, "x", 2.0, step=1)  # who logs its numbers works on it
    assert client.get_run(run_id).info.status == "RUNNING"
    place_at(project).close()
    assert client.get_run(run_id).info.status == "FAILED"
    client.update_run(run_id, status="RUNNING")
    assert client.get_run(run_id).info.status == "RUNNING"
    client.set_terminated(run_id)
    assert client.get_run(run_id).info.status == "FINISHED"


def test_only_so_many_journals_are_open(
    client: MlflowClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of runs of others are completed first, for a run whose journal nobody holds seems to have died."""
    monkeypatch.setattr(journals, "MAX_OPEN", 3)
    others = []
    for number in range(3):
        with quiet_run(f"other {number}", "default") as run:
            others.append(run.run_id)
    own = [client.create_run("0").info.run_id for _ in range(2)]
    for _ in range(2):
        for run_id in others:
            client.set_tag(run_id, "t", "x")
        for run_id in own:
            client.log_metric(run_id, "x", 1.0)
    assert [client.get_run(run_id).info.status for run_id in own] == ["RUNNING"] * 2
    assert len([name for name in os.listdir(live_dir(project.journal_dir)) if not name.startswith("_meta")]) == 3
    for run_id in others:
        assert client.get_run(run_id).data.tags["t"] == "x"
