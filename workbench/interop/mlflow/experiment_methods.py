"""Experiments of the tracking store."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import TYPE_CHECKING, Any

from mlflow.entities import Experiment, ExperimentTag, LifecycleStage, ViewType
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import BAD_REQUEST, INVALID_STATE, RESOURCE_ALREADY_EXISTS
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.tracking import SEARCH_MAX_RESULTS_DEFAULT
from mlflow.utils.search_utils import SearchExperimentsUtils, SearchUtils
from mlflow.utils.uri import resolve_uri_if_local
from mlflow.utils.validation import (
    _validate_experiment_artifact_location_length,
    _validate_experiment_name,
    _validate_experiment_tag,
)

from workbench.base.clock import now_us
from workbench.interop.mlflow.errors import invalid, missing
from workbench.interop.mlflow.experiments import (
    DEFAULT,
    DEFAULT_ID,
    MLFLOW_DEFAULT,
    ExperimentRecord,
    Experiments,
    facts,
    run_edits,
)
from workbench.interop.mlflow.pages import check_max_results, page

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.interop.mlflow.place import Place


class ExperimentMethods:
    """Methods of `TrackingStore` about experiments; `AbstractStore` describes them."""

    place: Place
    artifact_root: str

    def search_experiments(
        self,
        view_type: int = ViewType.ACTIVE_ONLY,
        max_results: int = SEARCH_MAX_RESULTS_DEFAULT,
        filter_string: str | None = None,
        order_by: Sequence[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[Experiment]:
        """See `AbstractStore`."""
        check_max_results(max_results)
        conditions = [_condition(parsed) for parsed in SearchExperimentsUtils.parse_search_filter(filter_string)]
        order = _order(order_by)
        offset = SearchUtils.parse_start_offset_from_page_token(page_token)
        stages = set(LifecycleStage.view_type_to_stages(view_type))
        with self.place.visit() as db:
            records = list(self.experiments(db).by_id.values())
        found = [
            experiment for experiment in map(self.experiment_entity, records) if experiment.lifecycle_stage in stages
        ]
        found = sorted((e for e in found if all(holds(e) for holds in conditions)), key=order)
        return page(found[offset : offset + max_results + 1], offset, max_results)

    def create_experiment(
        self, name: str, artifact_location: str | None = None, tags: Sequence[ExperimentTag] | None = None
    ) -> str:
        """See `AbstractStore`."""
        _validate_experiment_name(name)
        if artifact_location:
            artifact_location = resolve_uri_if_local(artifact_location)
            _validate_experiment_artifact_location_length(artifact_location)
        for tag in tags or []:
            _validate_experiment_tag(tag.key, tag.value)
        with self.place.visit() as db:
            known = self.experiments(db)
            if known.named(name) is not None:
                raise MlflowException(f"Experiment(name={name}) already exists.", RESOURCE_ALREADY_EXISTS)
            experiment_id = known.new_id(db, name)
            now_ms = now_us() // 1000
            record = ExperimentRecord(
                experiment_id, DEFAULT if name == MLFLOW_DEFAULT else name, None, now_ms, now_ms, known=False
            )
            fields: dict[str, object] = {f"tag:{tag.key}": tag.value for tag in tags or []}
            if artifact_location:
                fields["artifact_location"] = artifact_location
            self.place.edit(facts(db, record, {**fields, "created_at": now_ms, "deleted": None}))
        return experiment_id

    def get_experiment(self, experiment_id: str) -> Experiment:
        """See `AbstractStore`."""
        with self.place.visit() as db:
            return self.experiment_entity(self.existing_experiment(db, experiment_id))

    def get_experiment_by_name(self, experiment_name: str) -> Experiment | None:
        """The experiment of that name, deleted or not; None where there is none."""
        with self.place.visit() as db:
            record = self.experiments(db).named(experiment_name)
        return None if record is None else self.experiment_entity(record)

    def delete_experiment(self, experiment_id: str) -> None:
        """See `AbstractStore`."""
        self._set_deleted(experiment_id, True)

    def restore_experiment(self, experiment_id: str) -> None:
        """See `AbstractStore`."""
        self._set_deleted(experiment_id, False)

    def rename_experiment(self, experiment_id: str, new_name: str) -> None:
        """See `AbstractStore`."""
        _validate_experiment_name(new_name)
        with self.place.visit() as db:
            record = self.existing_experiment(db, experiment_id)
            if record.deleted:
                raise MlflowException("Cannot rename a non-active experiment.", INVALID_STATE)
            other = self.experiments(db).named(new_name)
            if other is not None and other.experiment_id != record.experiment_id:
                raise MlflowException(f"Experiment(name={new_name}) already exists.", BAD_REQUEST)
            name = DEFAULT if new_name == MLFLOW_DEFAULT else new_name
            changes: dict[str, object] = {"name": name, "updated_at": now_us() // 1000}
            self.place.edit([*facts(db, record, changes), *run_edits(db, [record.name], "experiment", name)])

    def set_experiment_tag(self, experiment_id: str, tag: ExperimentTag) -> None:
        """Set a tag on an experiment."""
        _validate_experiment_tag(tag.key, tag.value)
        with self.place.visit() as db:
            record = self._active_experiment(db, experiment_id)
            self.place.edit(facts(db, record, {f"tag:{tag.key}": str(tag.value)}))

    def delete_experiment_tag(self, experiment_id: str, key: str) -> None:
        """Remove a tag from an experiment."""
        with self.place.visit() as db:
            record = self._active_experiment(db, experiment_id)
            if key not in record.tags:
                raise missing(f"No tag with name: {key} in experiment with id {experiment_id}")
            self.place.edit(facts(db, record, {f"tag:{key}": None}))

    def _hard_delete_experiment(self, experiment_id: str) -> None:
        """Remove a deleted experiment for good: what `mlflow gc` calls."""
        with self.place.visit() as db:
            record = self.existing_experiment(db, experiment_id, (True,))
            self.place.edit(facts(db, record, {"purged": True}))

    def experiments(self, db: Connection) -> Experiments:
        """All experiments."""
        path = self.place.project.settings_path
        try:
            began_ms = int(os.stat(path).st_mtime * 1000)
        except OSError:
            self.place.project.settings()  # says what is wrong
            raise
        return self.place.remembered(("experiments", began_ms), lambda: Experiments.read(db, began_ms))

    def existing_experiment(
        self, db: Connection, experiment_id: object, deleted: tuple[bool, ...] = (True, False)
    ) -> ExperimentRecord:
        """The experiment of an id as MLflow code gives it.

        Args:
            deleted: which states count.

        Raises:
            MlflowException: there is none.
        """
        number = parsed_id(experiment_id or DEFAULT_ID)
        record = self.experiments(db).by_id.get(str(number))
        if record is None or record.deleted not in deleted:
            raise missing(f"No Experiment with id={number} exists")
        return record

    def _active_experiment(self, db: Connection, experiment_id: object) -> ExperimentRecord:
        record = self.existing_experiment(db, experiment_id)
        if record.deleted:
            raise invalid(
                f"The experiment {record.experiment_id} must be in the 'active' state. Current state is deleted."
            )
        return record

    def _set_deleted(self, experiment_id: str, deleted: bool) -> None:
        with self.place.visit() as db:
            record = self.existing_experiment(db, experiment_id, (not deleted,))
            changes: dict[str, object] = {"deleted": True if deleted else None, "updated_at": now_us() // 1000}
            self.place.edit([*facts(db, record, changes), *run_edits(db, [record.name], "deleted", deleted)])

    def experiment_entity(self, record: ExperimentRecord) -> Experiment:
        """The record as MLflow's entity."""
        return Experiment(
            experiment_id=record.experiment_id,
            name=record.shown_name,
            artifact_location=record.artifact_location or f"{self.artifact_root}/{record.experiment_id}",
            lifecycle_stage=LifecycleStage.DELETED if record.deleted else LifecycleStage.ACTIVE,
            tags=[ExperimentTag(key, value) for key, value in record.tags.items()],
            creation_time=record.created_at,
            last_update_time=record.updated_at,
        )


