"""Runs of the tracking store: begun, changed, ended, deleted, found."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlflow.entities import DatasetInput, LoggedModelInput, LoggedModelOutput, Param, Run, RunInfo, RunStatus, RunTag
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INTERNAL_ERROR
from mlflow.utils.mlflow_tags import MLFLOW_LOGGED_MODELS, MLFLOW_PARENT_RUN_ID, MLFLOW_RUN_NAME
from mlflow.utils.name_utils import _generate_random_name
from mlflow.utils.search_utils import SearchUtils
from mlflow.utils.validation import (
    _validate_dataset_inputs,
    _validate_param,
    _validate_run_id,
    _validate_tag,
)

from workbench.base.clock import now_us
from workbench.base.ids import new_run_id
from workbench.interop.mlflow.errors import as_mlflow, invalid, missing
from workbench.interop.mlflow.experiment_methods import ExperimentMethods, parsed_id
from workbench.interop.mlflow.experiments import DEFAULT_ID, ExperimentRecord
from workbench.interop.mlflow.inputs import dataset_events
from workbench.interop.mlflow.journals import launched_run_id
from workbench.interop.mlflow.pages import check_max_results, page
from workbench.interop.mlflow.run_facts import FactsOfRuns
from workbench.interop.mlflow.run_search import run_numbers
from workbench.interop.mlflow.runs import TAGS, end_event, param_text, read_runs, tag_events
from workbench.store.entities import entity_events
from workbench.store.purge import plan_purge, purge
from workbench.store.registrations import registered_from
from workbench.store.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.interop.mlflow.place import Event

_ENDED = ("FINISHED", "FAILED", "KILLED")


class RunMethods(ExperimentMethods):
    """Methods of `TrackingStore` about runs; `AbstractStore` describes them."""

    def create_run(
        self,
        experiment_id: str,
        user_id: str,
        start_time: int,
        tags: Sequence[RunTag] | None,
        run_name: str | None,
    ) -> Run:
        """See `AbstractStore`. The first run below `workbench run` is the run that this has begun."""
        with self.place.visit() as db:
            record = self._active_experiment(db, experiment_id)
            tags = list(tags or [])
            named = next((tag.value for tag in tags if tag.key == MLFLOW_RUN_NAME), None)
            if run_name and named and run_name != named:
                raise invalid(
                    "Both 'run_name' argument and 'mlflow.runName' tag are specified, but with "
                    f"different values (run_name='{run_name}', mlflow.runName='{named}')."
                )
            name = run_name or named
            nested = any(tag.key == MLFLOW_PARENT_RUN_ID for tag in tags)
            launched = self._launched(db)
            if launched and record.experiment_id == DEFAULT_ID:  # what the script says by not naming one
                record = self.experiments(db).by_name[launched.experiment]
            events = [event for tag in tags if tag.key != MLFLOW_RUN_NAME for event in tag_events(tag.key, tag.value)]
            if launched and not launched.adopted and not nested:
                run_id = launched.run_id
                self.place.journals.begin(run_id, [*_adoption(launched, record, name), *events])
            else:
                run_id = new_run_id()
                start = {
                    "e": "start",
                    "experiment": record.name,
                    "name": name or _generate_random_name(),
                    "parent": launched.run_id if launched and not nested else None,
                    "resumed": False,
                    "user": user_id,
                    "t": start_time * 1000 if start_time is not None else now_us(),
                }
                self.place.journals.begin(run_id, [start, *events])
        made = self.get_run(run_id)
        return Run(made.info, made.data, made.inputs)

    def get_run(self, run_id: str) -> Run:
        """See `AbstractStore`."""
        with self.place.visit() as db:
            return self._runs(db, [self._run_row(db, run_id)[0]])[0]

    def update_run_info(
        self, run_id: str, run_status: int | None, end_time: int | None, run_name: str | None
    ) -> RunInfo:
        """See `AbstractStore`."""
        with self.place.visit() as db:
            self.place.journals.check(run_id, db)
            number, started_us, ended = self._run_row(db, run_id)
            events: list[Event] = []
            status = None if run_status is None else RunStatus.to_string(run_status)
            now = self._runs(db, [number])[0].info
            if status == now.status and end_time in (None, now.end_time):
                status = None  # MLflow's client says it again where only the name changes
            if status in _ENDED:
                events.append(end_event(status, started_us, end_time))
            elif status is not None:
                if ended:
                    events.append({"e": "start", "experiment": None, "name": None, "parent": None, "resumed": True})
                events.append({"e": "set", "field": "scheduled", "value": "true" if status == "SCHEDULED" else "false"})
            if run_name:
                events += tag_events(MLFLOW_RUN_NAME, run_name)
            self.place.journals.events(run_id, events, sync=status in _ENDED, works=status is not None)
        if status in _ENDED:
            self.place.journals.end(run_id)
        return self.get_run(run_id).info

    def delete_run(self, run_id: str) -> None:
        """See `AbstractStore`."""
        self._set_run_deleted(run_id, True)

    def restore_run(self, run_id: str) -> None:
        """See `AbstractStore`."""
        self._set_run_deleted(run_id, False)

    def log_param(self, run_id: str, param: Param) -> None:
        """See `AbstractStore`."""
        param = _validate_param(param.key, param.value)
        with self.place.visit() as db:
            self.place.journals.check(run_id, db)
            old = self._params(db, run_id, [param.key]).get(param.key)
            if old is None:
                self.place.journals.events(run_id, [_param_event(param)], works=True)
            elif old != param.value:
                raise invalid(
                    f"Changing param values is not allowed. Param with key='{param.key}' was already logged with "
                    f"value='{old}' for run ID='{run_id}'. Attempted logging new value '{param.value}'."
                )

    def param_events(self, db: Connection, run_id: str, params: Sequence[Param]) -> list[Event]:
        """The events for parameters that the run does not have yet.

        Raises:
            MlflowException: it has one of them with another value.
        """
        present = self._params(db, run_id, [param.key for param in params])
        changed = [
            {"key": param.key, "old_value": present[param.key], "new_value": param.value}
            for param in params
            if present.get(param.key, param.value) != param.value
        ]
        if changed:
            raise invalid(
                f"Changing param values is not allowed. Params were already logged='{changed}' for run ID='{run_id}'."
            )
        return [_param_event(param) for param in params if param.key not in present]

    def set_tag(self, run_id: str, tag: RunTag) -> None:
        """See `AbstractStore`."""
        tag = _validate_tag(tag.key, tag.value)
        self.place.journals.check(run_id)
        self.place.journals.events(run_id, tag_events(tag.key, tag.value))

    def delete_tag(self, run_id: str, key: str) -> None:
        """Remove a tag from a run."""
        with self.place.visit() as db:
            self.place.journals.check(run_id, db)
            expression = TAGS.get(key)
            rows = db.execute(
                f"SELECT {expression} FROM run r WHERE uid = ?"
                if expression
                else "SELECT t.value FROM tag t JOIN run r USING (run_id) WHERE uid = ? AND t.name = ?",
                [run_id] if expression else [run_id, key],
            ).fetchall()
            if not rows or rows[0][0] is None:
                raise missing(f"No tag with name: {key} in run with id {run_id}")
            self.place.journals.events(run_id, tag_events(key, None))

    def record_logged_model(self, run_id: str, mlflow_model: Any) -> None:
        """See `AbstractStore`."""
        from mlflow.models import Model

        if not isinstance(mlflow_model, Model):
            raise TypeError(f"Argument 'mlflow_model' should be mlflow.models.Model, got '{type(mlflow_model)}'")
        with self.place.visit() as db:
            self.place.journals.check(run_id, db)
            before = self._runs(db, [self._run_row(db, run_id)[0]])[0].data.tags.get(MLFLOW_LOGGED_MODELS, "[]")
            value = json.dumps([*json.loads(before), mlflow_model.get_tags_dict()])
            _validate_tag(MLFLOW_LOGGED_MODELS, value)
            self.place.journals.events(run_id, tag_events(MLFLOW_LOGGED_MODELS, value))

    def log_inputs(
        self,
        run_id: str,
        datasets: list[DatasetInput] | None = None,
        models: list[LoggedModelInput] | None = None,
    ) -> None:
        """See `AbstractStore`."""
        _validate_run_id(run_id)
        if datasets is not None:
            if not isinstance(datasets, list):
                raise TypeError(f"Argument 'datasets' should be a list, got '{type(datasets)}'")
            _validate_dataset_inputs(datasets)
        with self.place.visit() as db:
            self.place.journals.check(run_id, db)
            if any(given.dataset is None for given in datasets or []):
                raise MlflowException("Dataset input must have a dataset associated with it.", INTERNAL_ERROR)
            rows = db.execute("SELECT item FROM dataset JOIN run USING (run_id) WHERE uid = ?", [run_id]).fetchall()
            self.place.journals.events(run_id, dataset_events(datasets or [], {row[0] for row in rows}))
            self._link_models(run_id, {f"input:{model.model_id}": {} for model in models or []})

    def log_outputs(self, run_id: str, models: list[LoggedModelOutput]) -> None:
        """See `AbstractStore`."""
        with self.place.visit() as db:
            self.place.journals.check(run_id, db)
            self._link_models(run_id, {f"output:{model.model_id}": {"step": model.step} for model in models})

    def _search_runs(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None,
        run_view_type: int,
        max_results: int | None,
        order_by: Sequence[str] | None,
        page_token: str | None,
    ) -> tuple[list[Run], str | None]:
        """See `AbstractStore`."""
        check_max_results(max_results, allow_none=True)
        with self.place.visit() as db:
            known = self.experiments(db)
            offset = SearchUtils.parse_start_offset_from_page_token(page_token)
            records = [known.by_id.get(str(parsed_id(wanted))) for wanted in experiment_ids]
            limit = None if max_results is None else max_results + 1
            numbers = run_numbers(
                db,
                self._facts(),
                [record for record in records if record is not None],
                self.artifact_root,
                filter_string,
                run_view_type,
                order_by,
                offset,
                limit,
            )
            found = page(numbers, offset, max_results)
            return read_runs(db, self._facts(), known, self.artifact_root, found, model_inputs=False), found.token

    def _search_datasets(self, experiment_ids: Sequence[str]) -> list[Any]:
        """Summaries of the datasets that the runs of experiments used: the filter of MLflow's page of runs."""
        from mlflow.entities import _DatasetSummary
        from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT

        with self.place.visit() as db:
            known = self.experiments(db)
            records = [record for key in experiment_ids if (record := known.by_id.get(str(parsed_id(key))))]
            rows = db.execute(
                "SELECT DISTINCT r.experiment, d.name, d.digest, d.detail->'input_tags'->>$context FROM dataset d "
                "JOIN run r USING (run_id) WHERE r.experiment IN (SELECT unnest($names::VARCHAR[])) LIMIT 1000",
                {"context": f'$."{MLFLOW_DATASET_CONTEXT}"', "names": [record.name for record in records]},
            ).fetchall()
        return [
            _DatasetSummary(known.by_name[experiment].experiment_id, name, digest, context)
            for experiment, name, digest, context in rows
        ]

    def _hard_delete_run(self, run_id: str) -> None:
        """Remove a deleted run for good, with its journals: what `mlflow gc` calls."""
        self.place.journals.end(run_id)
        with self.place.visit() as db:
            self._run_row(db, run_id)
        with as_mlflow(), Store(self.place.project) as store:
            purge(store, plan_purge(store, [run_id]))

    def _get_deleted_runs(self, older_than: int = 0) -> list[str]:
        """Ids of runs that were deleted at least `older_than` milliseconds ago: what `mlflow gc` asks.

        Those that registered versions came from are left out: they are not removed while those are there.
        """
        with self.place.visit() as db:
            rows = db.execute(
                "SELECT uid FROM run JOIN run_field f USING (run_id) WHERE deleted AND f.name = 'deleted' AND f.t <= ?",
                [now_us() - older_than * 1000],
            ).fetchall()
            needed = registered_from(db, [row[0] for row in rows])
        return [row[0] for row in rows if row[0] not in needed]

    def _set_run_deleted(self, run_id: str, deleted: bool) -> None:
        with self.place.visit() as db:
            number = self._run_row(db, run_id)[0]
            query = "SELECT coalesce(max(t), 0) FROM run_field WHERE run_id = ? AND name = 'deleted'"
            [(before_us,)] = db.execute(query, [number]).fetchall()
            event = {"e": "set", "run": run_id, "field": "deleted", "value": deleted}
            self.place.edit([{**event, "t": max(now_us(), before_us + 1)}])

    def _link_models(self, run_id: str, fields: dict[str, object]) -> None:
        self.place.journals.events(run_id, entity_events("run_models", run_id, fields))

    def _runs(self, db: Connection, numbers: Sequence[int]) -> list[Run]:
        return read_runs(db, self._facts(), self.experiments(db), self.artifact_root, numbers)

    def _facts(self) -> FactsOfRuns:
        return self.place.remembered("runs", FactsOfRuns)

    def _run_row(self, db: Connection, run_id: str) -> tuple[int, int, bool]:
        """The run's number in the store, its last start in microseconds, and whether it has ended."""
        rows = db.execute(
            "SELECT run_id, coalesce((SELECT max(value::BIGINT) FROM run_field f WHERE f.run_id = r.run_id "
            "AND f.name = 'last_start'), 0), status IN ('finished', 'failed', 'killed') FROM run r WHERE uid = ?",
            [run_id],
        ).fetchall()
        if not rows:
            raise missing(f"Run with id={run_id} not found")
        return int(rows[0][0]), int(rows[0][1]), bool(rows[0][2])

    def _params(self, db: Connection, run_id: str, keys: Sequence[str]) -> dict[str, str]:
        rows = db.execute(
            f"SELECT p.name, {param_text('p')} FROM param p JOIN run r USING (run_id) "
            "WHERE r.uid = ? AND p.name IN (SELECT unnest(?::VARCHAR[]))",
            [run_id, list(keys)],
        ).fetchall()
        return dict(rows)

    def _launched(self, db: Connection) -> _Launched | None:
        """The run that this process was launched for, if it is one of this store."""
        run_id = launched_run_id()
        rows = db.execute(
            "SELECT r.uid, r.experiment, f.name IS NOT NULL FROM run r "
            "LEFT JOIN run_field f ON f.run_id = r.run_id AND f.name = 'adopted' WHERE r.uid = ?",
            [run_id],
        ).fetchall()
        return _Launched(*rows[0]) if rows else None


@dataclass(frozen=True)
class _Launched:
    """The run that `workbench run` started this process for, and whether MLflow code has begun it already."""

    run_id: str
    experiment: str
    adopted: bool


def _adoption(launched: _Launched, record: ExperimentRecord, name: str | None) -> list[Event]:
    """The events by which MLflow code takes the run that it was launched for, with what it asks for explicitly."""
    events: list[Event] = [{"e": "set", "field": "adopted", "value": "mlflow"}]
    if record.name != launched.experiment:
        events.append({"e": "set", "field": "experiment", "value": record.name})
    return events + (tag_events(MLFLOW_RUN_NAME, name) if name else [])


def _param_event(param: Param) -> Event:
    return {"e": "param", "name": param.key, "value": param.value}
