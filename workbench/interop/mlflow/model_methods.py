"""Logged models of the tracking store."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlflow.entities import LoggedModel, LoggedModelParameter, LoggedModelStatus, LoggedModelTag
from mlflow.exceptions import MlflowException
from mlflow.protos.databricks_pb2 import INVALID_PARAMETER_VALUE
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.name_utils import _generate_random_name
from mlflow.utils.search_utils import SearchLoggedModelsPaginationToken
from mlflow.utils.validation import _validate_logged_model_name

from workbench.base.clock import now_us
from workbench.interop.mlflow import model_search
from workbench.interop.mlflow.errors import missing
from workbench.interop.mlflow.experiment_methods import parsed_id
from workbench.interop.mlflow.logged_models import KIND, entity
from workbench.interop.mlflow.metric_methods import MetricMethods
from workbench.store.entities import entity_events, ids_with, latest_us, read_entities
from workbench.store.registrations import registered_logged_models

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

DEFAULT_RESULTS = 100


class ModelMethods(MetricMethods):
    """Methods of `TrackingStore` about logged models; `AbstractStore` describes them."""

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: Sequence[LoggedModelTag] | None = None,
        params: Sequence[LoggedModelParameter] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """See `AbstractStore`."""
        _validate_logged_model_name(name)
        with self.place.visit() as db:
            record = self._active_experiment(db, experiment_id)
            model_id = f"m-{uuid.uuid4().hex}"
            now_ms = now_us() // 1000
            fields: dict[str, object] = {
                "experiment_id": record.experiment_id,
                "name": name or _generate_random_name(),
                "created_at": now_ms,
                "updated_at": now_ms,
                "type": model_type,
                "status": "PENDING",
                "run": source_run_id,
                **{f"param:{param.key}": param.value for param in params or []},
                **{f"tag:{tag.key}": tag.value for tag in tags or []},
            }
            fields = {name: value for name, value in fields.items() if value is not None}
            self.place.edit(entity_events(KIND, model_id, fields))
            return entity(model_id, fields, self.artifact_root, record.artifact_location)

    def log_logged_model_params(self, model_id: str, params: Sequence[LoggedModelParameter]) -> None:
        """Record parameters of a logged model."""
        self._change(model_id, {f"param:{param.key}": param.value for param in params}, touch=False)

    def get_logged_model(self, model_id: str, allow_deleted: bool = False) -> LoggedModel:
        """See `AbstractStore`."""
        with self.place.visit() as db:
            fields = self._fields(db, model_id)
            if fields.get("deleted") and not allow_deleted:
                raise _not_found(model_id)
            return self._entities(db, {model_id: fields})[0]

    def finalize_logged_model(self, model_id: str, status: LoggedModelStatus) -> LoggedModel:
        """See `AbstractStore`."""
        self._change(model_id, {"status": str(status)})
        return self.get_logged_model(model_id, allow_deleted=True)

    def set_logged_model_tags(self, model_id: str, tags: Sequence[LoggedModelTag]) -> None:
        """See `AbstractStore`."""
        self._change(model_id, {f"tag:{tag.key}": tag.value for tag in tags}, touch=False)

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """See `AbstractStore`."""
        with self.place.visit() as db:
            if f"tag:{key}" not in self._fields(db, model_id):
                raise missing(f"No tag with key {key!r} found for model with ID {model_id!r}.")
            self._change(model_id, {f"tag:{key}": None}, touch=False)

    def delete_logged_model(self, model_id: str) -> None:
        """See `AbstractStore`."""
        self._change(model_id, {"deleted": True})

    def search_logged_models(
        self,
        experiment_ids: Sequence[str],
        filter_string: str | None = None,
        datasets: Sequence[dict[str, Any]] | None = None,
        max_results: int | None = None,
        order_by: Sequence[dict[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """See `AbstractStore`."""
        if datasets and not all(dataset.get("dataset_name") for dataset in datasets):
            raise MlflowException("`dataset_name` in the `datasets` clause must be specified.", INVALID_PARAMETER_VALUE)
        offset = 0
        if page_token:
            given = SearchLoggedModelsPaginationToken.decode(page_token)
            given.validate(experiment_ids, filter_string, order_by)
            offset = given.offset
        limit = max_results or DEFAULT_RESULTS
        with self.place.visit() as db:
            experiments = [str(parsed_id(wanted)) for wanted in experiment_ids]
            ids = [key for found in ids_with(db, KIND, "experiment_id", experiments).values() for key in found]
            stored = read_entities(db, KIND, ids)
            models = self._entities(db, {key: fields for key, fields in stored.items() if not fields.get("deleted")})
        found = model_search.ordered(model_search.matching(models, filter_string, datasets), order_by)
        shown = found[offset : offset + limit]
        token = None
        if len(found) > offset + limit:
            token = SearchLoggedModelsPaginationToken(
                offset=offset + limit, experiment_ids=experiment_ids, filter_string=filter_string, order_by=order_by
            ).encode()
        return PagedList(shown, token)

    def _hard_delete_logged_model(self, model_id: str) -> None:
        """Remove a logged model for good: what `mlflow gc` calls."""
        with self.place.visit() as db:
            names = [name for name in self._fields(db, model_id) if name != "deleted"]
            self._change(model_id, {**dict.fromkeys(names), "deleted": True, "purged": True}, touch=False)

    def _get_deleted_logged_models(self, older_than: int = 0) -> list[str]:
        """Ids of logged models that were deleted at least `older_than` milliseconds ago: what `mlflow gc` asks.

        Those that are registered versions are left out: they are not removed while those are there.
        """
        limit_ms = now_us() // 1000 - older_than
        with self.place.visit() as db:
            ids = [key for found in ids_with(db, KIND, "deleted", ["true"]).values() for key in found]
            models = read_entities(db, KIND, ids)
            needed = registered_logged_models(db, ids)
        return [
            key
            for key, fields in models.items()
            if key not in needed and not fields.get("purged") and fields["updated_at"] <= limit_ms
        ]

    def _change(self, model_id: str, fields: dict[str, object], *, touch: bool = True) -> None:
        with self.place.visit() as db:
            self._fields(db, model_id)
            stamp: dict[str, object] = {"updated_at": now_us() // 1000} if touch else {}
            self.place.edit(entity_events(KIND, model_id, {**fields, **stamp}, latest_us(db, KIND, model_id)))

    def _fields(self, db: Connection, model_id: str) -> dict[str, Any]:
        fields = read_entities(db, KIND, [model_id]).get(model_id)
        if not fields or fields.get("purged"):
            raise _not_found(model_id)
        return fields

    def _entities(self, db: Connection, models: dict[str, dict[str, Any]]) -> list[LoggedModel]:
        known = self.experiments(db).by_id
        found = []
        for model_id, fields in models.items():
            if fields.get("purged") or "experiment_id" not in fields:
                continue
            experiment = known.get(str(fields["experiment_id"]))
            location = experiment.artifact_location if experiment else None
            found.append(entity(model_id, fields, self.artifact_root, location))
        return found


def _not_found(model_id: str) -> MlflowException:
    return missing(f"Logged model with ID '{model_id}' not found.")
