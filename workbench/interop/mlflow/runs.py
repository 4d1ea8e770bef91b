"""Runs as MLflow has them: what it calls tags that are fields of ours, its states, its strings for typed parameters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlflow.entities import (
    LifecycleStage,
    LoggedModelInput,
    LoggedModelOutput,
    Metric,
    Param,
    Run,
    RunData,
    RunInfo,
    RunInputs,
    RunOutputs,
    RunTag,
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
from workbench.interop.mlflow.inputs import datasets_of
from workbench.interop.mlflow.pages import without_collecting
from workbench.store.entities import read_entities

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

PARAM_TEXT = """CASE p.value WHEN 'true' THEN 'True' WHEN 'false' THEN 'False' ELSE
    if(p.number IS NOT NULL AND p.value = p.text AND p.text SIMILAR TO '.*[.e].*', p.number::VARCHAR,
        coalesce(p.text, 'None')) END"""
"""A typed parameter as MLflow's `str(value)` has it: 1e-05, where JSON may have it as 0.00001."""

_STATUSES = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED", "crashed": "FAILED"}
_CONSTANTS = {"true": "True", "false": "False", "null": "None", None: "None"}

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


def read_runs(
    db: Connection, experiments: Experiments, root: str, numbers: Sequence[int], *, model_inputs: bool = True
) -> list[Run]:
    """Runs by their numbers in the store, in that order, complete.

    Args:
        root: the URI of the project's artifacts.
        model_inputs: also which logged models a run used; MLflow leaves them out of searches.
    """
    if not numbers:
        return []
    listed = ", ".join(str(int(number)) for number in numbers)
    with without_collecting():
        infos, tags = _infos_and_tags(db, experiments, root, listed)
        params = _params(db, listed)
        metrics = _metrics(db, listed)
        datasets = datasets_of(db, listed)
        models = read_entities(db, "run_models", [info.run_id for info in infos.values()])
        runs = []
        for number in numbers:
            used, made = _models(models.get(infos[number].run_id, {}))
            run_tags = [RunTag(key, value) for key, value in sorted(tags[number].items())]
            data = RunData(metrics[number], params[number], run_tags)
            inputs = RunInputs(datasets[number], used if model_inputs else [])
            runs.append(Run(infos[number], data, inputs, RunOutputs(made)))
        return runs


def _infos_and_tags(
    db: Connection, experiments: Experiments, root: str, listed: str
) -> tuple[dict[int, RunInfo], dict[int, dict[str, str]]]:
    infos: dict[int, RunInfo] = {}
    tags: dict[int, dict[str, str]] = {}
    virtual = {**TAGS, **FALLBACK_TAGS, MLFLOW_SOURCE_NAME: "r.command"}  # joined below: cheaper than JSON in SQL
    own: dict[int, dict[str, str]] = defaultdict(dict)
    for number, name, value in db.execute(
        "SELECT run_id, name, value FROM run_field "
        f"WHERE name IN ('artifact_uri', 'scheduled') AND run_id IN ({listed})"
    ).fetchall():
        own[number][name] = value
    rows = db.execute(
        f"""
        SELECT r.run_id, r.uid, r.name, r.experiment, r.status, epoch_ms(r.started_at),
            {ENDED_MS}, r.user_name, r.deleted, {", ".join(virtual.values())}
        FROM run r WHERE r.run_id IN ({listed})
        """
    ).fetchall()
    for number, uid, name, experiment, status, start, end, user, deleted, *values in rows:
        record = experiments.by_name[experiment]
        waiting = "SCHEDULED" if own[number].get("scheduled") == "true" else "RUNNING"
        infos[number] = RunInfo(
            run_id=uid,
            experiment_id=record.experiment_id,
            user_id=user or "",
            status=_STATUSES.get(status, waiting),
            start_time=start,
            end_time=end,
            lifecycle_stage=LifecycleStage.DELETED if deleted else LifecycleStage.ACTIVE,
            artifact_uri=artifact_uri(
                root, record.experiment_id, uid, record.artifact_location, own[number].get("artifact_uri")
            ),
            run_name=name,
        )
        found = {key: value for key, value in zip(virtual, values, strict=True) if value is not None}
        if MLFLOW_SOURCE_NAME in found:
            found[MLFLOW_SOURCE_NAME] = " ".join(map(str, loads(found[MLFLOW_SOURCE_NAME])))  # type: ignore[call-overload]
        tags[number] = found
    for number, key, value in db.execute(
        f"SELECT run_id, name, value FROM tag WHERE value IS NOT NULL AND run_id IN ({listed})"
    ).fetchall():
        if key not in TAGS:
            tags[number][key] = value
    return infos, tags


def _params(db: Connection, listed: str) -> dict[int, list[Param]]:
    params: dict[int, list[Param]] = defaultdict(list)
    for number, key, value, text in db.execute(
        f"SELECT run_id, name, value, text FROM param WHERE run_id IN ({listed})"
    ).fetchall():
        # What is text in JSON has quotes, so only what is none is the same in both.
        params[number].append(Param(key, text if value != text else _as_python(value)))
    return params


def _as_python(value: str | None) -> str:
    """What `str` makes of a JSON value that is no text: `PARAM_TEXT` for one parameter."""
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    assert value is not None
    is_number = value[0] in "-0123456789"
    return str(float(value)) if is_number and ("." in value or "e" in value) else value


def _metrics(db: Connection, listed: str) -> dict[int, list[Metric]]:
    metrics: dict[int, list[Metric]] = defaultdict(list)
    rows = db.execute(
        "SELECT run_id, key_id, last, last_step, epoch_ms(last_ts) FROM metric_summary "
        f"WHERE run_id IN ({listed}) ORDER BY key_id"
    ).fetchall()
    keys = ", ".join({str(int(row[1])) for row in rows}) or "NULL"
    names = dict(db.execute(f"SELECT key_id, name FROM metric_key WHERE key_id IN ({keys})").fetchall())
    for number, key_id, value, step, when in rows:
        metrics[number].append(Metric(names[key_id], value, when, step))
    return metrics


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
