"""MLflow stores to import from, made with MLflow's own client, with one of everything."""

from __future__ import annotations

import logging
import os
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any

END_MS = 1_700_000_009_999
START_MS = 1_700_000_000_123


@dataclass(frozen=True)
class Sample:
    """A store that was filled.

    Attributes:
        uri: of the store. place: what `workbench import mlflow` is given.
        artifacts: the folder below which files lie.
        run, child, deleted, loose: ids of runs: one that failed, its child that still runs, one in the trash, one in
            `Default`.
        model: the id of the logged model.
    """

    uri: str
    place: str
    artifacts: Path
    run: str
    child: str
    deleted: str
    loose: str
    model: str

    def client(self) -> Any:
        """MLflow's client for it."""
        return client_of(self.uri)


def client_of(uri: str) -> Any:
    """MLflow's client for a store, without its talk."""
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    os.environ["MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR"] = "false"
    for name in ("mlflow", "alembic"):
        logging.getLogger(name).setLevel(logging.ERROR)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from mlflow import MlflowClient

        return MlflowClient(uri, uri)  # else its registry is what another test left behind


def fill(uri: str, place: str, folder: Path, *, artifacts: Path | None = None) -> Sample:
    """Put one of everything into the store `uri`.

    Args:
        place: what an import is given.
        folder: for files that are logged.
        artifacts: where experiments keep theirs; None leaves that to MLflow.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import mlflow

        mlflow.set_tracking_uri(uri)  # where MLflow looks for the model of a version, whatever the client says
        try:
            return _fill(uri, place, folder, artifacts)
        finally:
            mlflow.set_tracking_uri(None)


def _fill(uri: str, place: str, folder: Path, artifacts: Path | None) -> Sample:
    from mlflow.entities import (
        Dataset,
        DatasetInput,
        InputTag,
        LoggedModelInput,
        LoggedModelOutput,
        Metric,
        Param,
    )

    client = client_of(uri)
    tags = {"team": "risk", "mlflow.note.content": "about fraud"}
    location = str(artifacts / "fraud") if artifacts else None
    fraud = client.create_experiment("fraud", artifact_location=location, tags=tags)
    note = {"kind": "baseline", "mlflow.note.content": "hello"}
    run = client.create_run(fraud, run_name="brave", tags=note, start_time=START_MS).info.run_id
    metrics = [Metric("loss", 1 / (step + 3), START_MS + step, step) for step in range(5)]
    metrics += [
        Metric("loss", 0.5, START_MS + 1, 1),  # a second value at the same step and time
        Metric("bad", float("nan"), START_MS, 0),
        Metric("inf", float("inf"), START_MS, 0),
        Metric("down", float("-inf"), START_MS, 0),
        Metric("deep/name with space", -0.0, START_MS, -3),
    ]
    params = [Param("lr", "0.10"), Param("dir/x", ""), Param("flag", "True"), Param("ümlaut", "ß\t\n")]
    client.log_batch(run, metrics=metrics, params=params)
    data = Dataset("train", "abc123", "local", '{"uri": "x.csv"}', schema='{"a": 1}', profile='{"n": 3}')
    client.log_inputs(run, datasets=[DatasetInput(data, [InputTag("mlflow.data.context", "training")])])
    local = folder / "roc.txt"
    local.write_text("curve\n")
    client.log_artifact(run, str(local), "plots")
    client.log_artifact(run, str(local))
    model = client.create_logged_model(
        fraud, name="forest", source_run_id=run, params={"depth": "3"}, tags={"by": "ada"}, model_type="classifier"
    ).model_id
    files = folder / "model"
    (files / "sub").mkdir(parents=True)
    (files / "MLmodel").write_text("flavors: {}\n")
    (files / "sub/weights.bin").write_bytes(bytes(range(256)))
    client.log_model_artifacts(model, str(files))
    client.finalize_logged_model(model, "READY")
    client.log_outputs(run, models=[LoggedModelOutput(model, 3)])
    child = client.create_run(
        fraud, run_name="little", tags={"mlflow.parentRunId": run}, start_time=START_MS + 1
    ).info.run_id
    client.log_metric(
        child, "auc", 0.9, timestamp=START_MS + 3, step=2, model_id=model, dataset_name="train", dataset_digest="abc123"
    )
    client.log_inputs(child, models=[LoggedModelInput(model)])
    client.set_terminated(run, "FAILED", end_time=END_MS)
    client.create_registered_model("fraud-model", tags={"a": "b"}, description="who cheats")
    client.create_model_version(
        "fraud-model", f"models:/{model}", run_id=run, tags={"vt": "1"}, description="first", model_id=model
    )
    client.create_model_version("fraud-model", f"runs:/{run}/plots", run_id=run)
    client.create_model_version("fraud-model", f"runs:/{run}/plots", run_id=run)
    client.delete_model_version("fraud-model", "3")
    client.set_registered_model_alias("fraud-model", "champion", "1")
    client.transition_model_version_stage("fraud-model", "1", "Production")
    client.create_registered_model("empty")
    deleted = client.create_run(fraud, run_name="thrown", start_time=START_MS + 2).info.run_id
    client.delete_run(deleted)
    gone = client.create_experiment("gone", artifact_location=str(artifacts / "gone") if artifacts else None)
    client.create_run(gone, run_name="too", start_time=START_MS + 3)
    client.delete_experiment(gone)
    loose = client.create_run("0", run_name="loose", start_time=START_MS + 4).info.run_id
    client.set_terminated(loose, end_time=END_MS + 1)
    return Sample(uri, place, artifacts or Path(place), run, child, deleted, loose, model)
