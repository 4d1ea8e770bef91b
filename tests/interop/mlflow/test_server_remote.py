"""Clients that log through a server of MLflow's: what they log is in the project, whichever way artifacts take."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.interop.mlflow.one_project import listed, shown
from tests.interop.mlflow.serving import mlflow_server
from workbench.base.project import Project

pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("default")]

TRAINING = """
import json, os, sys
import mlflow, pandas
from sklearn.linear_model import LogisticRegression

frame = pandas.DataFrame({"x": [0.0, 1.0, 2.0, 3.0]})
mlflow.set_experiment("remote")
with mlflow.start_run(run_name="far") as run:
    mlflow.log_param("lr", 0.1)
    for step in range(50):
        mlflow.log_metric("loss", 1 / (step + 1), step=step)
    mlflow.log_text("hello", "notes/a b.txt")
    with open("large.bin", "wb") as file:
        file.write(os.urandom(3_000_000))
    mlflow.log_artifact("large.bin", "deep/er")
    model = LogisticRegression().fit(frame, [0, 0, 1, 1])
    logged = mlflow.sklearn.log_model(model, name="model", registered_model_name="far", input_example=frame[:1])
client = mlflow.MlflowClient()
client.set_registered_model_alias("far", "champion", "1")
run_id = run.info.run_id
uris = ["models:/far@champion", "models:/far/1", f"runs:/{run_id}/model", logged.model_uri]
deep = mlflow.artifacts.download_artifacts(run_id=run_id, artifact_path="deep")
print(json.dumps({
    "run": run_id,
    "uri": run.info.artifact_uri,
    "listed": [file.path for file in client.list_artifacts(run_id)],
    "notes": [file.path for file in client.list_artifacts(run_id, "notes")],
    "text": mlflow.artifacts.load_text(f"{run.info.artifact_uri}/notes/a b.txt"),
    "same": open(f"{deep}/er/large.bin", "rb").read() == open("large.bin", "rb").read(),
    "predictions": [mlflow.sklearn.load_model(uri).predict(frame).tolist() for uri in uris],
}))
"""

LOADING = """
import mlflow, pandas
print(mlflow.sklearn.load_model("models:/far@champion").predict(pandas.DataFrame({"x": [0.0, 3.0]})).tolist())
"""


def client(text: str, uri: str, folder: Path) -> str:
    """What a program prints that logs to `uri` and knows nothing of the project but that."""
    environment = {**os.environ, "MLFLOW_TRACKING_URI": uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", text],
        env=environment,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("passing", [True, False], ids=["through the server", "beside the server"])
def test_a_client_of_a_server_logs_into_the_project(project: Project, tmp_path_factory: Any, passing: bool) -> None:
    uri = f"workbench://{quote(project.root)}"
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    with mlflow_server(elsewhere, uri, *(["--artifacts-destination", uri] if passing else [])) as url:
        said = json.loads(client(TRAINING, url, elsewhere))
    assert said["uri"].startswith("mlflow-artifacts:/" if passing else f"{uri}/.workbench/artifacts/")
    assert (said["listed"], said["notes"]) == (["deep", "notes"], ["notes/a b.txt"])
    assert said["text"] == "hello" and said["same"] and said["predictions"] == [[0, 0, 1, 1]] * 4
    [ours] = listed()
    assert (ours["name"], ours["status"], ours["experiment"]) == ("far", "finished", "remote")
    run = shown(said["run"])
    assert run["metrics"]["loss"] == 0.02 and run["params"] == {"lr": "0.1"}
    files = {file["path"]: file["kind"] for file in run["artifacts"]}
    assert files["deep/er/large.bin"] == files["notes/a b.txt"] == "file"
    assert [kind for path, kind in files.items() if path.endswith("/MLmodel")] == ["model"]
    assert client(LOADING, uri, elsewhere) == "[0, 1]"
    assert "Traceback" not in (elsewhere / "server.log").read_text()
    assert not (elsewhere / "mlartifacts").exists()
