"""An MLflow database in SQLite, read in bulk: no SQLAlchemy, no MLflow.

What a database of an older schema does not have is as if it were empty; what nothing works without is asked for.
"""

from __future__ import annotations

import os
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import closing
from itertools import groupby
from math import isfinite
from operator import itemgetter
from typing import Any
from urllib.parse import quote

from workbench.base.errors import InputError, StoreError
from workbench.base.ids import is_run_id
from workbench.base.project import Project
from workbench.interop.intake.records import IncomingFile, IncomingRun, Point, Series, shown_value
from workbench.interop.mlflow.importing.mapping import MAX_MS, incoming_run, valid_ms
from workbench.interop.mlflow.importing.places import (
    PROXIED,
    files_in,
    find_folder,
    folders_beside,
    is_sqlite_file,
    local_path,
    store_local_file,
)
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
)

_NEEDED = {
    "experiments": {"experiment_id", "name"},
    "runs": {"run_uuid", "name", "status", "start_time", "end_time", "lifecycle_stage", "experiment_id"},
    "metrics": {"key", "value", "timestamp", "run_uuid", "step", "is_nan"},
    "params": {"key", "value", "run_uuid"},
    "tags": {"key", "value", "run_uuid"},
}
_DELETED_VERSION = "Deleted_Internal"
_LOGGED_STATES = ("UNSPECIFIED", "PENDING", "READY", "FAILED")
_PART = 400


