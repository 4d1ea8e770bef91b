"""An MLflow tracking server, asked through MLflow's own client, so that whatever it demands of clients is met."""

from __future__ import annotations

import os
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from urllib.parse import urlsplit

from workbench.base.errors import InputError, ToolError
from workbench.base.ids import is_run_id
from workbench.base.project import Project
from workbench.interop.intake.records import IncomingFile, IncomingRun, Point, Series, shown_value
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

_TIMEOUT_S = 10
_PAGE = 1000
_REMOTE = "remote:"


def is_reachable(url: str) -> None:
    """Make sure that a server answers, without the minutes in which MLflow's client tries again.

    Raises:
        ToolError: it does not.
    """
    try:
        with urllib.request.urlopen(url.rstrip("/") + "/health", timeout=_TIMEOUT_S):
            return
    except urllib.error.HTTPError:
        return  # it is there; what it wants, MLflow's client knows
    except (OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise ToolError(
            f"the server {url} does not answer: {str(reason).lower()}", "check that it runs: mlflow server --port PORT"
        ) from None


class ServerSource(OpenedSource):
    """See `MlflowSource`.

    Args:
        opening: its place is the URL.

    Raises:
        ToolError: the server does not answer, or is none of MLflow's.
    """

    def __init__(self, opening: Opening) -> None:
        is_reachable(opening.place)
        os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "2")
        os.environ.setdefault("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")
        from mlflow import MlflowClient

        super().__init__(opening, opening.place)
        self._client: Any = MlflowClient(opening.place)
        self._runs: dict[str, Any] = {}
        self._downloads = tempfile.TemporaryDirectory(prefix="workbench-import-")
        self._points: dict[str, list[Point]] = {}
        self._experiments = [
            SourceExperiment(
                found.experiment_id,
                found.name,
                found.artifact_location,
                found.creation_time,
                found.last_update_time,
                found.lifecycle_stage == "deleted",
                dict(found.tags),
            )
            for found in self._pages(lambda token: self._client.search_experiments(3, page_token=token))
        ]

    def close(self) -> None:
        """Remove what was downloaded."""
        self._downloads.cleanup()

    def experiments(self) -> list[SourceExperiment]:
        """All experiments."""
        return sorted(
            self._experiments, key=lambda experiment: (len(experiment.experiment_id), experiment.experiment_id)
        )

    def run_ids(self, experiment_ids: Sequence[str]) -> list[str]:
        """The runs of experiments, oldest first within each."""
        for experiment_id in experiment_ids:
            for run in self._pages(
                lambda token, asked=experiment_id: self._client.search_runs(  # type: ignore[misc]
                    [asked],
                    run_view_type=3,
                    max_results=_PAGE,
                    order_by=["attributes.start_time ASC"],
                    page_token=token,
                )
            ):
                if is_run_id(run.info.run_id):
                    self._runs[run.info.run_id] = run
                else:
                    self.warnings.append(f"run {run.info.run_id}: its id is not 32 hex digits; left out")
        return list(self._runs)

    def point_counts(self) -> None:
        """A server does not say."""

    def runs(self, run_ids: Sequence[str]) -> Iterator[IncomingRun]:
        """See `Source`."""
        for run_id in run_ids:
            found = self._runs[run_id]
            source = SourceRun(
                run_id,
                found.info.experiment_id,
                found.info.run_name,
                found.info.user_id,
                found.info.status,
                found.info.start_time,
                found.info.end_time,
                found.info.lifecycle_stage == "deleted",
                found.info.artifact_uri,
                dict(found.data.params),
                dict(found.data.tags),
                _datasets(found),
            )
            run = incoming_run(source, self.names)
            self._points = {name: self._history(run_id, name) for name in sorted(found.data.metrics)}
            run.series = extents(self._points)
            if self.opening.artifacts:
                self._add_files(run, source)
            yield run

    def series(self, run: IncomingRun, names: Sequence[str]) -> Iterator[tuple[str, Series]]:
        """See `Source`. The run is the last one that was read."""
        for name in sorted(names):
            yield name, Series(self._points[name])

    def store_file(self, project: Project, file: IncomingFile) -> tuple[str, int]:
        """See `Source`."""
        if not file.place.startswith(_REMOTE):
            return store_local_file(project, file)
        place = file.place.removeprefix(_REMOTE)
        with tempfile.TemporaryDirectory(dir=self._downloads.name) as folder:
            try:
                if file.kind == "model":
                    from mlflow.artifacts import download_artifacts

                    local = download_artifacts(artifact_uri=place, dst_path=folder, tracking_uri=self.opening.place)
                else:
                    run_id, _, path = place.partition("/")
                    local = self._client.download_artifacts(run_id, path, folder)
            except Exception as error:
                raise InputError(f"cannot fetch {file.path}: {_first_line(error)}") from None
            return store_local_file(project, IncomingFile(file.path, file.kind, file.size_bytes, None, local))

    def logged_models(self, experiment_ids: Sequence[str]) -> list[SourceModel]:
        """The logged models of experiments; none where the server is older than they are."""
        try:
            found = [
                model
                for experiment_id in experiment_ids
                for model in self._pages(
                    lambda token, asked=experiment_id: self._client.search_logged_models(  # type: ignore[misc]
                        [asked], page_token=token
                    )
                )
            ]
        except ToolError:
            return []
        return [
            SourceModel(
                model.model_id,
                model.experiment_id,
                model.name,
                model.artifact_location,
                model.creation_timestamp,
                model.last_updated_timestamp,
                str(model.status),
                model.status_message,
                model.model_type,
                model.source_run_id,
                False,
                dict(model.params or {}),
                dict(model.tags or {}),
                [
                    {
                        "name": metric.key,
                        "value": metric.value,
                        "step": metric.step,
                        "timestamp": metric.timestamp,
                        "run": metric.run_id,
                        "dataset_name": metric.dataset_name or None,
                        "dataset_digest": metric.dataset_digest or None,
                    }
                    for metric in model.metrics or []
                ],
            )
            for model in sorted(found, key=lambda model: str(model.model_id))
        ]

    def run_models(self, run_ids: Sequence[str]) -> dict[str, RunModels]:
        """The logged models that runs used and made; searches leave out what was used, so each run is asked for."""
        found = {}
        for run_id in run_ids:
            run = self._ask(lambda asked=run_id: self._client.get_run(asked))  # type: ignore[misc]
            inputs = {model.model_id for model in getattr(run.inputs, "model_inputs", None) or []}
            outputs = {model.model_id: model.step for model in getattr(run.outputs, "model_outputs", None) or []}
            if inputs or outputs:
                found[run_id] = RunModels(inputs, outputs)
        return found

    def model_files(self, model: SourceModel) -> list[IncomingFile]:
        """The files of a logged model."""
        return self._files_of(model.model_id, model.artifact_location)

    def registered(self) -> tuple[list[SourceRegistered], list[SourceVersion]]:
        """Registered models and their versions."""
        models = [
            SourceRegistered(
                model.name,
                model.creation_timestamp,
                model.last_updated_timestamp,
                model.description,
                dict(model.tags),
                {alias: int(number) for alias, number in dict(model.aliases).items()},
            )
            for model in self._pages(lambda token: self._client.search_registered_models(page_token=token))
        ]
        versions = [
            SourceVersion(
                found.name,
                int(found.version),
                found.creation_timestamp,
                found.last_updated_timestamp,
                found.description,
                found.current_stage,
                found.source,
                found.run_id or None,
                found.run_link,
                getattr(found, "model_id", None) or None,
                found.status,
                found.status_message,
                found.user_id,
                dict(found.tags),
            )
            for found in self._pages(lambda token: self._client.search_model_versions(page_token=token))
        ]
        for version in versions:
            source = version.source or ""
            if version.model_id is None and source.startswith("models:/m-"):
                version.model_id = source.removeprefix("models:/")
        return sorted(models, key=lambda model: model.name), sorted(versions, key=lambda v: (v.name, v.number))

    def _history(self, run_id: str, name: str) -> list[Point]:
        points: list[Point] = []
        for metric in self._ask(lambda: self._client.get_metric_history(run_id, name)):
            if valid_ms(metric.timestamp) == metric.timestamp:
                points.append((metric.step, shown_value(float(metric.value)), metric.timestamp * 1000))
            else:
                self.warnings.append(f"run {run_id[:8]}: a point of {name} has no valid time; left out")
        return sorted(points)

    def _add_files(self, run: IncomingRun, source: SourceRun) -> None:
        uri = source.artifact_uri or ""
        scheme = urlsplit(uri).scheme
        if scheme == PROXIED:
            run.files += self._listed(
                run.run_id, "", "", lambda path: self._client.list_artifacts(run.run_id, path or None)
            )
        elif local_path(uri) is not None:
            folder = find_folder(uri, [])
            run.files += files_in(folder, "", "file") if folder else []
        elif uri:
            run.fields["artifact_uri"] = uri
            self.warnings.append(f"run {run.run_id[:8]}: its artifacts stay where they are: {uri}")
        for model_id, place in self.model_places.get(run.run_id, {}).items():
            run.files += self._files_of(model_id, place)

    def _files_of(self, model_id: str, place: str) -> list[IncomingFile]:
        prefix = f"models/{model_id}/"
        if local_path(place) is not None:
            folder = find_folder(place, [])
            return list(files_in(folder, prefix, "model")) if folder else []
        if not place.startswith(f"{PROXIED}:"):
            self.warnings.append(f"the files of the model {model_id} stay where they are: {place}")
            return []
        return self._listed(
            place.rstrip("/"),
            "",
            prefix,
            lambda path: self._client.list_logged_model_artifacts(model_id, path or None),
            "model",
        )

    def _listed(
        self, owner: str, folder: str, prefix: str, listing: Callable[[str], Any], kind: str = "file"
    ) -> list[IncomingFile]:
        files = []
        for entry in sorted(self._ask(lambda: listing(folder)), key=lambda entry: str(entry.path)):
            if entry.is_dir:
                files += self._listed(owner, entry.path, prefix, listing, kind)
            else:
                place = f"{_REMOTE}{owner}/{entry.path}"
                files.append(IncomingFile(prefix + entry.path, kind, entry.file_size or 0, None, place))
        return files

    def _pages(self, ask: Callable[[str | None], Any]) -> Iterator[Any]:
        token = None
        while True:
            page = self._ask(lambda token=token: ask(token))  # type: ignore[misc]
            yield from page
            token = page.token
            if not token:
                return

    def _ask(self, question: Callable[[], Any]) -> Any:
        from mlflow.exceptions import MlflowException

        try:
            return question()
        except MlflowException as error:
            raise ToolError(
                f"the server {self.opening.place} cannot answer: {_first_line(error)}",
                "is it an MLflow server, and may you read from it? MLFLOW_TRACKING_TOKEN or _USERNAME and _PASSWORD",
            ) from None


def _datasets(run: Any) -> list[SourceDataset]:
    found = []
    for given in getattr(run.inputs, "dataset_inputs", None) or []:
        data = given.dataset
        tags = {tag.key: tag.value for tag in given.tags}
        # The wire has no difference between an empty text and none.
        found.append(
            SourceDataset(
                data.name, data.digest, data.source_type, data.source, data.schema or None, data.profile or None, tags
            )
        )
    return found


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0][:300]
