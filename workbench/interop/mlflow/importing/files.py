"""An `mlruns` folder: MLflow's file store, read file by file.

What is half written is left out, piece by piece, and named.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from typing import Any

import yaml  # type: ignore[import-untyped]

from workbench.base.errors import InputError
from workbench.base.ids import is_run_id
from workbench.base.project import Project
from workbench.interop.intake.records import IncomingFile, IncomingRun, Point, Series, shown_value
from workbench.interop.mlflow.importing.folders import files, folders, lines, texts
from workbench.interop.mlflow.importing.mapping import incoming_run, valid_ms
from workbench.interop.mlflow.importing.places import PROXIED, files_in, find_folder, local_path, store_local_file
from workbench.interop.mlflow.importing.records import (
    OpenedSource,
    Opening,
    RunModels,
    SourceDataset,
    SourceExperiment,
    SourceModel,
    SourceRegistered,
    SourceRun,
    SourceVersion,
    extents,
)

META = "meta.yaml"
TRASH = ".trash"
_RESERVED = {"tags", "datasets", "traces", "models", TRASH}
_STATES = {1: "RUNNING", 2: "SCHEDULED", 3: "FINISHED", 4: "FAILED", 5: "KILLED"}
_LOGGED_STATES = {0: "UNSPECIFIED", 1: "PENDING", 2: "READY", 3: "FAILED"}
_MAX_SHOWN = 3


class FileSource(OpenedSource):
    """See `MlflowSource`.

    Args:
        opening: its place is the path of the folder.

    Raises:
        InputError: there is no such folder, or it holds no experiment.
    """

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening, opening.place)
        self._root = opening.place
        if not os.path.isdir(self._root):
            raise InputError(
                f"there is no folder {self._root}", "give an mlruns folder, sqlite:///mlflow.db or http://…"
            )
        self._folders = {
            name: path
            for parent in (self._root, os.path.join(self._root, TRASH))
            for name, path in folders(parent)
            if name not in _RESERVED
        }
        described = [name for name, path in self._folders.items() if os.path.isfile(os.path.join(path, META))]
        if not described:
            raise self._nothing_here()

    def close(self) -> None:
        """There is nothing to let go of."""

    def experiments(self) -> list[SourceExperiment]:
        """All experiments that say what they are."""
        found = []
        for name, path in self._folders.items():
            meta = self._meta(path, f"experiment {name}")
            if meta is None:
                continue
            found_id = str(meta.get("experiment_id", name))
            self._folders[found_id] = path
            found.append(
                SourceExperiment(
                    found_id,
                    str(meta.get("name", name)),
                    meta.get("artifact_location"),
                    meta.get("creation_time"),
                    meta.get("last_update_time"),
                    meta.get("lifecycle_stage") == "deleted",
                    texts(os.path.join(path, "tags")),
                )
            )
        return found

    def run_ids(self, experiment_ids: Sequence[str]) -> list[str]:
        """The runs of experiments, by experiment and id."""
        self._runs: dict[str, tuple[str, str]] = {}
        for experiment_id in experiment_ids:
            for name, path in folders(self._folders[experiment_id]):
                if name in _RESERVED:
                    continue
                if is_run_id(name):
                    self._runs[name] = (path, experiment_id)
                else:
                    self.warnings.append(f"{path}: its name is no id of a run; left out")
        return list(self._runs)

    def point_counts(self) -> None:
        """Nothing says it but the files themselves."""

    def runs(self, run_ids: Sequence[str]) -> Iterator[IncomingRun]:
        """See `Source`."""
        for run_id in run_ids:
            path, experiment_id = self._place(run_id)
            meta = self._meta(path, f"run {run_id}")
            if meta is None:
                continue
            source = self._source_run(run_id, path, experiment_id, meta)
            run = incoming_run(source, self.names)
            self._points = dict(self._read_points(run_id, path))
            run.series = extents(self._points)
            if self.opening.artifacts:
                self._add_files(run, source, path)
            yield run

    def series(self, run: IncomingRun, names: Sequence[str]) -> Iterator[tuple[str, Series]]:
        """See `Source`. The run is the last one that was read."""
        for name in sorted(names):
            yield name, Series(self._points[name])

    def store_file(self, project: Project, file: IncomingFile) -> tuple[str, int]:
        """See `Source`."""
        return store_local_file(project, file)

    def logged_models(self, experiment_ids: Sequence[str]) -> list[SourceModel]:
        """The logged models of experiments."""
        models = []
        for experiment_id in experiment_ids:
            for name, path in folders(os.path.join(self._folders[experiment_id], "models")):
                meta = self._meta(path, f"logged model {name}")
                if meta is None:
                    continue
                status = meta.get("status")
                models.append(
                    SourceModel(
                        str(meta.get("model_id", name)),
                        experiment_id,
                        str(meta.get("name", name)),
                        os.path.join(path, "artifacts")
                        if local_path(str(meta.get("artifact_location") or "")) is not None
                        else str(meta["artifact_location"]),
                        meta.get("creation_timestamp"),
                        meta.get("last_updated_timestamp"),
                        _LOGGED_STATES.get(status, str(status))
                        if isinstance(status, int)
                        else str(status or "PENDING"),
                        meta.get("status_message"),
                        meta.get("model_type"),
                        meta.get("source_run_id"),
                        meta.get("lifecycle_stage") == "deleted",
                        texts(os.path.join(path, "params")),
                        texts(os.path.join(path, "tags")),
                        list(self._model_metrics(name, os.path.join(path, "metrics"))),
                    )
                )
        return models

    def run_models(self, run_ids: Sequence[str]) -> dict[str, RunModels]:
        """The logged models that runs used and made."""
        found = {}
        for run_id in run_ids:
            path, _ = self._place(run_id)
            models = RunModels()
            for name, below in folders(os.path.join(path, "inputs")):
                meta = self._meta(below, f"input {name} of run {run_id[:8]}") or {}
                if meta.get("source_type") == "MODEL":
                    models.inputs.add(str(meta.get("source_id")))
            for name, below in folders(os.path.join(path, "outputs")):
                meta = self._meta(below, f"output {name} of run {run_id[:8]}") or {}
                step = meta.get("step")
                models.outputs[name] = step if isinstance(step, int) else 0
            if models.inputs or models.outputs:
                found[run_id] = models
        return found

    def model_files(self, model: SourceModel) -> list[IncomingFile]:
        """The files of a logged model."""
        folder = find_folder(model.artifact_location, [self._root])
        return list(files_in(folder, f"models/{model.model_id}/", "model")) if folder else []

    def registered(self) -> tuple[list[SourceRegistered], list[SourceVersion]]:
        """Registered models and their versions."""
        models, versions = [], []
        for folder_name, path in folders(os.path.join(self._root, "models")):
            meta = self._meta(path, f"registered model {folder_name}")
            if meta is None:
                continue
            name = str(meta.get("name", folder_name))
            aliases = {
                alias: int(text)
                for alias, text in texts(os.path.join(path, "aliases")).items()
                if text.strip().isdigit()
            }
            models.append(
                SourceRegistered(
                    name,
                    meta.get("creation_timestamp"),
                    meta.get("last_updated_timestamp"),
                    meta.get("description"),
                    texts(os.path.join(path, "tags")),
                    aliases,
                )
            )
            for version_name, below in folders(path):
                if not version_name.startswith("version-"):
                    continue
                meta = self._meta(below, f"{version_name} of model {name}")
                if meta is not None and meta.get("current_stage") != "Deleted_Internal":
                    versions.append(_version(name, version_name, meta, texts(os.path.join(below, "tags"))))
        return models, versions

    def _place(self, run_id: str) -> tuple[str, str]:
        """The folder of a run and the id of its experiment; a process that did not list the runs looks for it."""
        if not hasattr(self, "_runs"):
            self.experiments()
            self.run_ids([found_id for found_id, _ in self.opening.names])
            self.warnings.clear()
        return self._runs[run_id]

    def _source_run(self, run_id: str, path: str, experiment_id: str, meta: dict[str, Any]) -> SourceRun:
        status = meta.get("status", 1)
        return SourceRun(
            run_id,
            experiment_id,
            meta.get("run_name") or meta.get("name"),
            meta.get("user_id"),
            _STATES.get(status, "RUNNING") if isinstance(status, int) else str(status),
            meta.get("start_time"),
            meta.get("end_time"),
            meta.get("lifecycle_stage") == "deleted",
            meta.get("artifact_uri"),
            texts(os.path.join(path, "params")),
            texts(os.path.join(path, "tags")),
            self._datasets(run_id, path, experiment_id),
        )

    def _datasets(self, run_id: str, path: str, experiment_id: str) -> list[SourceDataset]:
        found = []
        for label, below in folders(os.path.join(path, "inputs")):
            said = self._meta(below, f"input {label} of run {run_id[:8]}") or {}
            if said.get("source_type") != "DATASET":
                continue
            place = os.path.join(self._folders[experiment_id], "datasets", str(said.get("source_id")))
            meta = self._meta(place, f"a dataset of run {run_id[:8]}")
            if meta is not None:
                tags = {str(key): str(value) for key, value in (said.get("tags") or {}).items()}
                name, digest, kind, source = (
                    str(meta.get(key) or "") for key in ("name", "digest", "source_type", "source")
                )
                found.append(SourceDataset(name, digest, kind, source, meta.get("schema"), meta.get("profile"), tags))
        return found

    def _read_points(self, run_id: str, path: str) -> Iterator[tuple[str, list[Point]]]:
        for name, below in files(os.path.join(path, "metrics")):
            points: list[Point] = []
            garbled = []
            found = lines(below)
            if not found:
                self.warnings.append(f"run {run_id[:8]}: metric {name} has no points: {below} is empty")
            for number, line in enumerate(found, 1):
                cells = line.split(b" ")
                try:
                    ms, step = int(cells[0]), int(cells[2]) if len(cells) > 2 else 0
                    if valid_ms(ms) != ms or not -(2**63) < step < 2**63:
                        raise ValueError
                    points.append((step, shown_value(float(cells[1])), ms * 1000))
                except (ValueError, IndexError):
                    garbled.append(number)
            if garbled:
                shown = ", ".join(map(str, garbled[:_MAX_SHOWN])) + (" …" if len(garbled) > _MAX_SHOWN else "")
                self.warnings.append(f"run {run_id[:8]}: metric {name}: cannot read line {shown}; left out")
            yield name, points

    def _model_metrics(self, model_id: str, folder: str) -> Iterator[dict[str, object]]:
        for name, below in files(folder):
            for number, line in enumerate(lines(below), 1):
                cells = line.decode("utf-8", "replace").split(" ")
                try:
                    more = [*cells[4:6], None, None][:2]
                    yield {
                        "name": name,
                        "value": float(cells[1]),
                        "step": int(cells[2]),
                        "timestamp": int(cells[0]),
                        "run": cells[3],
                        "dataset_name": more[0],
                        "dataset_digest": more[1],
                    }
                except (ValueError, IndexError):
                    self.warnings.append(f"logged model {model_id}: metric {name}: cannot read line {number}; left out")

    def _add_files(self, run: IncomingRun, source: SourceRun, path: str) -> None:
        uri = source.artifact_uri or ""
        places = {"": os.path.join(path, "artifacts")}
        if uri and local_path(uri) is None:
            found = find_folder(uri, [self._root])
            if found is None:
                run.fields["artifact_uri"] = uri
                if not uri.startswith(f"{PROXIED}:"):
                    self.warnings.append(f"run {run.run_id[:8]}: its artifacts stay where they are: {uri}")
            places[""] = found or ""
        elif not os.path.isdir(places[""]):
            places[""] = find_folder(uri, [self._root]) or places[""]
        for model_id, place in {**places, **self.model_places.get(run.run_id, {})}.items():
            prefix, kind = (f"models/{model_id}/", "model") if model_id else ("", "file")
            if place and not os.path.isdir(place):
                what = f"the files of its model {model_id} are" if model_id else "its artifact folder is"
                self.warnings.append(f"run {run.run_id[:8]}: {what} missing: {place}")
            elif place:
                try:
                    run.files += files_in(place, prefix, kind)
                except InputError as error:
                    self.warnings.append(f"run {run.run_id[:8]}: {error.message}")

    def _meta(self, folder: str, what: str) -> dict[str, Any] | None:
        """What a folder says of itself, or None with a warning where it is missing or cannot be read."""
        path = os.path.join(folder, META)
        try:
            with open(path, "rb") as file:
                meta = yaml.load(file, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
            if isinstance(meta, dict):
                return meta
            problem = "is empty" if meta is None else "is no list of fields"
        except FileNotFoundError:
            problem = "is missing"
        except (OSError, ValueError, yaml.YAMLError):
            problem = "cannot be read"
        warning = f"{what}: {path} {problem}; left out"
        if warning not in self.warnings:
            self.warnings.append(warning)
        return None

    def _nothing_here(self) -> InputError:
        above = os.path.dirname(os.path.abspath(self._root))
        for place in (os.path.join(self._root, "mlflow.db"), os.path.join(above, "mlflow.db")):
            if os.path.isfile(place):
                return InputError(
                    f"{self._root} holds no experiment of MLflow's: it keeps files alone",
                    f"its runs are in a database: sqlite:///{os.path.relpath(place)}",
                )
        inside = os.path.join(self._root, "mlruns")
        hint = f"did you mean {inside}?" if os.path.isdir(inside) else "give the folder that holds 0/meta.yaml"
        return InputError(f"{self._root} holds no experiment of MLflow's", hint)


def _version(name: str, folder_name: str, meta: dict[str, Any], tags: dict[str, str]) -> SourceVersion:
    source = meta.get("source")
    from_source = (
        source.removeprefix("models:/") if isinstance(source, str) and source.startswith("models:/m-") else None
    )
    return SourceVersion(
        name,
        int(meta.get("version") or folder_name.removeprefix("version-")),
        meta.get("creation_timestamp"),
        meta.get("last_updated_timestamp"),
        meta.get("description"),
        meta.get("current_stage"),
        source,
        meta.get("run_id"),
        meta.get("run_link"),
        meta.get("model_id") or from_source,
        meta.get("status"),
        meta.get("status_message"),
        meta.get("user_id"),
        tags,
    )
