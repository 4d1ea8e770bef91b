"""Runs as MLflow has them: what it calls tags that are fields of ours, its states, its strings for typed parameters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlflow.entities import (
    LifecycleStage,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
)
from mlflow.utils.mlflow_tags import (
    MLFLOW_GIT_COMMIT,
    MLFLOW_PARENT_RUN_ID,
    MLFLOW_RUN_NAME,
    MLFLOW_RUN_NOTE,
    MLFLOW_SOURCE_NAME,
    MLFLOW_USER,
)

from workbench.base.clock import now_us
from workbench.base.jsonvalue import loads
from workbench.interop.mlflow.inputs import dataset_input
from workbench.interop.mlflow.pages import without_collecting
from workbench.interop.mlflow.run_facts import FactsOfRuns, RunFacts

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.interop.mlflow.experiments import Experiments

RUN = """(SELECT r.*, own.artifact_uri, own.scheduled FROM run r LEFT JOIN (
    SELECT run_id, any_value(value) FILTER (name = 'artifact_uri') AS artifact_uri,
        any_value(value) FILTER (name = 'scheduled') AS scheduled
    FROM run_field WHERE name IN ('artifact_uri', 'scheduled') GROUP BY run_id) own USING (run_id)) r"""
"""Runs with what only MLflow says of them, as SQL."""

STATUS = """CASE r.status WHEN 'finished' THEN 'FINISHED' WHEN 'failed' THEN 'FAILED' WHEN 'killed' THEN 'KILLED'
    WHEN 'crashed' THEN 'FAILED' ELSE if(r.scheduled = 'true', 'SCHEDULED', 'RUNNING') END"""
"""A run whose process was killed has failed; one of another host that is silent may still run."""

_STATUSES = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED", "crashed": "FAILED"}

ENDED_MS = "CASE WHEN r.status IN ('finished', 'failed', 'killed', 'crashed') THEN epoch_ms(r.ended_at) END"
_OURS = "r.command IS NOT NULL"
TAGS = {
    MLFLOW_RUN_NAME: "r.name",
    MLFLOW_RUN_NOTE: "nullif(r.note, '')",
    MLFLOW_PARENT_RUN_ID: "r.parent_uid",
}
"""Tags of MLflow that are fields of ours, as SQL over `run r`."""
FALLBACK_TAGS = {
    MLFLOW_USER: f"CASE WHEN {_OURS} THEN r.user_name END",
    MLFLOW_SOURCE_NAME: "array_to_string(from_json(r.command, '[\"VARCHAR\"]'), ' ')",
    MLFLOW_GIT_COMMIT: "r.git_commit",
}
"""Tags that a run logged by our own SDK has in MLflow's eyes, unless it has them itself."""


def artifact_uri(root: str, experiment_id: str, run_id: str, location: str | None, own: str | None) -> str:
    """Where MLflow finds the artifacts of a run.

    Args:
        root: of the project's artifacts.
        location: of the experiment, where it has one of its own.
        own: the run's, where it has one of its own.
    """
    return own or f"{location or f'{root}/{experiment_id}'}/{run_id}/artifacts"


def param_text(alias: str) -> str:
    """A typed parameter as MLflow's `str(value)` has it, as SQL: 1e-05, where JSON may have it as 0.00001.

    Args:
        alias: of a row of `param`.
    """
    value, text, number = f"{alias}.value", f"{alias}.text", f"{alias}.number"
    return f"""CASE {value} WHEN 'true' THEN 'True' WHEN 'false' THEN 'False' ELSE
        if({number} IS NOT NULL AND {value} = {text} AND (contains({text}, '.') OR contains({text}, 'e')),
            {number}::VARCHAR, coalesce({text}, 'None')) END"""


def read_runs(
    db: Connection,
    facts: FactsOfRuns,
    experiments: Experiments,
    root: str,
    numbers: Sequence[int],
    *,
    model_inputs: bool = True,
) -> list[Run]:
    """Runs by their numbers in the store, in that order, complete.

    Args:
        facts: what is known of runs of the store as it is.
        root: the URI of the project's artifacts.
        model_inputs: also which logged models a run used; MLflow leaves them out of searches.
    """
    with without_collecting():
        return [_run(run, experiments, root, model_inputs) for run in facts.of(db, numbers)]


