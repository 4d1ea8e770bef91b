"""The course of metrics in a few values each, for sparklines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.store.metric_keys import without_surrogates

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

LONG = 50_000
"""Of a metric with more points than this, only the end of each part is looked at."""
_TAIL = 1 / 16


def recent_values(
    db: Connection, uid: str, *, limit: int = 60, keys: Sequence[str] | None = None
) -> dict[str, list[float]]:
    """The course of each metric of a run in at most `limit` values, for a sparkline, by metric name.

    The steps are cut into so many equal parts; of each part that has values, the one logged last is taken, or in a
    long metric the one logged last for the last steps of the part.

    Args:
        keys: only these; None is all. Those that the run does not have are left out.
    """
    rows = db.execute(
        "SELECT k.name, key_id, run_id, n, first_step, last_step FROM metric_summary s JOIN metric_key k USING (key_id)"
        " WHERE run_id = (SELECT run_id FROM run WHERE uid = $uid)"
        " AND ($keys IS NULL OR k.name IN (SELECT unnest($keys::VARCHAR[]))) ORDER BY k.name",
        {"uid": uid, "keys": None if keys is None else [without_surrogates(key) for key in keys]},
    ).fetchall()
    if not rows:
        return {}
    run_id = int(rows[0][2])
    long: dict[tuple[int, int], list[int]] = defaultdict(list)
    for _, key_id, _, points, first, last in rows:
        if points > LONG and last - first >= limit:
            long[first, last].append(key_id)
    values: dict[int, list[float]] = {}
    for (first, last), key_ids in long.items():
        values |= _tails(db, run_id, key_ids, first, last, limit)
    values |= _exact(db, run_id, [row[1] for row in rows if row[1] not in values], limit)
    return {name: values[key_id] for name, key_id, *_ in rows}


def _exact(db: Connection, run_id: int, key_ids: list[int], limit: int) -> dict[int, list[float]]:
    rows = db.execute(
        f"""
        WITH part AS (
            SELECT key_id, arg_max(value, ts) AS value,
                floor((step::DOUBLE - first_step) * $limit / (last_step::DOUBLE - first_step + 1)) AS place
            FROM metric JOIN metric_summary USING (run_id, key_id)
            WHERE run_id = {run_id} AND key_id IN (SELECT unnest($keys::INTEGER[])) GROUP BY key_id, place)
        SELECT key_id, list(value ORDER BY place) FROM part GROUP BY key_id
        """,
        {"keys": key_ids, "limit": limit},
    ).fetchall()
    return dict(rows)


def _tails(
    db: Connection, run_id: int, key_ids: list[int], first: int, last: int, limit: int
) -> dict[int, list[float]]:
    """The values of metrics over the same steps that have one at the end of every part."""
    rows = db.execute(
        f"""
        WITH part AS (
            SELECT key_id, floor(position) AS place, arg_max(value, ts) AS value
            FROM (SELECT key_id, ts, value, (step::DOUBLE - $first::DOUBLE) * $scale AS position FROM metric
                WHERE run_id = {run_id} AND key_id IN ({", ".join(str(int(key_id)) for key_id in key_ids)}))
            WHERE position - floor(position) >= $tail GROUP BY key_id, place)
        SELECT key_id, list(value ORDER BY place) FROM part GROUP BY key_id HAVING count(*) = $limit
        """,
        {"first": first, "scale": limit / (last - first + 1), "tail": 1 - _TAIL, "limit": limit},
    ).fetchall()
    return dict(rows)
