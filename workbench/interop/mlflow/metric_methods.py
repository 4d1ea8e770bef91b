"""Metrics of the tracking store: logged in a microsecond's journal write, read back whole or sampled."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlflow.entities import Metric, Param, RunTag
from mlflow.entities.metric import MetricWithRunId
from mlflow.exceptions import MlflowException
from mlflow.store.entities.paged_list import PagedList
from mlflow.utils.search_utils import SearchUtils
from mlflow.utils.validation import (
    _validate_batch_log_data,
    _validate_batch_log_limits,
    _validate_metric,
    _validate_param_keys_unique,
    _validate_run_id,
)

from workbench.interop.mlflow.logged_models import metric_fields
from workbench.interop.mlflow.pages import page, without_collecting
from workbench.interop.mlflow.run_methods import RunMethods
from workbench.interop.mlflow.runs import tag_events
from workbench.store.entities import entity_events

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_VALUE = "CASE WHEN isnan(value) THEN 0 ELSE value END"
"""What a value counts as where points are put in order: MLflow's SQL store keeps 0 for NaN."""


class MetricMethods(RunMethods):
    """Methods of `TrackingStore` about metrics; `AbstractStore` describes them."""

    def log_metric(self, run_id: str, metric: Metric) -> None:
        """See `AbstractStore`."""
        _validate_metric(metric.key, metric.value, metric.timestamp, metric.step)
        point = (metric.key, metric.value, metric.step, metric.timestamp * 1000)
        self.place.journals.points(run_id, [point])
        if metric.model_id is not None:
            self._log_model_metrics(run_id, [metric])

    def log_batch(
        self, run_id: str, metrics: Sequence[Metric], params: Sequence[Param], tags: Sequence[RunTag]
    ) -> None:
        """See `AbstractStore`."""
        _validate_run_id(run_id)
        metrics, params, tags = _validate_batch_log_data(metrics, params, tags)
        _validate_batch_log_limits(metrics, params, tags)
        _validate_param_keys_unique(params)
        self.place.journals.check(run_id)
        if params:
            with self.place.visit() as db:
                self.place.journals.events(run_id, self.param_events(db, run_id, params), works=True)
        if metrics:
            points = [(m.key, m.value, m.step, m.timestamp * 1000) for m in metrics]
            self.place.journals.points(run_id, points)
            self._log_model_metrics(run_id, metrics)
        self.place.journals.events(run_id, [event for tag in tags for event in tag_events(tag.key, tag.value)])

    def get_metric_history(
        self, run_id: str, metric_key: str, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Metric]:
        """See `AbstractStore`."""
        max_results = max_results or None  # older servers of MLflow's say 0 where no limit is asked for
        offset = SearchUtils.parse_start_offset_from_page_token(page_token)
        with self.place.visit() as db:
            limit = "" if max_results is None else f"LIMIT {int(max_results) + 1}"
            columns = db.execute(
                f"SELECT DISTINCT epoch_ms(ts) AS t, step, value {_POINTS} "
                f"ORDER BY t, step, {_VALUE}, isnan(value) {limit} OFFSET {int(offset)}",
                [run_id, metric_key],
            ).fetchnumpy()
        return page(_entities(metric_key, columns), offset, max_results)

    def get_metric_history_bulk(
        self, run_ids: Sequence[str], metric_key: str, max_results: int
    ) -> list[MetricWithRunId]:
        """All values of a metric of several runs, by run, time, step and value."""
        with self.place.visit() as db:
            rows = db.execute(
                "SELECT DISTINCT r.uid, value, epoch_ms(ts) AS t, step FROM metric JOIN run r USING (run_id) "
                "WHERE r.uid IN (SELECT unnest($uids::VARCHAR[])) "
                "AND key_id = (SELECT key_id FROM metric_key WHERE name = $name) "
                f"ORDER BY r.uid, t, step, {_VALUE} LIMIT $limit",
                {"uids": list(run_ids), "name": metric_key, "limit": max_results},
            ).fetchall()
        return [MetricWithRunId(Metric(metric_key, value, when, step), uid) for uid, value, when, step in rows]

    def get_max_step_for_metric(self, run_id: str, metric_key: str) -> int:
        """The greatest step of a metric; 0 where there is none."""
        with self.place.visit() as db:
            [(step,)] = db.execute(f"SELECT max(step) {_POINTS}", [run_id, metric_key]).fetchall()
        return step or 0

    def get_metric_history_bulk_interval_from_steps(
        self, run_id: str, metric_key: str, steps: Sequence[int], max_results: int
    ) -> list[MetricWithRunId]:
        """See `AbstractStore`."""
        with self.place.visit() as db:
            rows = db.execute(
                f"SELECT DISTINCT value, epoch_ms(ts) AS t, step {_POINTS} AND step IN (SELECT unnest(?::BIGINT[])) "
                f"ORDER BY step, t, {_VALUE} LIMIT ?",
                [run_id, metric_key, list(steps), max_results],
            ).fetchall()
        return [MetricWithRunId(Metric(metric_key, value, when, step), run_id) for value, when, step in rows]

    def get_metric_history_bulk_interval(
        self,
        run_ids: Sequence[str],
        metric_key: str,
        max_results: int,
        start_step: int | None,
        end_step: int | None,
    ) -> list[MetricWithRunId]:
        """See `AbstractStore`: at most `max_results` points of each run, evenly spaced, the last one among them."""
        if (start_step is None) != (end_step is None):
            raise MlflowException.invalid_parameter_value(
                "Both start_step and end_step must be specified together, or neither may be specified."
            )
        with self.place.visit() as db:
            return [
                MetricWithRunId(Metric(metric_key, value, when, step), run_id)
                for run_id in run_ids
                for value, when, step in _sample(db, run_id, metric_key, max(1, max_results), start_step, end_step)
            ]

    def _log_model_metrics(self, run_id: str, metrics: Sequence[Metric]) -> None:
        events = [
            event
            for metric in metrics
            if metric.model_id is not None
            for event in entity_events("logged_model", metric.model_id, metric_fields(run_id, metric))
        ]
        self.place.journals.events(run_id, events)


