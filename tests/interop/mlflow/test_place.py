"""One `Place` for each project of a process: shared by threads, made anew by forks, complete at the end."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from mlflow.entities import Metric, Param
from mlflow.exceptions import MlflowException

from tests.interop.mlflow.one_project import client_of, script
from tests.store.journals import held_by_another_process
from workbench.base.project import Project
from workbench.interop.mlflow.place import place_at
from workbench.journal.layout import live_dir
from workbench.store.store import Store

pytestmark = pytest.mark.interop

FORKS = """
import multiprocessing, os, sys, time
import mlflow

client = mlflow.MlflowClient()
run = client.create_run("0", run_name="forked").info.run_id
client.log_metric(run, "parent", 1.0, step=0)

def child():
    for step in range(20):
        client.log_metric(run, "child", float(step), step=step)
    client.log_param(run, f"p{os.getpid()}", "x")
    assert client.get_run(run).data.metrics["parent"] >= 0.0  # reads what the parent wrote, with a store of its own

def pooled(number):
    client.log_batch(run, [mlflow.entities.Metric("pooled", 1.0, number, number)], [], [])

children = []
for end in (os._exit, sys.exit):
    pid = os.fork()
    if pid == 0:
        child()
        end(0)
    children.append(pid)
for step in range(1, 20):
    client.log_metric(run, "parent", float(step), step=step)
assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children] == [0, 0]
with multiprocessing.get_context("fork").Pool(3) as pool:
    pool.map(pooled, range(30))
client.set_terminated(run)
"""


@pytest.fixture
def client(project: Project) -> Iterator[MlflowClient]:
    with client_of(project) as client:
        yield client


def test_forked_processes_and_their_parent_all_log(project: Project) -> None:
    """However a child ends; one that DuckDB's threads are missing from would crash as it ends by itself."""
    outcome = script(FORKS)
    assert outcome.returncode == 0, outcome.stderr
    with client_of(project) as client:
        [run] = client.search_runs(["0"])
        assert run.info.status == "FINISHED"
        points = {key: len(client.get_metric_history(run.info.run_id, key)) for key in run.data.metrics}
        steps = {m.step for m in client.get_metric_history(run.info.run_id, "child")}
    assert (points["parent"], points["pooled"], steps, len(run.data.params)) == (20, 30, set(range(20)), 2)


def test_a_fork_within_a_visit_leaves_the_visit_to_the_parent(client: MlflowClient, project: Project) -> None:
    run = client.create_run("0").info.run_id
    place = place_at(project)
    with place.visit() as db:
        pid = os.fork()
        if pid == 0:
            os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
        assert db.execute("SELECT uid FROM run").fetchall() == [(run,)]
    client.log_metric(run, "x", 1.0)
    assert client.get_run(run).data.metrics == {"x": 1.0}


def test_a_fork_waits_for_the_visits_of_other_threads(client: MlflowClient, project: Project) -> None:
    place = place_at(project)
    entered, leave = threading.Event(), threading.Event()

    def visit() -> None:
        with place.visit() as db:
            entered.set()
            leave.wait(10)
            db.execute("SELECT 1")

    thread = threading.Thread(target=visit)
    thread.start()
    entered.wait(10)
    threading.Timer(0.2, leave.set).start()
    pid = os.fork()
    if pid == 0:
        os._exit(0 if leave.is_set() else 1)
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
    assert client.search_runs(["0"]) == []


def test_threads_share_it(client: MlflowClient) -> None:
    """Every point and every parameter is there, whoever writes and reads meanwhile."""
    run = client.create_run("0").info.run_id
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for step in range(6):
                client.log_metric(run, f"m{number}", float(step), step=step)
                if step % 3 == 0:
                    client.log_batch(run, [Metric("all", 1.0, number, step)], [Param(f"p{number}.{step}", "1")], [])
                    assert client.get_run(run).data.metrics[f"m{number}"] == float(step)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    data = client.get_run(run).data
    assert len(data.params) == 8
    assert {key: len(client.get_metric_history(run, key)) for key in data.metrics} == {
        "all": 8, **{f"m{number}": 6 for number in range(4)}
    }  # fmt: skip


def test_there_is_one_for_each_project_whatever_its_path(project: Project, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(project.root)
    assert place_at(Project(str(tmp_path / "link"))) is place_at(project)


def test_what_another_process_holds_is_read_into_memory(client: MlflowClient, project: Project) -> None:
    run = client.create_run("0").info.run_id
    with Store(project) as store:
        path = store.visible_path()
    assert path is not None
    with held_by_another_process(path):
        client.log_metric(run, "x", 1.0)
        client.log_param(run, "a", "b")
        assert client.get_run(run).data.params == {"a": "b"}
    assert client.get_run(run).data.metrics == {"x": 1.0}


def test_closing_completes_the_journals_and_what_comes_later_opens_new_ones(
    client: MlflowClient, project: Project
) -> None:
    """As where MLflow ends its run after us, when the interpreter exits."""
    run = client.create_run("0").info.run_id
    place_at(project).close()
    assert os.listdir(live_dir(project.journal_dir)) == []
    threads = threading.active_count()
    client.log_metric(run, "x", 1.0)
    client.set_terminated(run)
    assert threading.active_count() <= threads  # Python 3.12 starts none any more by then
    place_at(project).close()
    seen = client.get_run(run)
    assert (seen.info.status, seen.data.metrics) == ("FINISHED", {"x": 1.0})


def test_a_project_that_is_removed_is_an_mlflow_error(client: MlflowClient, project: Project) -> None:
    client.create_run("0")
    shutil.rmtree(project.folder)
    with pytest.raises(MlflowException):
        client.search_experiments()


def test_a_run_is_written_by_one_journal_for_each_process(client: MlflowClient, project: Project) -> None:
    run = client.create_run("0").info.run_id
    for step in range(5):
        client.log_metric(run, "x", 1.0, step=step)
        client.set_tag(run, "t", str(step))
    client.log_param(run, "a", "b")
    assert len([name for name in os.listdir(live_dir(project.journal_dir)) if name.startswith(run)]) == 1
