"""MLflow's filters and orders over logged models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cmp_to_key, partial
from typing import Any

from mlflow.entities import LoggedModel, Metric
from mlflow.exceptions import MlflowException
from mlflow.utils.search_utils import SearchLoggedModelsUtils, SearchUtils

_ATTRIBUTES: dict[str, str] = {
    "creation_time": "creation_timestamp",
    "creation_timestamp_ms": "creation_timestamp",
    "last_updated_time": "last_updated_timestamp",
    "last_updated_timestamp_ms": "last_updated_timestamp",
}
_STATUS_NUMBERS = {"UNSPECIFIED": 0, "PENDING": 1, "READY": 2, "FAILED": 3}

Condition = tuple[str, str, str, Any]


def matching(
    models: Iterable[LoggedModel], filter_string: str | None, datasets: Sequence[dict[str, Any]] | None
) -> list[LoggedModel]:
    """Those that a filter lets through.

    Args:
        datasets: metrics count only where they were measured on one of these.

    Raises:
        MlflowException: the filter is none, as MLflow says it.
    """
    conditions = _parsed(filter_string)
    on_datasets = _on_any(datasets or [])
    if datasets and not any(kind == "metrics" for kind, *_ in conditions):
        models = [model for model in models if any(map(on_datasets, model.metrics or []))]
    return [model for model in models if all(_holds(model, condition, on_datasets) for condition in conditions)]


def ordered(models: Sequence[LoggedModel], order_by: Sequence[dict[str, Any]] | None) -> list[LoggedModel]:
    """In the order of the clauses, what is missing last; then the newest first.

    Raises:
        MlflowException: an order is none, as MLflow says it.
    """
    keys: list[tuple[Callable[[LoggedModel], Any], bool]] = []
    names = set()
    for clause in order_by or []:
        name = str(clause.get("field_name"))
        if "." in name:
            entity, key = name.split(".", 1)
            if entity != "metrics":
                raise MlflowException.invalid_parameter_value(
                    f"Invalid order by field name: {name}. Only metrics are supported."
                )
            keys.append((_latest(key, clause), clause.get("ascending", True)))
            continue
        names.add(attribute := _ATTRIBUTES.get(name, name))
        if attribute not in SearchLoggedModelsUtils.VALID_SEARCH_ATTRIBUTE_KEYS | {"experiment_id"}:
            raise MlflowException.invalid_parameter_value(f"Invalid order by field name: {name}")
        keys.append((partial(_attribute, name=attribute), clause.get("ascending", True)))
    if "creation_timestamp" not in names:
        keys.append((lambda model: model.creation_timestamp, False))
    if "model_id" not in names:
        keys.append((lambda model: model.model_id, True))

    def compare(one: LoggedModel, other: LoggedModel) -> int:
        for value_of, ascending in keys:
            ours, theirs = value_of(one), value_of(other)
            if ours == theirs:
                continue
            if ours is None or theirs is None:
                return 1 if ours is None else -1
            return -1 if (ours < theirs) is bool(ascending) else 1
        return 0

    return sorted(models, key=cmp_to_key(compare))


def _parsed(filter_string: str | None) -> list[Condition]:
    try:
        from mlflow.utils.search_logged_model_utils import parse_filter_string
    except ImportError:  # mlflow-skinny comes without what this parser of MLflow's imports
        parsed = SearchLoggedModelsUtils.parse_search_filter(filter_string)
        plural = {"attribute": "attributes", "metric": "metrics", "parameter": "params", "tag": "tags"}
        return [(plural[one["type"]], one["key"], one["comparator"].upper(), one["value"]) for one in parsed]
    return [(c.entity.type.value, c.entity.key, c.op, c.value) for c in parse_filter_string(filter_string)]


def _holds(model: LoggedModel, condition: Condition, on_datasets: Callable[[Metric], bool]) -> bool:
    kind, key, comparator, value = condition
    compare = SearchUtils.get_comparison_func(comparator)
    if kind == "metrics":
        number = float(value)
        return any(
            metric.key == key and on_datasets(metric) and compare(_as_sql(metric.value), number)
            for metric in model.metrics or []
        )
    if kind in ("params", "tags"):
        present = (model.params if kind == "params" else model.tags).get(key)
    else:
        present = _attribute(model, _ATTRIBUTES.get(key, key))
    return present is not None and bool(compare(present, value))


def _attribute(model: LoggedModel, name: str) -> Any:
    if name == "status":
        return _STATUS_NUMBERS[str(model.status)]
    try:
        return getattr(model, name)
    except AttributeError:
        raise MlflowException.invalid_parameter_value(f"Invalid order by field name: {name}") from None


def _latest(key: str, clause: dict[str, Any]) -> Callable[[LoggedModel], float | None]:
    wanted = {name: clause[name] for name in ("dataset_name", "dataset_digest") if clause.get(name)}
    on_dataset = _on_any([wanted] if wanted else [])

    def latest(model: LoggedModel) -> float | None:
        found = [metric for metric in model.metrics or [] if metric.key == key and on_dataset(metric)]
        if not found:
            return None
        return _as_sql(min(found, key=lambda metric: (-metric.timestamp, -metric.step, metric.run_id or "")).value)

    return latest


def _on_any(datasets: Sequence[dict[str, Any]]) -> Callable[[Metric], bool]:
    """Whether a metric was measured on one of the datasets; on any at all where there are none."""

    def on_any(metric: Metric) -> bool:
        return not datasets or any(
            metric.dataset_name == dataset.get("dataset_name")
            and dataset.get("dataset_digest", metric.dataset_digest) == metric.dataset_digest
            for dataset in datasets
        )

    return on_any


def _as_sql(value: float) -> float:
    """NaN counts as 0 for MLflow's SQL store."""
    return 0.0 if value != value else value
