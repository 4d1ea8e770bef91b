"""MLflow's records as ours: which of its tags are fields, its states, its times."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.base.ids import is_run_id
from workbench.interop.intake.records import IncomingRun, end_value
from workbench.interop.mlflow.dataset_facts import dataset_facts, dataset_id
from workbench.interop.mlflow.importing.records import ENDED, SourceRun

RUN_NAME = "mlflow.runName"
NOTE = "mlflow.note.content"
PARENT = "mlflow.parentRunId"
DEFAULT_ID = "0"
MLFLOW_DEFAULT = "Default"
DEFAULT = "default"

MAX_MS = 2**51
"""Beyond 70,000 AD: what is later than this is no time."""


def incoming_run(run: SourceRun, names: Mapping[str, str]) -> IncomingRun:
    """A run of MLflow as ours, without files and metrics.

    Args:
        names: our names of experiments by their MLflow ids.
    """
    tags = dict(run.tags)
    tagged_name = tags.pop(RUN_NAME, None)
    note = tags.pop(NOTE, None)
    parent = tags.pop(PARENT, None)
    started_us = valid_ms(run.started_at) * 1000
    fields: dict[str, object] = {
        "experiment": names[run.experiment_id],
        "name": run.name or tagged_name or run.run_id[:8],
        "parent": parent if parent and is_run_id(parent) else None,
        "user": run.user or None,
        "host": "",  # not known; without it the run would seem to be from this machine
        "note": note or "",
        "deleted": run.deleted,
    }
    end = None
    status = ENDED.get(run.status)
    if status is not None:
        # A client may set the state alone, and then there is no time of the end.
        ended_us = valid_ms(run.ended_at) * 1000 if run.ended_at is not None else started_us
        end = end_value(status, ended_us, started_us)
    elif run.status == "SCHEDULED":
        fields["scheduled"] = True
    datasets: dict[str, dict[str, object]] = {
        dataset_id(dataset.name, dataset.digest): dataset_facts(dataset, dataset.tags) for dataset in run.datasets
    }
    return IncomingRun(run.run_id, started_us, fields, end, params=dict(run.params), tags=tags, datasets=datasets)


def valid_ms(value: object) -> int:
    """Milliseconds since the epoch, or 0 for what is no time."""
    return value if isinstance(value, int) and abs(value) <= MAX_MS else 0


def our_name(experiment_id: str, name: str) -> str:
    """Our name of an experiment: MLflow's `Default`, id 0, is our `default`."""
    return DEFAULT if experiment_id == DEFAULT_ID and name == MLFLOW_DEFAULT else name