def parsed_id(experiment_id: object) -> int:
    try:
        return int(str(experiment_id))
    except ValueError:
        raise invalid(f"Invalid experiment ID '{experiment_id}'. Experiment ID must be a valid integer.") from None


def _condition(parsed: dict[str, Any]) -> Callable[[Experiment], bool]:
    """What a parsed comparison says of an experiment, with the checks of MLflow's SQL store."""
    kind, key, comparator, value = parsed["type"], parsed["key"], parsed["comparator"], parsed["value"]
    if kind == "tag":
        if comparator == "IS NULL":
            return lambda experiment: key not in experiment.tags
        if comparator == "IS NOT NULL":
            return lambda experiment: key in experiment.tags
        if comparator not in ("=", "!=", "LIKE", "ILIKE"):
            raise MlflowException.invalid_parameter_value(f"Invalid comparator for tag: {comparator}")
        compare = SearchUtils.get_comparison_func(comparator)
        return lambda experiment: key in experiment.tags and compare(experiment.tags[key], value)
    if kind != "attribute":
        raise MlflowException.invalid_parameter_value(f"Invalid token type: {kind}")
    if key == "experiment_id":
        if comparator not in ("=", "!=", "IN", "NOT IN"):
            raise MlflowException.invalid_parameter_value(f"Invalid comparator for experiment_id: {comparator}")
        wanted = [str(parsed_id(item)) for item in (value if isinstance(value, tuple) else (value,))]
        negative = comparator in ("!=", "NOT IN")
        return lambda experiment: (experiment.experiment_id in wanted) is not negative
    if SearchExperimentsUtils.is_numeric_attribute(kind, key, comparator):
        if comparator not in ("=", "!=", "<", "<=", ">", ">="):
            raise MlflowException.invalid_parameter_value(f"Invalid comparator for numeric attribute: {comparator}")
        try:
            value = int(value) if not isinstance(value, float) else int("not whole")
        except (TypeError, ValueError):
            raise MlflowException.invalid_parameter_value(
                f"Invalid value for numeric attribute '{key}': {value!r}"
            ) from None
    elif comparator not in ("=", "!=", "LIKE", "ILIKE"):
        raise MlflowException.invalid_parameter_value(f"Invalid comparator for string attribute: {comparator}")
    compare = SearchUtils.get_comparison_func(comparator)
    return lambda experiment: getattr(experiment, key) is not None and compare(getattr(experiment, key), value)


def _order(order_by: Sequence[str] | None) -> Callable[[Experiment], Any]:
    """A sort key; numbers come before what is missing in neither direction: SQLite has nulls first, ascending."""
    parsed = [
        SearchExperimentsUtils.parse_order_by_for_search_experiments(clause)
        for clause in order_by or ["creation_time DESC", "experiment_id ASC"]
    ]
    for kind, _, _ in parsed:
        if kind != "attribute":
            raise MlflowException.invalid_parameter_value(f"Invalid order_by entity: {kind}")
    keys = [(key, ascending) for _, key, ascending in parsed]
    if not any(key == "experiment_id" for key, _ in keys):
        keys.append(("experiment_id", False))

    def compare(one: Experiment, other: Experiment) -> int:
        for key, ascending in keys:
            ours, theirs = _sortable(one, key), _sortable(other, key)
            if ours != theirs:
                return -1 if (ours < theirs) is ascending else 1
        return 0

    return cmp_to_key(compare)


def _sortable(experiment: Experiment, key: str) -> tuple[bool, Any]:
    value = getattr(experiment, key)
    if key == "experiment_id":
        value = int(value)
    return (False, 0) if value is None else (True, value)
