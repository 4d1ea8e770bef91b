"""What MLflow's server answers on our store, to its own web page and to clients elsewhere."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import mlflow.tracking._model_registry.utils as registry_uris
import mlflow.tracking._tracking_service.utils as tracking_uris
import pytest

from tests.interop.mlflow.serving import POINTS, Filled, fill, last_loss
from workbench.base.project import Project, create_project
from workbench.interop.mlflow import uri
from workbench.interop.mlflow.place import place_at

pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.interop]

NEVER_THERE = [
    ("POST", "3.0/mlflow/traces/search", {"locations": []}),
    (
        "POST",
        "3.0/mlflow/traces/metrics",
        {
            "experiment_ids": ["0"],
            "view_type": "TRACES",
            "metric_name": "a",
            "aggregations": [{"aggregation_type": "SUM"}],
        },
    ),
    ("POST", "3.0/mlflow/datasets/search", {}),
    ("GET", "3.0/mlflow/scorers/list", {}),
    ("POST", "3.0/mlflow/issues/search", {}),
    ("GET", "3.0/mlflow/label-schemas/list", {}),
    ("GET", "3.0/mlflow/review-queues/list", {}),
    ("GET", "3.0/mlflow/gateway/endpoints/list", {}),
    ("GET", "3.0/mlflow/gateway/endpoints/bindings/list", {}),
    ("GET", "3.0/mlflow/gateway/budgets/list", {}),
    ("GET", "3.0/mlflow/gateway/secrets/list", {}),
]


class Server:
    """MLflow's server in this process, on the store of a project; asked as its page asks it."""

    def __init__(self, project: Project, filled: Filled) -> None:
        from mlflow.server import app

        self.project = project
        self.filled = filled
        self.web = app.test_client()

    def get(self, path: str, /, **query: Any) -> dict[str, Any]:
        """What `GET /ajax-api/PATH` says."""
        return _json(self.web.get(f"/ajax-api/{path}", query_string=query))

    def post(self, path: str, /, **body: Any) -> dict[str, Any]:
        """What `POST /ajax-api/PATH` says."""
        return _json(self.web.post(f"/ajax-api/{path}", json=body))


def _json(response: Any) -> dict[str, Any]:
    assert response.status_code == 200, response.get_data(as_text=True)
    answer: dict[str, Any] = response.get_json()
    return answer


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """A project that is copied for each test."""
    return fill(create_project(str(tmp_path_factory.mktemp("template"))))


@pytest.fixture
def project(template: Filled, tmp_path: Path) -> Project:
    """A copy of it, in the working directory."""
    source = f"{template.uri.removeprefix('workbench://')}/.workbench"
    shutil.copytree(source, tmp_path / ".workbench", ignore=shutil.ignore_patterns("cache"))
    return create_project(str(tmp_path))


@pytest.fixture
def filled(template: Filled, project: Project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Filled]:
    """What is in it; MLflow code of this process and its children finds it."""
    own = replace(template, uri=f"workbench://{project.root}")
    for name in ("MLFLOW_TRACKING_URI", "MLFLOW_REGISTRY_URI"):
        monkeypatch.setenv(name, own.uri)
    # The server sets both for its process.
    monkeypatch.setattr(tracking_uris, "_tracking_uri", own.uri)
    monkeypatch.setattr(registry_uris, "_registry_uri", own.uri)
    yield own
    place_at(project).close()


