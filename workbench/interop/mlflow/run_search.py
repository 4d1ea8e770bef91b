"""MLflow's filters and orders over runs, parsed by MLflow and asked in SQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from mlflow.entities import LifecycleStage
from mlflow.exceptions import MlflowException
from mlflow.utils.mlflow_tags import MLFLOW_DATASET_CONTEXT
from mlflow.utils.search_utils import SearchUtils

from workbench.interop.mlflow.conditions import Parameters
from workbench.interop.mlflow.errors import invalid
from workbench.interop.mlflow.experiments import ExperimentRecord
from workbench.interop.mlflow.run_facts import FactsOfRuns
from workbench.interop.mlflow.runs import ENDED_MS, FALLBACK_TAGS, RUN, STATUS, TAGS, param_text

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
    facts: FactsOfRuns,
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
        facts: what is known of runs of the store as it is.
        root: the URI of the project's artifacts.
        limit: how many at most, from `offset` on.

    Raises:
        MlflowException: the filter or the order is none, as MLflow says it.
    """
    parameters = Parameters()
    joined = _Joined(lambda name: facts.key_id(db, name), parameters)
    conditions = [_condition(parsed, joined, parameters) for parsed in SearchUtils.parse_search_filter(filter_string)]
    order = _order(order_by, joined)
    stages = LifecycleStage.view_type_to_stages(view_type)
    if len(stages) == 1:
        conditions.append("r.deleted" if stages[0] == LifecycleStage.DELETED else "NOT r.deleted")
    names = [record.name for record in experiments]
    asked = " ".join([*conditions, *order])
    source = RUN if "r.artifact_uri" in asked or "r.scheduled" in asked else "run r"
    if "x.location" in asked:
        found = [record.artifact_location or f"{root}/{record.experiment_id}" for record in experiments]
        source += (
            f" JOIN (SELECT DISTINCT unnest({parameters.add(names)}::VARCHAR[]) AS experiment, "
            f"unnest({parameters.add(found)}::VARCHAR[]) AS location) x USING (experiment)"
        )
    elif len(names) == 1:
        conditions.append(f"r.experiment = {parameters.add(names[0])}")
    else:
        conditions.append(f"r.experiment IN (SELECT unnest({parameters.add(names)}::VARCHAR[]))")
    sql = (
        f"SELECT r.run_id FROM {source} {' '.join(joined.clauses)} WHERE {' AND '.join(conditions)} "
        f"ORDER BY {', '.join(order)} {'' if limit is None else f'LIMIT {int(limit)}'} OFFSET {int(offset)}"
    )
    return [row[0] for row in db.execute(sql, parameters.values).fetchall()]


class _Joined:
    """What a search asks about a run besides the columns of `run r`: one join for each metric, parameter and tag.

    Attributes:
        clauses: the joins as SQL; a row has nulls for what its run does not have.
    """

    def __init__(self, key_id: Callable[[str], int | None], parameters: Parameters) -> None:
        self._key_id = key_id  # a constant tells DuckDB which blocks of `metric_summary` to read, a join does not
        self._parameters = parameters
        self._aliases: dict[tuple[str, str], str] = {}
        self.clauses: list[str] = []

    def metric(self, key: str) -> str:
        """The alias of the row in `metric_summary`."""
        return self._alias("metric_summary", key)

    def param(self, key: str) -> str:
        """The alias of the row in `param`."""
        return self._alias("param", key)

    def tag(self, key: str) -> str:
        """The text of a tag as SQL, null where a run has none."""
        if key in TAGS:
            return f"({TAGS[key]})"
        own = f"{self._alias('tag', key)}.value"
        return f"coalesce({own}, {FALLBACK_TAGS[key]})" if key in FALLBACK_TAGS else own

    def _alias(self, table: str, key: str) -> str:
        if (table, key) not in self._aliases:
            alias = f"j{len(self._aliases)}"
            column, value = ("key_id", self._key_id(key)) if table == "metric_summary" else ("name", key)
            self.clauses.append(
                f"LEFT JOIN {table} {alias} "
                f"ON {alias}.run_id = r.run_id AND {alias}.{column} = {self._parameters.add(value)}"
            )
            self._aliases[table, key] = alias
        return self._aliases[table, key]


