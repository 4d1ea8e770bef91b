"""Results of monitors: found by monitor, window and baseline, without reading the documents that they hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.base.jsonvalue import loads

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

RESULT = "monitor_result"
LARGE = ("document", "performance", "verdicts")
"""Fields of a result that lists do not need."""

_PLACED = """
    WITH theirs AS (
        SELECT id, value->>'$' AS monitor FROM entity_field WHERE kind = 'monitor_result' AND name = 'monitor'
            AND value IS NOT NULL AND value->>'$' IN (SELECT unnest($monitors::VARCHAR[]))),
    wide AS (
        SELECT t.monitor, f.id, max(f.value->>'$') FILTER (name = 'key') AS key,
            max(f.value->>'$') FILTER (name = 'verdict') AS verdict,
            max(f.value->>'$') FILTER (name = 'baseline') AS baseline,
            max(TRY_CAST(f.value AS BIGINT)) FILTER (name = 'position_us') AS position_us,
            coalesce(max(TRY_CAST(f.value AS BIGINT)) FILTER (name = 'first_row'), 0) AS first_row,
            max(TRY_CAST(f.value AS BIGINT)) FILTER (name = 'created_us') AS created_us
        FROM entity_field f JOIN theirs t USING (id)
        WHERE f.kind = 'monitor_result' AND f.value IS NOT NULL
            AND f.name IN ('key', 'verdict', 'baseline', 'position_us', 'first_row', 'created_us')
        GROUP BY ALL),
    placed AS (
        SELECT * FROM wide WHERE key IS NOT NULL AND position_us IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY monitor, key ORDER BY created_us DESC, id) = 1)
"""
"""The newest result of every window: one of a later baseline takes the place of the one before."""


def result_places(
    db: Connection, monitors: Iterable[str], *, divided: str = ""
) -> dict[str, list[tuple[str, str, str, int]]]:
    """Id, key, verdict and position (microseconds since the epoch) of every window's newest result, the oldest first.

    Args:
        monitors: ids.
        divided: only windows whose key begins so.

    Returns:
        By id of the monitor.
    """
    rows = db.execute(
        _PLACED + "SELECT monitor, id, key, verdict, position_us FROM placed WHERE starts_with(key, $divided) "
        "ORDER BY position_us, first_row, id",
        {"monitors": sorted(set(monitors)), "divided": divided},
    ).fetchall()
    found = defaultdict(list)
    for monitor, *rest in rows:
        found[monitor].append(tuple(rest))
    return dict(found)


def newest_results(db: Connection, monitor: str, limit: int | None, *, before_us: int | None = None) -> list[str]:
    """Ids of the newest results of a monitor's windows, the newest window first.

    Args:
        limit: at most so many; None is all.
        before_us: only windows whose position is earlier.
    """
    rows = db.execute(
        _PLACED + "SELECT id FROM placed WHERE position_us < coalesce($before, position_us + 1) "
        "ORDER BY position_us DESC, first_row DESC, id DESC LIMIT $limit",
        {"monitors": [monitor], "before": before_us, "limit": 2**31 if limit is None else limit},
    ).fetchall()
    return [row[0] for row in rows]


def results_with(db: Connection, monitor: str, baseline: str | None = None) -> dict[str, str]:
    """Ids of results by the key of their window: those of one baseline, or every one there ever was.

    Args:
        baseline: SHA-256 of the baseline.
    """
    rows = db.execute(
        _PLACED.partition("placed AS")[0].rstrip().rstrip(",") + " SELECT key, id FROM wide WHERE key IS NOT NULL "
        "AND baseline = coalesce($baseline, baseline)",
        {"monitors": [monitor], "baseline": baseline},
    ).fetchall()
    return {key if baseline is not None else result: result for key, result in rows}


def result_fields(db: Connection, ids: Sequence[str], names: Sequence[str] | None = None) -> dict[str, dict[str, Any]]:
    """Fields of results by id, in the order of `ids`.

    Args:
        names: which; None is all but the large ones.
    """
    which = f"name NOT IN {LARGE}" if names is None else "name IN (SELECT unnest($names::VARCHAR[]))"
    parameters: dict[str, object] = {"ids": list(ids)}
    if names is not None:
        parameters["names"] = list(names)
    rows = db.execute(
        f"SELECT id, name, value FROM entity_field WHERE kind = 'monitor_result' AND value IS NOT NULL AND {which} "
        "AND id IN (SELECT unnest($ids::VARCHAR[]))",
        parameters,
    ).fetchall()
    found: dict[str, dict[str, Any]] = {result: {} for result in ids}
    for result, name, value in rows:
        found[result][name] = loads(value)
    return {result: fields for result, fields in found.items() if fields}


def result_names(db: Connection, ids: Sequence[str]) -> dict[str, list[str]]:
    """The names of all fields of results: what is to be removed with them."""
    rows = db.execute(
        "SELECT id, list(name ORDER BY name) FROM entity_field WHERE kind = 'monitor_result' AND value IS NOT NULL "
        "AND id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY id",
        {"ids": list(ids)},
    ).fetchall()
    return dict(rows)


def latest_result_us(db: Connection, monitor: str) -> int:
    """When a result of a monitor was written last, microseconds since the epoch; 0 without any."""
    rows = db.execute(
        "SELECT coalesce(max(t), 0) FROM entity_field WHERE kind = 'monitor_result' AND id IN "
        "(SELECT id FROM entity_field WHERE kind = 'monitor_result' AND name = 'monitor' AND value->>'$' = $1)",
        [monitor],
    ).fetchall()
    return int(rows[0][0])
