"""The metrics of runs: which there are, their summaries, every point of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.store.curves import Curve, curve, curves
from workbench.store.metric_keys import metric_keys, metric_names
from workbench.store.recent import recent_values

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

__all__ = ["Curve", "MetricSummary", "curve", "curves", "history", "metric_names", "recent_values", "summaries"]

Point = tuple[int, float, int]
"""Step, value (NaN and infinities too), microseconds since the epoch."""


@dataclass(frozen=True)
class MetricSummary:
    """One metric of a run in numbers.

    Attributes:
        name: the metric's name.
        points: how many values were logged.
        last, last_step: the value at the greatest step.
        first: the value at the least step.
        min, min_step, max, max_step: the extremes, NaN aside, and the first step that had each; None where all are NaN.
        mean: of the finite values; None where there are none.
    """

    name: str
    points: int
    last: float
    last_step: int
    first: float
    min: float | None
    min_step: int | None
    max: float | None
    max_step: int | None
    mean: float | None


def summaries(db: Connection, uid: str) -> list[MetricSummary]:
    """The summary of each metric of a run, by name."""
    rows = db.execute(
        "SELECT k.name, s.n, s.last, s.last_step, s.first, s.min, s.min_step, s.max, s.max_step,"
        " s.total / nullif(s.n_finite, 0) FROM metric_summary s JOIN metric_key k USING (key_id)"
        " WHERE s.run_id = (SELECT run_id FROM run WHERE uid = $1) ORDER BY k.name",
        [uid],
    ).fetchall()
    return [MetricSummary(*row) for row in rows]


def history(
    db: Connection,
    uids: Sequence[str],
    keys: Sequence[str] | None = None,
    *,
    after_step: int | None = None,
    limit: int | None = None,
    newest: bool = False,
) -> dict[str, dict[str, list[Point]]]:
    """Every point of metrics, by run id and metric name, ordered by step and time.

    Args:
        uids: run ids.
        keys: metric names; None is all that a run has. A run without one of them has no entry for it.
        after_step: only points of greater steps, to go on where the last page ended.
        limit: at most this many points of each metric.
        newest: with a limit, the last points rather than the first.

    Raises:
        MetricNotFoundError: none of the runs has one of the keys.
    """
    names = metric_keys(db, uids, keys)
    sql = "SELECT run_id, uid FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))"
    runs: dict[int, str] = dict(db.execute(sql, [list(uids)]).fetchall())
    parameters: dict[str, Any] = {"runs": list(runs), "keys": list(names)}
    sql = (
        "SELECT run_id, key_id, step, value, epoch_us(ts) FROM metric WHERE run_id IN (SELECT unnest($runs::INTEGER[]))"
        " AND key_id IN (SELECT unnest($keys::INTEGER[]))"
    )
    if after_step is not None:
        sql += " AND step > $after"
        parameters["after"] = after_step
    if limit is not None:
        way = "DESC" if newest else "ASC"
        sql += f" QUALIFY row_number() OVER (PARTITION BY run_id, key_id ORDER BY step {way}, ts {way}) <= {int(limit)}"
    points: dict[str, dict[str, list[Point]]] = {uid: defaultdict(list) for uid in uids}
    rows = db.execute(f"{sql} ORDER BY run_id, key_id, step, ts", parameters).fetchall()
    for run_id, key_id, step, value, time_us in rows:
        points[runs[run_id]][names[key_id]].append((step, value, time_us))
    order = {name: place for place, name in enumerate(keys if keys is not None else sorted(names.values()))}
    return {
        uid: {name: series[name] for name in sorted(series, key=order.__getitem__)} for uid, series in points.items()
    }
