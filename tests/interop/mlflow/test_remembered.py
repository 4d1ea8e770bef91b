"""What is remembered of a store at rest is what it says: all writes are seen, and no two answers share an object."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from duckdb import DuckDBPyConnection
from mlflow import MlflowClient
from mlflow.entities import Param, Run, RunTag, ViewType

from tests.interop.mlflow.one_project import client_of, script
from tests.store.rest import settle, settle_soon
from workbench.base.project import Project
from workbench.interop.mlflow import run_facts
from workbench.interop.mlflow.place import place_at
from workbench.interop.mlflow.run_facts import FactsOfRuns, RunFacts

pytestmark = pytest.mark.interop

WRITES = {
    "tag": "client.set_tag(run, 'stage', 'late')",
    "tag that is removed": "client.delete_tag(run, 'team')",
    "run's name": "client.update_run(run, name='renamed')",
    "parameter": "client.log_param(run, 'late', 'yes')",
    "metric": "client.log_metric(run, 'auc', 0.125, step=5)",
    "metric of another name": "client.log_metric(run, 'f1', 0.5)",
    "end": "client.set_terminated(run, 'FAILED')",
    "run in the trash": "client.delete_run(run)",
    "experiment's name": "client.rename_experiment(client.get_run(run).info.experiment_id, 'other')",
    "experiment in the trash": "client.delete_experiment(client.get_run(run).info.experiment_id)",
    "another run": "client.set_terminated(client.create_run(client.get_run(run).info.experiment_id).info.run_id)",
    "dataset": """
from mlflow.entities import Dataset, DatasetInput
client.log_inputs(run, [DatasetInput(Dataset('rows', 'abc', 'local', '{}'), [])])
""",
}


@pytest.fixture
def client(project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[MlflowClient]:
    settle_soon(monkeypatch)
    with client_of(project) as client:
        yield client


def ended_run(client: MlflowClient, **metrics: float) -> str:
    experiment = client.get_experiment_by_name("fraud")
    experiment_id = experiment.experiment_id if experiment else client.create_experiment("fraud")
    run = client.create_run(experiment_id, run_name="first").info.run_id
    client.log_batch(run, params=[Param("model", "gbm")], tags=[RunTag("team", "a")])
    for key, value in metrics.items():
        client.log_metric(run, key, value)
    client.set_terminated(run)
    return str(run)


def runs(client: MlflowClient) -> list[Run]:
    experiments = client.search_experiments(ViewType.ALL)
    found = client.search_runs([e.experiment_id for e in experiments], "params.model = 'gbm'", ViewType.ALL)
    return list(found)


def answers(client: MlflowClient) -> list[Any]:
    """All that can be seen of runs and experiments."""
    experiments = [
        (e.experiment_id, e.name, e.lifecycle_stage, e.tags) for e in client.search_experiments(ViewType.ALL)
    ]
    seen = [
        (vars(run.info), run.data.to_dictionary(), [d.to_dictionary() for d in run.inputs.dataset_inputs])
        for run in runs(client)
    ]
    return [experiments, seen]


def facts(project: Project) -> FactsOfRuns:
    place = place_at(project)
    with place.visit():
        return place.remembered("runs", FactsOfRuns)


def rest(client: MlflowClient, project: Project) -> None:
    """Visit until the same facts are there again."""
    for _ in range(6):
        settle()
        runs(client)
        if facts(project) is facts(project):
            return
    raise AssertionError("the store never rests")


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_what_another_process_writes_is_seen_at_once(client: MlflowClient, project: Project, write: str) -> None:
    run = ended_run(client, auc=0.75)
    place_at(project).close()
    rest(client, project)
    before, remembered = answers(client), facts(project)
    assert answers(client) == before
    assert facts(project) is remembered
    done = script(f"import mlflow\nclient = mlflow.MlflowClient()\nrun = '{run}'\n{write}")
    assert done.returncode == 0, done.stderr
    after = answers(client)
    assert after != before or write == WRITES["another run"]
    assert facts(project) is not remembered
    fresh = script(
        "from tests.interop.mlflow.test_remembered import answers\nimport mlflow\nprint(answers(mlflow.MlflowClient()))"
    )
    assert fresh.stdout.strip() == str(after), fresh.stderr


def test_what_this_process_writes_is_seen_at_once(client: MlflowClient, project: Project) -> None:
    run = ended_run(client, auc=0.75)
    rest(client, project)
    client.set_tag(run, "stage", "late")
    assert client.get_run(run).data.tags["stage"] == "late"
    client.delete_run(run)
    assert client.get_run(run).info.lifecycle_stage == "deleted"


def test_changing_an_answer_changes_no_later_one(client: MlflowClient, project: Project) -> None:
    ended_run(client, auc=0.75)
    rest(client, project)
    before = answers(client)
    [run] = runs(client)
    run.data.tags["team"] = run.data.params["model"] = "mine"
    run.data.metrics.clear()
    run.info._set_run_name("mine")
    for parts in (run.data._metric_objs, run.inputs.dataset_inputs, run.outputs.model_outputs):
        parts.clear()
    for experiment in client.search_experiments():
        experiment.tags["mine"] = "1"
    assert answers(client) == before


def test_a_search_over_a_store_at_rest_reads_each_run_once(
    client: MlflowClient, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        ended_run(client, auc=number / 4)
    rest(client, project)
    expected = answers(client)
    read: list[list[int]] = []
    original = FactsOfRuns._read

    def watched(self: FactsOfRuns, db: DuckDBPyConnection, numbers: list[int]) -> dict[int, RunFacts]:
        read.append(numbers)
        return original(self, db, numbers)

    monkeypatch.setattr(FactsOfRuns, "_read", watched)
    assert answers(client) == expected
    assert read == []
    monkeypatch.setattr(run_facts, "KEPT_RUNS", 2)
    for _ in range(2):
        assert answers(client) == expected
    assert [len(numbers) for numbers in read] == [3, 3]
