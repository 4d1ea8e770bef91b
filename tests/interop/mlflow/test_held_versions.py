"""What MLflow's calls may not remove: a version that is approved, and the files of one that is registered."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import mlflow
import pytest
from mlflow import MlflowClient
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

from workbench.base.project import Project
from workbench.interop.mlflow.place import place_at
from workbench.interop.mlflow.plugin import tracking_store
from workbench.registry import approvals, models
from workbench.registry.ledger import Ledger

pytestmark = pytest.mark.interop


@pytest.fixture
def client(project: Project) -> Iterator[MlflowClient]:
    """MLflow's client, with a run that is in the trash and whose model is `fraud/1`, the champion."""
    uri = f"workbench://{project.root}"
    mlflow.set_tracking_uri(uri)
    mlflow.set_registry_uri(uri)
    made = MlflowClient()
    run = made.create_run("0")
    Path("model").mkdir()
    for name in ("model/MLmodel", "roc.txt"):
        Path(name).write_text(name)
        made.log_artifact(run.info.run_id, name, os.path.dirname(name) or None)
    made.set_terminated(run.info.run_id)
    made.create_registered_model("fraud")
    made.create_model_version("fraud", f"{run.info.artifact_uri}/model", run.info.run_id)
    made.set_registered_model_alias("fraud", "champion", "1")
    made.delete_run(run.info.run_id)
    yield made
    place_at(project).close()
    mlflow.set_tracking_uri(None)
    mlflow.set_registry_uri(None)


def run_of(client: MlflowClient) -> str:
    return str(client.get_model_version("fraud", "1").run_id)


def test_an_approval_holds_a_version_and_an_alias_does_not(client: MlflowClient, project: Project) -> None:
    place = place_at(project)
    with place.visit() as db:
        approvals.approve(db, Ledger(project, place.edit), "fraud", 1, "good")
    for method, arguments in (("delete_model_version", ("fraud", "1")), ("delete_registered_model", ("fraud",))):
        with pytest.raises(MlflowException, match="approved fraud/1") as caught:
            getattr(client, method)(*arguments)
        assert caught.value.error_code == "INVALID_STATE"
        assert "champion" not in str(caught.value)
    with place.visit() as db:
        approvals.request(db, Ledger(project, place.edit), "fraud", 1, "again")
    with place.visit() as db:
        approvals.reject(db, Ledger(project, place.edit), "fraud", 1, "not good")
    client.delete_model_version("fraud", "1")
    with place.visit() as db:
        assert models.get(db, "fraud").aliases == {}


def test_a_run_that_a_version_came_from_is_not_garbage(client: MlflowClient, project: Project) -> None:
    run_id = run_of(client)
    store = tracking_store(f"workbench://{project.root}")
    assert store._get_deleted_runs() == []
    with pytest.raises(MlflowException, match="fraud/1 came from it") as caught:
        store._hard_delete_run(run_id)
    assert caught.value.error_code == "INVALID_STATE"
    client.delete_model_version("fraud", "1")
    assert store._get_deleted_runs() == [run_id]
    store._hard_delete_run(run_id)
    assert store._get_deleted_runs() == []


def test_files_that_a_version_needs_are_not_forgotten(client: MlflowClient) -> None:
    repository = get_artifact_repository(client.get_run(run_of(client)).info.artifact_uri)
    for path in (None, "model", "model/MLmodel"):
        with pytest.raises(MlflowException, match="fraud/1 needs these files") as caught:
            repository.delete_artifacts(path)
        assert caught.value.error_code == "INVALID_STATE"
    repository.delete_artifacts("roc.txt")
    assert [found.path for found in repository.list_artifacts()] == ["model"]
    client.delete_registered_model("fraud")
    repository.delete_artifacts()
    assert repository.list_artifacts() == []


def test_a_registered_logged_model_is_not_garbage(client: MlflowClient, project: Project) -> None:
    model = client.create_logged_model("0", name="m")
    repository = get_artifact_repository(model.artifact_location)
    repository.log_artifact("roc.txt")
    client.create_model_version("fraud", f"models:/{model.model_id}", model_id=model.model_id)
    client.delete_logged_model(model.model_id)
    store = tracking_store(f"workbench://{project.root}")
    assert store._get_deleted_logged_models() == []
    with pytest.raises(MlflowException, match="fraud/2 needs these files"):
        repository.delete_artifacts()
    client.delete_model_version("fraud", "2")
    assert store._get_deleted_logged_models() == [model.model_id]
