"""After an import MLflow code sees in this project what it saw in the store that was imported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.interop.mlflow.one_project import client_of
from tests.interop.mlflow.sources import Sample
from workbench.base.project import Project
from workbench.interop.mlflow.importing.importer import import_mlflow

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.interop]

EXPERIMENTS = ["0", "1", "2"]


def runs_of(client: Any) -> dict[str, Any]:
    found = {}
    for run in client.search_runs(EXPERIMENTS, run_view_type=3):
        shown = client.get_run(run.info.run_id).to_dictionary()
        del shown["info"]["artifact_uri"]
        found[run.info.run_id] = shown
    return found


def test_mlflow_sees_the_same(sqlite_sample: Sample, project: Project) -> None:
    import_mlflow(project, sqlite_sample.place)
    theirs = sqlite_sample.client()
    with client_of(project) as ours:
        expected, found = runs_of(theirs), runs_of(ours)
        assert json.dumps(found, sort_keys=True, default=str) == json.dumps(expected, sort_keys=True, default=str)
        for key in EXPERIMENTS:
            one, other = theirs.get_experiment(key), ours.get_experiment(key)
            assert (other.name, other.tags, other.lifecycle_stage) == (one.name, one.tags, one.lifecycle_stage)
            assert (other.creation_time, other.last_update_time) == (one.creation_time, one.last_update_time)
        for run_id in (sqlite_sample.run, sqlite_sample.child):
            for name in expected[run_id]["data"]["metrics"]:
                histories = [
                    sorted((m.step, m.timestamp, str(m.value)) for m in client.get_metric_history(run_id, name))
                    for client in (theirs, ours)
                ]
                assert histories[0] == histories[1]
            assert [file.path for file in ours.list_artifacts(run_id) if file.path != "models"] == [
                file.path for file in theirs.list_artifacts(run_id)
            ]
        models = [client.get_logged_model(sqlite_sample.model).to_dictionary() for client in (theirs, ours)]
        for model in models:
            del model["artifact_location"]
        assert models[0] == models[1]
        for number in ("1", "2"):
            one, other = (client.get_model_version("fraud-model", number) for client in (theirs, ours))
            for field in ("name", "run_id", "source", "status", "current_stage", "description", "tags", "aliases"):
                assert getattr(other, field) == getattr(one, field), field
            assert other.creation_timestamp == one.creation_timestamp
        assert int(ours.get_model_version_by_alias("fraud-model", "champion").version) == 1
        assert [m.name for m in ours.search_registered_models()] == ["empty", "fraud-model"]
