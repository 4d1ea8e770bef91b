"""MLflow's filters and orders over runs, parsed by MLflow and asked in SQL."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlflow.entities import LifecycleStage
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT
from mlflow.utils.search_utils import SearchUtils

from workbench.interop.mlflow.conditions import Parameters
from workbench.interop.mlflow.errors import invalid
from workbench.interop.mlflow.experiments import ExperimentRecord
from workbench.interop.mlflow.runs import ENDED_MS, FALLBACK_TAGS, PARAM_TEXT, RUN, STATUS, TAGS

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_ATTRIBUTES = {
    "run_id": "r.uid",
    "run_name": "r.name",
    "user_id": "coalesce(r.user_name, '')",
    "status": f"({STATUS})",
    "start_time": "epoch_ms(r.started_at)",
    "end_time": ENDED_MS,
    "artifact_uri": "coalesce(r.artifact_uri, x.location || '/' || r.uid || '/artifacts')",
}
_DATASET = {
    "name": "d.name",
    "digest": "d.digest",
    "context": f"(d.detail->'input_tags'->>'$.\"{MLFLOW_DATASET_CONTEXT}\"')",
}


def run_numbers(
    db: Connection,
    experiments: Sequence[ExperimentRecord],
    root: str,
    filter_string: str | None,
    view_type: int,
    order_by: Sequence[str] | None,
    offset: int,
    limit: int | None,
) -> list[int]:
    """The numbers in the store of the runs that a search finds, in its order.

    Args:
        root: the URI of the project's artifacts.
        limit: how many at most, from `offset` on.

    Raises:
        MlflowException: the filter or the order is none, as MLflow says it.
    """
    parameters = Parameters()
    conditions = [_condition(parsed, parameters) for parsed in SearchUtils.parse_search_filter(filter_string)]
    joins, order = _order(order_by, parameters)
    stages = LifecycleStage.view_type_to_stages(view_type)
    if len(stages) == 1:
        conditions.append("r.deleted" if stages[0] == LifecycleStage.DELETED else "NOT r.deleted")
    names = parameters.add([record.name for record in experiments])
    asked = " ".join([*joins, *conditions, *order])
    source = RUN if "r.artifact_uri" in asked or "r.scheduled" in asked else "run r"
    if "x.location" in asked:
        found = [record.artifact_location or f"{root}/{record.experiment_id}" for record in experiments]
        source += (
            f" JOIN (SELECT DISTINCT unnest({names}::VARCHAR[]) AS experiment, "
            f"unnest({parameters.add(found)}::VARCHAR[]) AS location) x USING (experiment)"
        )
    else:
        conditions.append(f"r.experiment IN (SELECT unnest({names}::VARCHAR[]))")
    sql = (
        f"SELECT r.run_id FROM {source} {' '.join(joins)} WHERE {' AND '.join(conditions)} "
        f"ORDER BY {', '.join(order)} {'' if limit is None else f'LIMIT {int(limit)}'} OFFSET {int(offset)}"
    )
    return [row[0] for row in db.execute(sql, parameters.values).fetchall()]


def _condition(parsed: dict[str, Any], parameters: Parameters) -> str:
    kind, comparator, value = parsed["type"], parsed["comparator"].upper(), parsed["value"]
    key = SearchUtils.translate_key_alias(parsed["key"])
    if SearchUtils.is_string_attribute(kind, key, comparator) or SearchUtils.is_numeric_attribute(
        kind, key, comparator
    ):
        return parameters.comparison(_ATTRIBUTES[key], comparator, value)
    if SearchUtils.is_metric(kind, comparator):
        table, column = "metric_summary e", "e.last"
        value = None if comparator.startswith("IS") else float(value)
    elif SearchUtils.is_param(kind, comparator):
        table, column = "param e", PARAM_TEXT.replace("p.", "e.")
    elif SearchUtils.is_tag(kind, comparator):
        return _tag_condition(key, comparator, value, parameters)
    elif SearchUtils.is_dataset(kind, comparator):
        holds = parameters.comparison(_DATASET[key], comparator, value)
        return f"EXISTS (SELECT 1 FROM dataset d WHERE d.run_id = r.run_id AND {holds})"
    else:
        raise invalid(f"Invalid search expression type '{kind}'")
    name = parameters.add(key)
    named = f"e.name = {name}"
    if table.startswith("metric"):
        named = f"e.key_id = (SELECT k.key_id FROM metric_key k WHERE k.name = {name})"
    found = f"SELECT e.run_id FROM {table} WHERE {named}"
    if comparator in ("IS NULL", "IS NOT NULL"):
        return f"r.run_id {'NOT IN' if comparator == 'IS NULL' else 'IN'} ({found})"
    holds = parameters.comparison(column, comparator, value)
    if table.startswith("metric"):  # nothing compares with NaN, and everything differs from it
        holds = f"({holds} OR isnan(e.last))" if comparator == "!=" else f"({holds} AND NOT isnan(e.last))"
    return f"r.run_id IN ({found} AND {holds})"


def _tag_condition(key: str, comparator: str, value: Any, parameters: Parameters) -> str:
    text = _tag(key, parameters)
    if comparator in ("IS NULL", "IS NOT NULL"):
        return f"{text} {comparator}"
    return parameters.comparison(text, comparator, value)


def _tag(key: str, parameters: Parameters) -> str:
    """The text of a tag of `run r`, null where it has none."""
    if key in TAGS:
        return f"({TAGS[key]})"
    own = f"(SELECT e.value FROM tag e WHERE e.run_id = r.run_id AND e.name = {parameters.add(key)})"
    return f"coalesce({own}, {FALLBACK_TAGS[key]})" if key in FALLBACK_TAGS else own


def _order(order_by: Sequence[str] | None, parameters: Parameters) -> tuple[list[str], list[str]]:
    """Joins and sort keys: what is missing comes last in either direction, NaN after every number."""
    joins: list[str] = []
    keys: list[str] = []
    seen = set()
    for number, clause in enumerate(order_by or []):
        kind, key, ascending = SearchUtils.parse_order_by_for_search_runs(clause)
        key = SearchUtils.translate_key_alias(key)
        alias = f"o{number}"
        late = f"({alias}.v IS NULL)::INTEGER"
        if SearchUtils.is_string_attribute(kind, key, "=") or SearchUtils.is_numeric_attribute(kind, key, "="):
            value = _ATTRIBUTES[key]
            late = f"({value} IS NULL)::INTEGER"
        elif SearchUtils.is_metric(kind, "="):
            value = f"{alias}.v"
            late = f"CASE WHEN isnan({value}) THEN 1 WHEN {value} IS NULL THEN 2 ELSE 0 END"
            joins.append(
                f"LEFT JOIN (SELECT s.run_id, s.last AS v FROM metric_summary s WHERE s.key_id = (SELECT k.key_id "
                f"FROM metric_key k WHERE k.name = {parameters.add(key)})) {alias} ON {alias}.run_id = r.run_id"
            )
        elif SearchUtils.is_param(kind, "="):
            value = f"{alias}.v"
            joins.append(
                f"LEFT JOIN (SELECT p.run_id, {PARAM_TEXT} AS v FROM param p WHERE p.name = {parameters.add(key)}) "
                f"{alias} ON {alias}.run_id = r.run_id"
            )
        elif SearchUtils.is_tag(kind, "="):
            value = _tag(key, parameters)
            late = f"({value} IS NULL)::INTEGER"
        else:
            raise invalid(f"Invalid identifier type '{kind}'")
        if (kind, key) in seen:
            raise MlflowException(f"`order_by` contains duplicate fields: {order_by}")
        seen.add((kind, key))
        keys += [late, f"{value} {'ASC' if ascending else 'DESC'}"]
    if ("attribute", "start_time") not in seen:
        keys.append("epoch_ms(r.started_at) DESC")
    return joins, [*keys, "r.uid"]
