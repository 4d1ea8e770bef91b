"""Logged models: MLflow's entity for the files of a model, what it was made with and what it scored."""

from __future__ import annotations

from hashlib import blake2b
from typing import Any

from mlflow.entities import LoggedModel, LoggedModelParameter, LoggedModelStatus, LoggedModelTag, Metric

from workbench.base.jsonvalue import dumps

KIND = "logged_model"
ARTIFACT_FOLDER = "models"
"""Where the files of logged models lie among the artifacts of the run that made them: `models/MODEL/…`."""


def metric_fields(run_id: str, metric: Metric) -> dict[str, object]:
    """The field of a logged model that says one value of a metric; the same value twice is one field."""
    value: dict[str, object] = {
        "name": metric.key,
        "value": metric.value,
        "step": metric.step,
        "timestamp": metric.timestamp,
        "run": run_id,
        "dataset_name": metric.dataset_name,
        "dataset_digest": metric.dataset_digest,
    }
    text = dumps(dict(sorted(value.items())))
    return {f"metric:{blake2b(text.encode(), digest_size=8).hexdigest()}": value}


def entity(model_id: str, fields: dict[str, Any], root: str, location: str | None) -> LoggedModel:
    """MLflow's entity.

    Args:
        root: the URI of the project's artifacts.
        location: of the experiment, where it has one of its own.
    """
    experiment_id = str(fields["experiment_id"])
    params = _named(fields, "param:")
    tags = _named(fields, "tag:")
    return LoggedModel(
        experiment_id=experiment_id,
        model_id=model_id,
        name=fields["name"],
        artifact_location=f"{location or f'{root}/{experiment_id}'}/models/{model_id}/artifacts",
        creation_timestamp=fields["created_at"],
        last_updated_timestamp=fields["updated_at"],
        model_type=fields.get("type"),
        source_run_id=fields.get("run"),
        status=LoggedModelStatus(fields.get("status", "PENDING")),
        status_message=fields.get("status_message"),
        tags=[LoggedModelTag(key, value) for key, value in tags.items()] if tags else None,
        params=[LoggedModelParameter(key, value) for key, value in params.items()] if params else None,
        metrics=_metrics(model_id, fields) or None,
    )


def _named(fields: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name[len(prefix) :]: value for name, value in fields.items() if name.startswith(prefix)}


def _metrics(model_id: str, fields: dict[str, Any]) -> list[Metric]:
    values = sorted(
        _named(fields, "metric:").values(), key=lambda value: (value["name"], value["timestamp"], value["step"])
    )
    return [
        Metric(
            key=value["name"],
            value=float(value["value"]),  # NaN and infinities are text in a journal, which float reads
            timestamp=value["timestamp"],
            step=value["step"],
            model_id=model_id,
            dataset_name=value["dataset_name"],
            dataset_digest=value["dataset_digest"],
            run_id=value["run"],
        )
        for value in values
    ]
