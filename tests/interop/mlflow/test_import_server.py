"""A real MLflow server is a source like any other."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.interop.mlflow.sources import START_MS, Sample, fill
from tests.interop.mlflow.test_export_mlflow import export, runs_by_ours
from tests.interop.mlflow.test_import_mlflow import bundle, documents, entities, points
from workbench.base.project import Project, create_project
from workbench.interop.mlflow.importing.importer import import_mlflow

pytestmark = [pytest.mark.filterwarnings("default"), pytest.mark.slow]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a server that keeps files itself."""
    folder = tmp_path_factory.mktemp("server")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port), "--workers", "1",
        "--backend-store-uri", f"sqlite:///{folder}/mlflow.db", "--artifacts-destination", str(folder / "kept"),
    ]  # fmt: skip
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with open(folder / "log", "w") as log:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True)
    url = f"http://127.0.0.1:{port}"
    deadline = time.monotonic() + 120
    try:
        while time.monotonic() < deadline:
            try:
                urllib.request.urlopen(url + "/health", timeout=1).close()
                break
            except OSError:
                assert process.poll() is None, (folder / "log").read_text()
                time.sleep(0.2)
        yield url
    finally:
        os.killpg(process.pid, 15)
        process.wait()


@pytest.fixture(scope="module")
def sample(server: str, tmp_path_factory: pytest.TempPathFactory) -> Sample:
    """The server, filled."""
    return fill(server, server, tmp_path_factory.mktemp("filling"))


def test_everything_arrives_once(sample: Sample, project: Project) -> None:
    report = import_mlflow(project, sample.place)
    assert report.tally.warnings == [] and (report.tally.new_runs, report.versions, report.logged_models) == (5, 2, 1)
    run = documents(project)[sample.run]
    assert (run["status"], run["note"], run["params"]["lr"]) == ("failed", "hello", "0.10")
    assert [file["path"] for file in run["artifacts"]] == [
        f"models/{sample.model}/MLmodel",
        f"models/{sample.model}/sub/weights.bin",
        "plots/roc.txt",
        "roc.txt",
    ]
    assert points(project, sample.run).total() == 10
    assert entities(project, "run_models")[sample.child] == {f"input:{sample.model}": {}}
    before = bundle(project, "before.tar")
    assert not import_mlflow(project, sample.place).changed
    assert bundle(project, "after.tar") == before
    sample.client().log_metric(sample.child, "auc", 0.99, timestamp=START_MS + 50, step=7)
    assert import_mlflow(project, sample.place).tally.points == 1


def test_runs_can_be_written_to_it(sample: Sample, project: Project, tmp_path: Path) -> None:
    import_mlflow(project, sample.place, experiments=["fraud"])
    report = export(project, sample.uri, "fraud")
    assert report.runs == 2 and export(project, sample.uri, "fraud").known_runs == 2
    theirs = runs_by_ours(sample.client())[sample.run]
    place = sample.client().download_artifacts(theirs.info.run_id, "plots/roc.txt", str(tmp_path))
    assert Path(place).read_text() == "curve\n"
    again = create_project(str(tmp_path / "again"))
    assert import_mlflow(again, sample.place, experiments=["fraud"]).tally.new_runs == 5