class SqliteSource(OpenedSource):
    """See `MlflowSource`.

    Args:
        opening: its place is the path of the database.

    Raises:
        InputError: it is missing, no MLflow database, or of a schema that is too old.
    """

    def __init__(self, opening: Opening) -> None:
        super().__init__(opening, f"sqlite:///{opening.place}")
        self._beside = folders_beside(opening.place)
        if not os.path.isfile(opening.place):
            raise InputError(f"there is no database {opening.place}", "sqlite:///relative/path or sqlite:////absolute")
        if not is_sqlite_file(opening.place):
            raise InputError(f"{opening.place} is no SQLite database", "give MLflow's backend store, such as mlflow.db")
        uri = f"file:{quote(os.path.abspath(opening.place))}?mode=ro"
        self._db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=10)
        try:
            self._tables = self._read_schema()
            self._db.execute("PRAGMA mmap_size = 1073741824")
            self._db.execute("BEGIN")  # one state of the database, whatever is logged meanwhile
        except BaseException:
            self._db.close()
            raise

    def close(self) -> None:
        """Let go of the database."""
        self._db.close()

    def experiments(self) -> list[SourceExperiment]:
        """All experiments."""
        tags: dict[str, dict[str, str]] = defaultdict(dict)
        for experiment_id, key, value in self._rows("experiment_tags", "experiment_id key value"):
            tags[str(experiment_id)][key] = value or ""
        columns = "experiment_id name artifact_location lifecycle_stage creation_time last_update_time"
        return [
            SourceExperiment(str(row_id), name, location, created, updated, stage == "deleted", tags[str(row_id)])
            for row_id, name, location, stage, created, updated in self._rows(
                "experiments", columns, "ORDER BY experiment_id"
            )
        ]

    def run_ids(self, experiment_ids: Sequence[str]) -> list[str]:
        """The runs of experiments, oldest first."""
        wanted = set(experiment_ids)
        found = []
        for run_id, experiment_id in self._rows("runs", "run_uuid experiment_id", "ORDER BY start_time, run_uuid"):
            if str(experiment_id) in wanted:
                if is_run_id(run_id):
                    found.append(run_id)
                else:
                    self.warnings.append(f"run {run_id}: its id is not 32 hex digits; left out")
        return found

    def point_counts(self) -> dict[str, int]:
        """How many points each run has."""
        return dict(self._ask("SELECT run_uuid, count(*) FROM metrics GROUP BY run_uuid"))

    def runs(self, run_ids: Sequence[str]) -> Iterator[IncomingRun]:
        """See `Source`."""
        for start in range(0, len(run_ids), _PART):
            part = run_ids[start : start + _PART]
            found = self._source_runs(part)
            series = self._series_of(part)
            for run_id in part:
                if run_id in found:
                    run = incoming_run(found[run_id], self.names)
                    run.series = series.get(run_id, {})
                    if self.opening.artifacts:
                        self._add_files(run, found[run_id])
                    yield run

    def series(self, run: IncomingRun, names: Sequence[str]) -> Iterator[tuple[str, Series]]:
        """See `Source`."""
        wanted = set(names)
        rows = self._ask(
            "SELECT key, step, value, timestamp, is_nan FROM metrics WHERE run_uuid = ? ORDER BY key, step, rowid",
            [run.run_id],
        )
        for name, found in groupby(rows, key=itemgetter(0)):
            if name in wanted:
                yield name, self._points(run, name, list(found))

    def store_file(self, project: Project, file: IncomingFile) -> tuple[str, int]:
        """See `Source`."""
        return store_local_file(project, file)

    def logged_models(self, experiment_ids: Sequence[str]) -> list[SourceModel]:
        """The logged models of experiments."""
        wanted = set(experiment_ids)
        columns = (
            "model_id experiment_id name artifact_location creation_timestamp_ms last_updated_timestamp_ms status"
            " status_message model_type source_run_id lifecycle_stage"
        )
        models = {}
        for row_id, experiment, name, place, created, updated, status, message, kind, run, stage in self._rows(
            "logged_models", columns, "ORDER BY model_id"
        ):
            if str(experiment) in wanted:
                state = _LOGGED_STATES[status] if status in range(len(_LOGGED_STATES)) else str(status)
                deleted = stage == "deleted"
                models[row_id] = SourceModel(
                    row_id, str(experiment), name, place, created, updated, state, message, kind, run, deleted
                )
        for row_id, key, value in self._rows("logged_model_params", "model_id param_key param_value"):
            if row_id in models:
                models[row_id].params[key] = value
        for row_id, key, value in self._rows("logged_model_tags", "model_id tag_key tag_value"):
            if row_id in models:
                models[row_id].tags[key] = value
        columns = "model_id metric_name metric_value metric_step metric_timestamp_ms run_id dataset_name dataset_digest"
        keys = ("name", "value", "step", "timestamp", "run", "dataset_name", "dataset_digest")
        for row_id, *cells in self._rows("logged_model_metrics", columns):
            if row_id in models:
                models[row_id].metrics.append(dict(zip(keys, cells, strict=True)))
        return list(models.values())

    def run_models(self, run_ids: Sequence[str]) -> dict[str, RunModels]:
        """The logged models that runs used and made."""
        wanted = set(run_ids)
        found: dict[str, RunModels] = defaultdict(RunModels)
        rows = self._rows("inputs", "source_type source_id destination_id step", "WHERE source_type LIKE 'RUN_%'")
        for kind, run_id, model_id, step in rows:
            if run_id in wanted and kind == "RUN_OUTPUT":
                found[run_id].outputs[model_id] = step or 0
            elif run_id in wanted and kind == "RUN_INPUT":
                found[run_id].inputs.add(model_id)
        return dict(found)

    def model_files(self, model: SourceModel) -> list[IncomingFile]:
        """The files of a logged model."""
        folder = find_folder(model.artifact_location, self._beside)
        return list(files_in(folder, f"models/{model.model_id}/", "model")) if folder else []

    def registered(self) -> tuple[list[SourceRegistered], list[SourceVersion]]:
        """Registered models and their versions."""
        columns = "name creation_time last_updated_time description"
        models = {row[0]: SourceRegistered(*row) for row in self._rows("registered_models", columns, "ORDER BY name")}
        for name, key, value in self._rows("registered_model_tags", "name key value"):
            if name in models:
                models[name].tags[key] = value or ""
        for name, alias, number in self._rows("registered_model_aliases", "name alias version"):
            if name in models:
                models[name].aliases[alias] = int(number)
        versions = {}
        columns = (
            "name version creation_time last_updated_time description current_stage source run_id run_link status"
            " status_message user_id"
        )
        for row in self._rows("model_versions", columns, "ORDER BY name, version"):
            name, number, created, updated, description, stage, source, run, link, status, message, user = row
            if stage != _DELETED_VERSION:
                model_id = source.removeprefix("models:/") if (source or "").startswith("models:/m-") else None
                versions[name, number] = SourceVersion(
                    name, number, created, updated, description, stage, source, run or None, link, model_id, status,
                    message, user,
                )  # fmt: skip
        for name, number, key, value in self._rows("model_version_tags", "name version key value"):
            if (name, number) in versions:
                versions[name, number].tags[key] = value or ""
        return list(models.values()), list(versions.values())

    def _source_runs(self, run_ids: Sequence[str]) -> dict[str, SourceRun]:
        columns = "run_uuid experiment_id name user_id status start_time end_time lifecycle_stage artifact_uri"
        runs = {}
        for row_id, experiment, name, user, status, start, end, stage, uri in self._among(
            "runs", columns, "run_uuid", run_ids
        ):
            runs[row_id] = SourceRun(row_id, str(experiment), name, user, status, start, end, stage == "deleted", uri)
        for row_id, key, value in self._among("params", "run_uuid key value", "run_uuid", run_ids):
            if row_id in runs:
                runs[row_id].params[key] = value
        for row_id, key, value in self._among("tags", "run_uuid key value", "run_uuid", run_ids):
            if row_id in runs:
                runs[row_id].tags[key] = value or ""
        self._add_datasets(runs)
        return runs

    def _add_datasets(self, runs: dict[str, SourceRun]) -> None:
        inputs = [
            (input_id, dataset_id, run_id)
            for input_id, kind, dataset_id, run_id in self._among(
                "inputs", "input_uuid source_type source_id destination_id", "destination_id", list(runs)
            )
            if kind == "DATASET"
        ]
        if not inputs:
            return
        columns = "dataset_uuid name digest dataset_source_type dataset_source dataset_schema dataset_profile"
        rows = self._among("datasets", columns, "dataset_uuid", list({dataset for _, dataset, _ in inputs}))
        datasets = {row[0]: row for row in rows}
        tags: dict[str, dict[str, str]] = defaultdict(dict)
        for input_id, key, value in self._among(
            "input_tags", "input_uuid name value", "input_uuid", [input_id for input_id, _, _ in inputs]
        ):
            tags[input_id][key] = value
        for input_id, dataset_id, run_id in sorted(inputs):
            if dataset_id in datasets:
                _, name, digest, kind, source, schema, profile = datasets[dataset_id]
                runs[run_id].datasets.append(SourceDataset(name, digest, kind, source, schema, profile, tags[input_id]))

    def _series_of(self, run_ids: Sequence[str]) -> dict[str, dict[str, tuple[int, int]]]:
        found: dict[str, dict[str, tuple[int, int]]] = defaultdict(dict)
        for run_id in run_ids:
            found[run_id] = {
                key: (count, step)
                for key, count, step in self._ask(
                    "SELECT key, count(*), max(step) FROM metrics WHERE run_uuid = ? GROUP BY key ORDER BY key",
                    [run_id],
                )
            }
        return found

    def _points(self, run: IncomingRun, name: str, rows: list[tuple[Any, ...]]) -> Series:
        """The points of one metric; those that are none are left out with a warning."""
        try:
            _, _, values, times, nans = zip(*rows, strict=True)
            if not any(nans) and isfinite(sum(values)) and -MAX_MS <= min(times) <= max(times) <= MAX_MS:
                return _FiniteSeries(rows, max(times))
        except TypeError:  # SQLite keeps what it is given, numbers or not
            pass
        points = []
        for _, step, value, ms, is_nan in rows:
            if isinstance(step, int) and isinstance(value, float | int) and valid_ms(ms) == ms:
                points.append((step, "NaN" if is_nan else shown_value(float(value)), ms * 1000))
        if len(points) < len(rows):
            lost = len(rows) - len(points)
            self.warnings.append(f"run {run.run_id[:8]}: {lost} points of {name} have no valid value or time; left out")
        return Series(points)

    def _add_files(self, run: IncomingRun, source: SourceRun) -> None:
        uri = source.artifact_uri or ""
        folder = find_folder(uri, self._beside) if uri else None
        if folder is None and uri and local_path(uri) is None:
            run.fields["artifact_uri"] = uri
            if not uri.startswith(f"{PROXIED}:"):
                self.warnings.append(f"run {run.run_id[:8]}: its artifacts stay where they are: {uri}")
        places = {"": folder, **self.model_places.get(run.run_id, {})}
        for model_id, place in places.items():
            found = find_folder(place, self._beside) if place and model_id else place
            prefix, kind = (f"models/{model_id}/", "model") if model_id else ("", "file")
            try:
                run.files += files_in(found, prefix, kind) if found else []
            except InputError as error:
                self.warnings.append(f"run {run.run_id[:8]}: {error.message}")
            if place and not found:
                self.warnings.append(f"run {run.run_id[:8]}: the files of its model {model_id} are not at {place}")

    def _read_schema(self) -> dict[str, set[str]]:
        """The columns of each table.

        Raises:
            InputError: it is no MLflow database, or too old a one.
        """
        names = [row[0] for row in self._ask("SELECT name FROM sqlite_master WHERE type = 'table'")]
        tables = {name: {row[1] for row in self._ask(f'PRAGMA table_info("{name}")')} for name in names}
        if "experiments" not in tables or "runs" not in tables:
            raise InputError(
                f"{self.opening.place} is no MLflow database: it has no runs", "give MLflow's backend store"
            )
        lacking = [table for table, columns in _NEEDED.items() if not columns <= tables.get(table, set())]
        if lacking:
            versions = self._ask("SELECT version_num FROM alembic_version") if "alembic_version" in tables else []
            revision = f" (revision {versions[0][0]})" if versions else ""
            raise InputError(
                f"{self.opening.place} has the schema of an older MLflow{revision}: "
                f"its table {lacking[0]} lacks what is needed",
                f"bring it up to date, on a copy if need be: mlflow db upgrade sqlite:///{self.opening.place}",
            )
        return tables

    def _rows(self, table: str, columns: str, rest: str = "") -> list[tuple[Any, ...]]:
        """Rows of a table that an older database may lack, with NULL for columns that it may lack."""
        if table not in self._tables:
            return []
        picked = ", ".join(name if name in self._tables[table] else f"NULL AS {name}" for name in columns.split())
        return self._ask(f'SELECT {picked} FROM "{table}" {rest}')

    def _among(self, table: str, columns: str, key: str, values: Sequence[str]) -> list[tuple[Any, ...]]:
        rows = []
        for start in range(0, len(values), _PART):
            part = [value.replace("'", "''") for value in values[start : start + _PART]]
            listed = ", ".join(f"'{value}'" for value in part)
            rows += self._rows(table, columns, f"WHERE {key} IN ({listed}) ORDER BY {', '.join(columns.split()[:2])}")
        return rows

    def _ask(self, query: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        try:
            with closing(self._db.execute(query, parameters)) as cursor:
                return cursor.fetchall()
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise StoreError(f"{self.opening.place} is locked by another process", "try again later") from None
            raise InputError(f"cannot read {self.opening.place}: {error}", "check the file") from None
        except sqlite3.DatabaseError as error:
            raise InputError(
                f"cannot read {self.opening.place}: {error}", "check it: sqlite3 FILE 'PRAGMA integrity_check'"
            ) from None


class _FiniteSeries(Series):
    """Rows of the database whose values are finite numbers: most of them, and the quickest to write."""

    __slots__ = ("_last_ms", "_rows")

    def __init__(self, rows: list[tuple[Any, ...]], last_ms: int) -> None:
        self._rows = rows
        self._last_ms = last_ms

    def __len__(self) -> int:
        return len(self._rows)

    def points(self) -> list[Point]:
        """The points."""
        return [(step, repr(value), ms * 1000) for _, step, value, ms, _ in self._rows]

    def lines(self, number: int) -> list[str]:
        """See `Series`."""
        return [f"\t{number}\t{step}\t{value!r}\t{ms}000\n" for _, step, value, ms, _ in self._rows]

    def last_us(self) -> int:
        """See `Series`."""
        return self._last_ms * 1000
