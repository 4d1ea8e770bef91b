"""`mlflow server` on a project of ours, as a user starts it, and a project that fills its pages."""

from __future__ import annotations

import math
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import numpy as np
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric

from workbench.base.project import Project
from workbench.interop.mlflow.place import place_at

POINTS = 500


@dataclass(frozen=True)
class Filled:
    """What is in a project.

    Attributes:
        uri: of its store.
        experiment, run: ids of the experiment `fraud` and of its run `run-1`, whose metric `loss` has `POINTS` points.
    """

    uri: str
    experiment: str
    run: str


def fill(project: Project) -> Filled:
    """Two runs with a curve, parameters, a dataset and files, and a registered model."""
    uri = f"workbench://{quote(project.root)}"
    client = MlflowClient(uri, uri)
    experiment = client.create_experiment("fraud")
    dataset = DatasetInput(
        Dataset("iris", "5a5c68bf", "local", "{}", None, None), [InputTag("mlflow.data.context", "a")]
    )
    for number in range(2):
        run = client.create_run(experiment, run_name=f"run-{number}", tags={"team": "risk"}).info.run_id
        client.log_param(run, "lr", 0.1 + number)
        client.log_inputs(run, [dataset])
        losses = np.exp(-np.arange(POINTS) / 100) + number
        client.log_batch(run, [Metric("loss", float(loss), 1_000 + step, step) for step, loss in enumerate(losses)])
        client.log_metric(run, "auc", 0.75 + number / 8)
        client.log_text(run, "hello artifact", "notes/hello.txt")
        client.set_terminated(run)
    client.create_registered_model("iris", {"owner": "ada"}, "a model of flowers")
    client.log_text(run, "flavors: {}\nrun_id: x\n", "model/MLmodel")
    client.create_model_version("iris", f"{client.get_run(run).info.artifact_uri}/model", run)
    client.set_registered_model_alias("iris", "champion", "1")
    place_at(project).close()
    return Filled(uri, experiment, run)


def last_loss() -> float:
    """The last value of the metric `loss` of `run-1`."""
    return math.exp(-(POINTS - 1) / 100) + 1


@contextmanager
def mlflow_server(folder: Path, uri: str, *options: str) -> Iterator[str]:
    """The URL of a server, which is ended with the block.

    Args:
        folder: where it works, and writes `server.log`.
        uri: of the store.
        options: further ones.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", uri, *options,
    ]  # fmt: skip
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    path = folder / "server.log"
    with open(path, "w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process, path)
        yield url
    finally:
        os.killpg(process.pid, 15)
        process.wait()


def _wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 180
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url + "/health", timeout=1).close()
            return
        except OSError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.2)
    raise AssertionError(log.read_text())