def _condition(parsed: dict[str, Any], joined: _Joined, parameters: Parameters) -> str:
    kind, comparator, value = parsed["type"], parsed["comparator"].upper(), parsed["value"]
    key = SearchUtils.translate_key_alias(parsed["key"])
    if SearchUtils.is_string_attribute(kind, key, comparator) or SearchUtils.is_numeric_attribute(
        kind, key, comparator
    ):
        return parameters.comparison(_ATTRIBUTES[key], comparator, value)
    if SearchUtils.is_dataset(kind, comparator):
        holds = parameters.comparison(_DATASET[key], comparator, value)
        return f"EXISTS (SELECT 1 FROM dataset d WHERE d.run_id = r.run_id AND {holds})"
    is_metric = SearchUtils.is_metric(kind, comparator)
    if is_metric:
        alias = joined.metric(key)
        there, column = f"{alias}.run_id", f"{alias}.last"
    elif SearchUtils.is_param(kind, comparator):
        alias = joined.param(key)
        is_word = comparator == "=" and not _may_be_json(value)
        there, column = f"{alias}.run_id", f"{alias}.text" if is_word else param_text(alias)
    elif SearchUtils.is_tag(kind, comparator):
        there = column = joined.tag(key)
    else:
        raise invalid(f"Invalid search expression type '{kind}'")
    if comparator in ("IS NULL", "IS NOT NULL"):
        return f"{there} {comparator}"
    if not is_metric:
        return f"({there} IS NOT NULL AND {parameters.comparison(column, comparator, value)})"
    holds = parameters.comparison(column, comparator, float(value))
    # Nothing compares with NaN, and everything differs from it.
    return f"({holds} OR isnan({column}))" if comparator == "!=" else f"({holds} AND NOT isnan({column}))"


def _may_be_json(text: str) -> bool:
    """Whether a text may be what `param_text` makes of something that is no text."""
    try:
        float(text)
    except ValueError:
        return text in ("True", "False", "None", "true", "false")
    return True


def _order(order_by: Sequence[str] | None, joined: _Joined) -> list[str]:
    """Sort keys: what is missing comes last in either direction, NaN after every number."""
    keys: list[str] = []
    seen = set()
    for clause in order_by or []:
        kind, key, ascending = SearchUtils.parse_order_by_for_search_runs(clause)
        key = SearchUtils.translate_key_alias(key)
        late = None
        if SearchUtils.is_string_attribute(kind, key, "=") or SearchUtils.is_numeric_attribute(kind, key, "="):
            value = _ATTRIBUTES[key]
        elif SearchUtils.is_metric(kind, "="):
            value = f"{joined.metric(key)}.last"
            late = f"CASE WHEN isnan({value}) THEN 1 WHEN {value} IS NULL THEN 2 ELSE 0 END"
        elif SearchUtils.is_param(kind, "="):
            alias = joined.param(key)
            value, late = param_text(alias), f"({alias}.run_id IS NULL)::INTEGER"
        elif SearchUtils.is_tag(kind, "="):
            value = joined.tag(key)
        else:
            raise invalid(f"Invalid identifier type '{kind}'")
        if (kind, key) in seen:
            raise MlflowException(f"`order_by` contains duplicate fields: {order_by}")
        seen.add((kind, key))
        keys += [late or f"({value} IS NULL)::INTEGER", f"{value} {'ASC' if ascending else 'DESC'}"]
    if ("attribute", "start_time") not in seen:
        keys.append("epoch_ms(r.started_at) DESC")
    return [*keys, "r.uid"]