@pytest.fixture
def server(project: Project, filled: Filled, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server with the default options."""
    from mlflow.server import handlers

    for name in ("_tracking_store", "_model_registry_store", "_artifact_repo"):
        monkeypatch.setattr(handlers, name, None)
    monkeypatch.setenv("_MLFLOW_SERVER_FILE_STORE", filled.uri)
    monkeypatch.setenv("_MLFLOW_SERVER_SERVE_ARTIFACTS", "true")
    monkeypatch.setenv("_MLFLOW_SERVER_ARTIFACT_DESTINATION", "./mlartifacts")
    return Server(project, filled)


@pytest.fixture
def passing(server: Server, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server with `--artifacts-destination` in the project."""
    monkeypatch.setenv("_MLFLOW_SERVER_ARTIFACT_DESTINATION", server.filled.uri)
    return server


def test_the_variables_are_those_by_which_mlflow_tells_its_workers() -> None:
    from mlflow import server

    names = server.BACKEND_STORE_URI_ENV_VAR, server.ARTIFACTS_DESTINATION_ENV_VAR, server.SERVE_ARTIFACTS_ENV_VAR
    assert names == (uri._BACKEND, uri._DESTINATION, uri._PASSES_ON)


def test_the_pages_of_runs_have_their_numbers(server: Server) -> None:
    filled = server.filled
    [newest, _] = server.post("2.0/mlflow/runs/search", experiment_ids=[filled.experiment])["runs"]
    assert newest["info"]["run_name"] == "run-1" and newest["data"]["params"] == [{"key": "lr", "value": "1.1"}]
    assert {metric["key"]: metric["value"] for metric in newest["data"]["metrics"]} == {
        "auc": 0.875,
        "loss": last_loss(),
    }
    points = server.get(
        "2.0/mlflow/metrics/get-history-bulk-interval", run_ids=[filled.run], metric_key="loss", max_results=320
    )["metrics"]
    assert 300 < len(points) <= 320 and points[-1]["value"] == last_loss() and points[-1]["step"] == POINTS - 1
    whole = server.get("2.0/mlflow/metrics/get-history", run_id=filled.run, metric_key="loss")["metrics"]
    assert len(whole) == POINTS and whole[0]["value"] == 2.0
    [found] = server.post("2.0/mlflow/experiments/search-datasets", experiment_ids=[filled.experiment])[
        "dataset_summaries"
    ]
    assert (found["name"], found["context"]) == ("iris", "a")
    asked = server.web.post(
        "/graphql",
        json={
            "operationName": "GetRun",
            "query": "query GetRun($data: MlflowGetRunInput!) { mlflowGetRun(input: $data) "
            "{ run { info { runName status } data { tags { key value } } } } }",
            "variables": {"data": {"runId": filled.run}},
        },
    )
    run = _json(asked)["data"]["mlflowGetRun"]["run"]
    assert run["info"] == {"runName": "run-1", "status": "FINISHED"}
    assert {"key": "team", "value": "risk"} in run["data"]["tags"]


def test_the_pages_of_artifacts_and_models(server: Server) -> None:
    listed = server.get("2.0/mlflow/artifacts/list", run_id=server.filled.run, path="notes")
    assert listed["root_uri"].startswith("workbench:///")
    assert listed["files"] == [{"path": "notes/hello.txt", "is_dir": False, "file_size": 14}]
    file = server.web.get("/get-artifact", query_string={"run_id": server.filled.run, "path": "notes/hello.txt"})
    assert file.data == b"hello artifact"
    model = server.get("2.0/mlflow/registered-models/get", name="iris")["registered_model"]
    assert (model["description"], model["aliases"]) == ("a model of flowers", [{"alias": "champion", "version": "1"}])
    [version] = server.get("2.0/mlflow/model-versions/search", filter="name='iris'")["model_versions"]
    assert version["run_id"] == server.filled.run


def test_lists_of_what_is_never_there_are_empty(server: Server) -> None:
    for method, path, body in NEVER_THERE:
        options = {} if "gateway" in path else {"experiment_id": server.filled.experiment}
        answer = server.web.open(
            f"/ajax-api/{path}", method=method, query_string=options, json=body if method == "POST" else None
        )
        if answer.status_code != 404:  # older releases of MLflow have not all of these
            assert not any(_json(answer).values()), path


def test_what_is_not_there_at_all_is_refused(server: Server) -> None:
    refused = server.web.post("/ajax-api/3.0/mlflow/datasets/create", json={"name": "a"})
    assert refused.status_code == 501 and refused.get_json()["error_code"] == "NOT_IMPLEMENTED"
    assert "it tracks runs and models" in refused.get_json()["message"]


def test_artifacts_are_passed_on_into_the_project(passing: Server) -> None:
    run = passing.post("2.0/mlflow/runs/create", experiment_id=passing.filled.experiment)["run"]["info"]
    below = f"{passing.filled.experiment}/{run['run_id']}/artifacts"
    assert run["artifact_uri"] == f"mlflow-artifacts:/{below}"
    passed_on = f"/api/2.0/mlflow-artifacts/artifacts/{below}"
    assert passing.web.put(f"{passed_on}/deep/er/a b.bin", data=b"content").status_code == 200
    assert passing.web.get(f"{passed_on}/deep/er/a b.bin").data == b"content"
    listed = passing.get("2.0/mlflow/artifacts/list", run_id=run["run_id"], path="deep")
    assert listed["files"] == [{"path": "deep/er", "is_dir": True}]
    above = passing.get("2.0/mlflow-artifacts/artifacts", path=passing.filled.experiment)
    assert above == {} or above == {"files": []}
    with place_at(passing.project).visit() as db:
        assert db.execute(
            "SELECT path, a.size FROM artifact a JOIN run USING (run_id) WHERE uid = ?", [run["run_id"]]
        ).fetchall() == [("deep/er/a b.bin", 7)]
    assert passing.web.delete(f"{passed_on}/deep").status_code == 200
    assert passing.web.get(f"{passed_on}/deep/er/a b.bin").status_code == 404


def test_nothing_is_passed_on_elsewhere(passing: Server) -> None:
    below = f"{passing.filled.experiment}/{passing.filled.run}/artifacts"
    for path in ("a.txt", "0/a.txt", f"x/{below}/a.txt", f"{below[:-9]}/a.txt", f"0/{'0' * 32}/artifacts/a.txt"):
        answer = passing.web.put(f"/api/2.0/mlflow-artifacts/artifacts/{path}", data=b"content")
        assert answer.status_code in (400, 404), path


def test_the_files_of_a_version_that_came_through_a_server_are_found_without_it(passing: Server) -> None:
    from mlflow import MlflowClient

    model = passing.post("2.0/mlflow/logged-models", experiment_id=passing.filled.experiment, name="m")["model"]["info"]
    assert model["artifact_uri"].startswith("mlflow-artifacts:/")
    source = f"models:/{model['model_id']}"
    passing.post("2.0/mlflow/model-versions/create", name="iris", source=source, model_id=model["model_id"])
    through = passing.get("2.0/mlflow/model-versions/get-download-uri", name="iris", version="2")["artifact_uri"]
    assert through == model["artifact_uri"]
    with pytest.MonkeyPatch.context() as elsewhere:
        elsewhere.delenv("_MLFLOW_SERVER_ARTIFACT_DESTINATION")
        without = MlflowClient(passing.filled.uri).get_model_version_download_uri("iris", "2")
    assert without == f"{passing.filled.uri}/.workbench/artifacts/{through.removeprefix('mlflow-artifacts:/')}"


def test_a_server_does_not_open_projects_that_it_does_not_serve(server: Server, template: Filled) -> None:
    source = f"{template.uri}/.workbench/artifacts/{template.experiment}/{template.run}/artifacts/notes"
    server.post("2.0/mlflow/model-versions/create", name="iris", source=source)
    answer = server.web.get(
        "/model-versions/get-artifact", query_string={"name": "iris", "version": "2", "path": "hello.txt"}
    )
    assert answer.status_code == 403 and "does not serve the project" in answer.get_data(as_text=True)


def test_mlflows_command_line(project: Project, filled: Filled) -> None:
    from click.testing import CliRunner
    from mlflow import MlflowClient
    from mlflow.cli import cli

    client = MlflowClient(filled.uri, filled.uri)

    def said(*words: str) -> str:
        done = CliRunner().invoke(cli, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return str(done.output)

    assert "fraud" in said("experiments", "search")
    assert filled.run in said("runs", "list", "--experiment-id", filled.experiment)
    assert '"lr": "1.1"' in said("runs", "describe", "--run-id", filled.run)
    model = client.create_logged_model(filled.experiment, "m", filled.run).model_id
    client.delete_logged_model(model)
    client.delete_registered_model("iris")  # a run whose model is registered stays
    said("runs", "delete", "--run-id", filled.run)
    gone = said("gc", "--backend-store-uri", filled.uri)
    assert f"Run with ID {filled.run} has been permanently deleted" in gone and model in gone
    assert filled.run not in said("runs", "list", "--experiment-id", filled.experiment, "--view", "all")
    said("experiments", "delete", "--experiment-id", filled.experiment)
    assert filled.experiment in said("gc", "--backend-store-uri", filled.uri)
    assert "fraud" not in said("experiments", "search", "--view", "all")
