"""Writing what this store has to any MLflow tracking server or database, through MLflow's own client.

Its runs get ids of their own there, so each says in a tag which of ours it is. That tag is the last thing that is
written: a run without it is unfinished, and is made anew by the next export.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from workbench.base.errors import InputError, ToolError, WorkbenchError
from workbench.base.jsonvalue import dumps
from workbench.interop.mlflow.importing.mapping import NOTE, PARENT
from workbench.interop.mlflow.importing.server import is_reachable
from workbench.store.blobs import BlobStore
from workbench.store.documents import run_documents
from workbench.store.entities import read_entities
from workbench.store.store import Store

RUN_TAG = "workbench.run_id"
MODEL_TAG = "workbench.model_id"
VERSION_TAG = "workbench.version_id"
_UNFINISHED = "workbench.exporting"
_STATUS = {"finished": "FINISHED", "failed": "FAILED", "killed": "KILLED", "crashed": "FAILED"}
_POINTS, _PARAMS, _TAGS = 1000, 100, 100
"""How many of each MLflow takes in one call."""

Progress = Callable[[int, int], None]


@dataclass
class ExportReport:
    """What an export wrote, and what was there already."""

    runs: int = 0
    known_runs: int = 0
    points: int = 0
    artifacts: int = 0
    experiments: int = 0
    logged_models: int = 0
    registered_models: int = 0
    versions: int = 0
    warnings: list[str] = field(default_factory=list)


def export_mlflow(
    store: Store, uri: str, run_ids: Sequence[str], progress: Progress = lambda done, total: None
) -> ExportReport:
    """Write runs, their logged models and the versions that were made of them.

    Args:
        uri: an MLflow tracking URI.
        run_ids: full ids.

    Raises:
        InputError: the URI cannot be used.
        ToolError: the server or the database refuses.
        StoreError: this store cannot be read.
    """
    if uri.startswith(("http://", "https://")):
        is_reachable(uri)
    os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
    os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
    with _explained(uri):
        import mlflow

        before = mlflow.get_tracking_uri()
        mlflow.set_tracking_uri(uri)  # where MLflow looks for the model of a version, whatever the client says
        try:
            return _Export(store, mlflow.MlflowClient(uri)).run(run_ids, progress)
        finally:
            mlflow.set_tracking_uri(before)


class _Export:
    """One export."""

    def __init__(self, store: Store, client: Any) -> None:
        self._store = store
        self._client = client
        self._blobs = BlobStore(store.project)
        self._report = ExportReport()
        self._experiments: dict[str, str] = {}
        self._runs: dict[str, str] = {}
        """Their id of each of our runs."""
        self._models: dict[str, str] = {}

    def run(self, run_ids: Sequence[str], progress: Progress) -> ExportReport:
        """Do it."""
        with self._store.reading(wait_s=30) as db:
            # Parents first, so that their ids are known.
            order = db.execute(
                "SELECT uid FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[])) ORDER BY started_at, uid",
                [list(run_ids)],
            ).fetchall()
            entities = {kind: read_entities(db, kind) for kind in ("experiment", "logged_model", "run_models", "model")}
            versions = read_entities(db, "version")
        for number, (run_id,) in enumerate(order, 1):
            with self._store.reading(ingest=False, wait_s=30) as db:
                [document] = run_documents(db, [run_id])
                points = db.execute(
                    "SELECT m.name, value, epoch_ms(ts), step FROM metric JOIN metric_key m USING (key_id) "
                    "JOIN run_key k USING (run_id) WHERE k.uid = $1 ORDER BY m.name, step, ts",
                    [run_id],
                ).fetchall()
            self._write_run(document, points, entities["experiment"])
            progress(number, len(order))
        wanted = set(run_ids)
        models = {key: value for key, value in entities["logged_model"].items() if value.get("run") in wanted}
        for model_id, fields in models.items():
            self._write_logged_model(model_id, fields)
        self._write_registry(entities["model"], versions, wanted)
        return self._report

    def _write_run(self, document: dict[str, Any], points: Sequence[tuple[Any, ...]], experiments: Any) -> None:
        from mlflow.entities import Metric, Param, RunTag

        experiment_id = self._experiment(document["experiment"], experiments)
        run_id = document["run_id"]
        if self._is_there(experiment_id, run_id):
            self._report.known_runs += 1
            return
        tags = {**document["tags"], _UNFINISHED: run_id}
        if document["note"]:
            tags[NOTE] = document["note"]
        parent = self._runs.get(document["parent_run_id"] or "")
        if parent:
            tags[PARENT] = parent
        if document["user"]:
            tags.setdefault("mlflow.user", document["user"])
        if document["git"]:
            tags.setdefault("mlflow.source.git.commit", document["git"]["commit"])
        created = self._client.create_run(
            experiment_id, start_time=_ms(document["started_at"]), run_name=document["name"], tags={_UNFINISHED: run_id}
        )
        theirs = created.info.run_id
        self._in_parts(
            run_id, "parameter", [Param(name, _text(value)) for name, value in document["params"].items()], _PARAMS,
            lambda part: self._client.log_batch(theirs, params=part),
        )  # fmt: skip
        self._in_parts(
            run_id, "tag", [RunTag(name, str(value)) for name, value in tags.items()], _TAGS,
            lambda part: self._client.log_batch(theirs, tags=part),
        )  # fmt: skip
        metrics = [Metric(name, value, when, step) for name, value, when, step in points]
        written = self._in_parts(
            run_id, "metric", metrics, _POINTS, lambda part: self._client.log_batch(theirs, metrics=part)
        )
        self._report.points += written
        self._write_datasets(theirs, document["datasets"])
        for file in document["artifacts"]:
            if not file["path"].startswith("models/m-"):
                self._write_file(file, lambda path, folder: self._client.log_artifact(theirs, path, folder), run_id)
        status = _STATUS.get(document["status"])
        if status:
            self._client.set_terminated(theirs, status, _ms(document["ended_at"]))
        self._client.set_tag(theirs, RUN_TAG, run_id)
        self._client.delete_tag(theirs, _UNFINISHED)
        self._runs[run_id] = theirs
        self._report.runs += 1

    def _in_parts(
        self, run_id: str, what: str, items: Sequence[Any], size: int, write: Callable[[Sequence[Any]], object]
    ) -> int:
        """Write in as large parts as MLflow takes; where it refuses one, singly, without those that it refuses."""
        from mlflow.exceptions import MlflowException

        written = 0
        for start in range(0, len(items), size):
            part = items[start : start + size]
            try:
                write(part)
                written += len(part)
            except MlflowException as error:
                if error.error_code not in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST"):
                    raise
                refused = []
                for item in part:
                    try:
                        write([item])
                        written += 1
                    except MlflowException as problem:
                        refused.append(f"{what} {item.key}: {_first_line(problem)}")
                self._report.warnings += [f"run {run_id[:8]}: {text}" for text in dict.fromkeys(refused)]
        return written

    def _write_datasets(self, run_id: str, datasets: Sequence[dict[str, Any]]) -> None:
        from mlflow.entities import Dataset, DatasetInput, InputTag

        inputs = []
        for said in datasets:
            source = said.get("source") or dumps({"uri": said.get("path") or ""})
            schema, profile = (
                value if value is None or isinstance(value, str) else dumps(value)
                for value in (said.get("schema"), said.get("profile"))
            )
            data = Dataset(
                said["name"],
                (said.get("digest") or "")[:36],
                said.get("source_type") or "local",
                source,
                schema,
                profile,
            )
            tags = said.get("input_tags") or {}
            inputs.append(DatasetInput(data, [InputTag(key, value) for key, value in tags.items()]))
        if inputs:
            self._client.log_inputs(run_id, datasets=inputs)

    def _write_file(self, file: dict[str, Any], write: Callable[[str, str | None], object], run_id: str) -> None:
        folder, _, name = file["path"].rpartition("/")
        with tempfile.TemporaryDirectory(prefix="workbench-export-") as place:
            local = os.path.join(place, name)
            try:
                self._blobs.copy_out(file["sha256"], local)
            except WorkbenchError as error:
                self._report.warnings.append(f"run {run_id[:8]}: {file['path']}: {error.message}")
                return
            write(local, folder or None)
        self._report.artifacts += 1

    def _write_logged_model(self, model_id: str, fields: dict[str, Any]) -> None:
        run = self._runs.get(str(fields["run"]))
        experiment = self._client.get_run(run).info.experiment_id if run else None
        if experiment is None:
            return
        present = self._client.search_logged_models([experiment], filter_string=f"tags.`{MODEL_TAG}` = '{model_id}'")
        if present:
            self._models[model_id] = present[0].model_id
            return
        model = self._client.create_logged_model(
            experiment, fields["name"], run, tags=_named(fields, "tag:"), params=_named(fields, "param:") or None,
            model_type=fields.get("type"),
        )  # fmt: skip
        files = _named(fields, "file:")
        with tempfile.TemporaryDirectory(prefix="workbench-export-") as place:
            for path, said in files.items():
                local = os.path.join(place, *path.split("/"))
                os.makedirs(os.path.dirname(local), exist_ok=True)
                try:
                    self._blobs.copy_out(said["sha256"], local)
                    self._report.artifacts += 1
                except WorkbenchError as error:
                    self._report.warnings.append(f"model {model_id}: {path}: {error.message}")
            if files:
                self._client.log_model_artifacts(model.model_id, place)
        status = fields.get("status")
        if status in ("READY", "FAILED"):
            self._client.finalize_logged_model(model.model_id, status)
        self._client.set_logged_model_tags(model.model_id, {MODEL_TAG: model_id})
        self._models[model_id] = model.model_id
        self._report.logged_models += 1

    def _write_registry(self, models: dict[str, Any], versions: dict[str, Any], run_ids: set[str]) -> None:
        """Registered models of which a version comes from the runs, with those versions, by number."""
        for model_id, fields in sorted(models.items(), key=lambda item: str(item[1].get("name"))):
            mine = [
                (key, value)
                for key, value in versions.items()
                if value.get("model") == model_id
                and not value.get("deleted")
                and (value.get("run") in run_ids or value.get("model_id") in self._models)
            ]
            if not mine or fields.get("deleted"):
                continue
            name = fields["name"]
            present = self._registered(name, fields)
            numbers = {}
            for version_id, value in sorted(mine, key=lambda item: int(item[1]["number"])):
                if version_id not in present:
                    present[version_id] = self._write_version(name, version_id, value)
                numbers[value["number"]] = present[version_id]
            for alias, number in _named(fields, "alias:").items():
                if number in numbers:
                    self._client.set_registered_model_alias(name, alias, numbers[number])

    def _registered(self, name: str, fields: dict[str, Any]) -> dict[str, str]:
        """Their numbers of the versions that are there already, by our ids; the model is made if need be."""
        if not self._client.search_registered_models(filter_string=f"name = '{_quoted(name)}'"):
            self._client.create_registered_model(name, _named(fields, "tag:"), fields.get("description"))
            self._report.registered_models += 1
        found = self._client.search_model_versions(f"name = '{_quoted(name)}'")
        return {version.tags[VERSION_TAG]: version.version for version in found if VERSION_TAG in version.tags}

    def _write_version(self, name: str, version_id: str, fields: dict[str, Any]) -> str:
        run = self._runs.get(str(fields.get("run")))
        model = self._models.get(str(fields.get("model_id")))
        source = str(fields.get("source") or "")
        if model:
            source = f"models:/{model}"
        elif run and fields.get("run"):
            source = source.replace(fields["run"], run)
        version = self._client.create_model_version(
            name, source, run, tags={**_named(fields, "tag:"), VERSION_TAG: version_id},
            run_link=fields.get("run_link"), description=fields.get("description"), model_id=model,
        )  # fmt: skip
        self._report.versions += 1
        return str(version.version)

    def _experiment(self, name: str, entities: dict[str, Any]) -> str:
        """Their id of an experiment, which is made if need be."""
        theirs = "Default" if name == "default" else name
        if name not in self._experiments:
            found = self._client.get_experiment_by_name(theirs)
            if found is not None and found.lifecycle_stage == "deleted":
                raise InputError(f"the experiment {theirs} is in the trash there", "restore it, or rename it here")
            if found is None:
                fields: dict[str, Any] = next((value for value in entities.values() if value.get("name") == name), {})
                self._experiments[name] = self._client.create_experiment(theirs, tags=_named(fields, "tag:"))
                self._report.experiments += 1
            else:
                self._experiments[name] = found.experiment_id
        return self._experiments[name]

    def _is_there(self, experiment_id: str, run_id: str) -> bool:
        """Whether a run was written by an earlier export; what one that was killed left is put into the trash."""
        found = self._client.search_runs([experiment_id], f"tags.`{RUN_TAG}` = '{run_id}'", max_results=1)
        if found:
            self._runs[run_id] = found[0].info.run_id
            return True
        for left in self._client.search_runs([experiment_id], f"tags.`{_UNFINISHED}` = '{run_id}'"):
            self._client.delete_run(left.info.run_id)
        return False


@contextmanager
def _explained(uri: str) -> Iterator[None]:
    """Turn what MLflow raises into an error of ours."""
    try:
        yield
    except WorkbenchError:
        raise
    except ImportError as error:
        raise ToolError(
            f"MLflow cannot open {uri}: {error}", "the full MLflow is needed: pip install 'mlops-workbench[mlflow]'"
        ) from None
    except Exception as error:
        foreign = type(error).__module__.partition(".")[0] in ("mlflow", "sqlalchemy", "requests", "alembic", "sqlite3")
        if not foreign and not isinstance(error, OSError):
            raise
        text = _first_line(error)
        hint = "an MLflow tracking URI: sqlite:///mlflow.db, or http://127.0.0.1:5000"
        if "maintenance mode" in text:
            hint = "export to sqlite:///mlflow.db instead, or set MLFLOW_ALLOW_FILE_STORE=true"
        raise ToolError(f"MLflow cannot write to {uri}: {text[:300]}", hint) from None


def _named(fields: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {name[len(prefix) :]: value for name, value in fields.items() if name.startswith(prefix)}


def _text(value: object) -> str:
    return value if isinstance(value, str) else dumps(value) if isinstance(value, dict | list) else str(value)


def _ms(iso: str) -> int:
    moment = datetime.fromisoformat(iso.removesuffix("Z")).replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _quoted(text: str) -> str:
    return text.replace("'", "\\'")


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