def _run(run: RunFacts, experiments: Experiments, root: str, model_inputs: bool) -> Run:
    record = experiments.by_name[run.experiment]
    waiting = "SCHEDULED" if run.own.get("scheduled") == "true" else "RUNNING"
    info = RunInfo(
        run_id=run.uid,
        experiment_id=record.experiment_id,
        user_id=run.user or "",
        status=_STATUSES.get(run.status, waiting),
        start_time=run.started_ms,
        end_time=run.ended_ms if run.status in _STATUSES else None,
        lifecycle_stage=LifecycleStage.DELETED if run.deleted else LifecycleStage.ACTIVE,
        artifact_uri=artifact_uri(
            root, record.experiment_id, run.uid, record.artifact_location, run.own.get("artifact_uri")
        ),
        run_name=run.name,
    )
    data = RunData()  # of objects for parameters and tags it keeps nothing but this
    data._metric_objs = [Metric(*metric) for metric in run.metrics]
    data._metrics = {metric[0]: metric[1] for metric in run.metrics}
    data._params = dict(run.params)
    data._tags = _tags(run)
    used, made = _models(run.models)
    inputs = RunInputs([dataset_input(*row) for row in run.datasets], used if model_inputs else [])
    return Run(info, data, inputs, RunOutputs(made))


def _tags(run: RunFacts) -> dict[str, str]:
    """A run's tags in the order of their names; `TAGS` and `FALLBACK_TAGS` in Python."""
    tags = {name: value for name, value in run.tags.items() if name not in TAGS}
    command = run.command and " ".join(map(str, loads(run.command)))  # type: ignore[call-overload]
    fallback = {
        MLFLOW_USER: run.user if run.command else None,
        MLFLOW_SOURCE_NAME: command,
        MLFLOW_GIT_COMMIT: run.git_commit,
    }
    ours = {MLFLOW_RUN_NAME: run.name, MLFLOW_RUN_NOTE: run.note or None, MLFLOW_PARENT_RUN_ID: run.parent_uid}
    found = {**fallback, **tags, **ours}
    return {name: value for name, value in sorted(found.items()) if value is not None}


def _models(fields: dict[str, Any]) -> tuple[list[LoggedModelInput], list[LoggedModelOutput]]:
    """The logged models that a run used and made."""
    used = [LoggedModelInput(name[6:]) for name in fields if name.startswith("input:")]
    made = [
        LoggedModelOutput(name[7:], value["step"])
        for name, value in sorted(fields.items(), key=_made_at)
        if name.startswith("output:")
    ]
    return used, made


def _made_at(field: tuple[str, Any]) -> tuple[int, int, str]:
    value = field[1]
    return (int(value.get("t", 0)), int(value.get("step") or 0), field[0])


def tag_events(key: str, value: str | None) -> list[dict[str, object]]:
    """The events in a run's journal that set a tag of MLflow's, or remove it where the value is None."""
    if key == MLFLOW_RUN_NAME:
        return [{"e": "set", "field": "name", "value": value}] if value else []
    if key == MLFLOW_RUN_NOTE:
        return [{"e": "set", "field": "note", "value": value or ""}]
    if key == MLFLOW_PARENT_RUN_ID:
        return [{"e": "set", "field": "parent", "value": value}]
    return [{"e": "tag", "name": key, "value": value}]


def end_event(status: str, started_us: int, ended_ms: int | None) -> dict[str, object]:
    """The event that ends a run at a time that MLflow code gives, which may be any."""
    now = now_us()
    ended_us = now if ended_ms is None else ended_ms * 1000
    # `t` orders ends and restarts; `at` is what people see.
    value = {"t": max(now, started_us), "at": ended_us, "status": status.lower(), "exit_code": None, "error": None}
    return {"e": "set", "field": "end", "value": value}