_POINTS = """FROM metric WHERE run_id = (SELECT run_id FROM run WHERE uid = ?)
    AND key_id = (SELECT key_id FROM metric_key WHERE name = ?)"""


def _entities(key: str, columns: dict[str, Any]) -> list[Metric]:
    """Metrics made of columns `t`, `step` and `value`; a hundred thousand are usual."""
    whens, steps, values = (columns[name].tolist() for name in ("t", "step", "value"))
    with without_collecting():
        return [Metric(key, value, when, step) for value, when, step in zip(values, whens, steps, strict=True)]


def _sample(
    db: Connection, run_id: str, key: str, max_results: int, start_step: int | None, end_step: int | None
) -> list[tuple[float, int, int]]:
    """`(value, milliseconds, step)`: the first point of each of `max_results` equal parts, and the last of all."""
    within = "" if start_step is None or end_step is None else f"AND step BETWEEN {int(start_step)} AND {int(end_step)}"
    order = f"step, t, {_VALUE}, isnan(value)"
    rows = db.execute(
        f"""
        WITH points AS (SELECT DISTINCT value, epoch_ms(ts) AS t, step {_POINTS} {within}),
            parts AS (SELECT *, ntile({int(max_results)}) OVER (ORDER BY {order}) AS part,
                row_number() OVER (ORDER BY {order}) = count(*) OVER () AS is_last FROM points)
        SELECT value, t, step, is_last FROM parts
        QUALIFY is_last OR row_number() OVER (PARTITION BY part ORDER BY {order}) = 1 ORDER BY {order}
        """,
        [run_id, key],
    ).fetchall()
    if len(rows) > max_results:
        del rows[-2]
    return [(value, when, step) for value, when, step, _ in rows]
