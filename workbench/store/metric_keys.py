"""Which metrics runs have, and the store's numbers for their names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.base.errors import MetricNotFoundError
from workbench.store.hints import near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

MAX_SHOWN = 8
_OF_RUNS = """
    SELECT key_id, name FROM metric_key WHERE key_id IN (SELECT key_id FROM metric_summary WHERE run_id IN
        (SELECT run_id FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))))
"""


def metric_names(db: Connection, uid: str) -> list[str]:
    """The names of a run's metrics, by letter."""
    return sorted(metric_keys(db, [uid]).values())


def metric_keys(db: Connection, uids: Sequence[str], keys: Sequence[str] | None = None) -> dict[int, str]:
    """Number and name of the metrics that at least one of the runs has.

    Args:
        keys: only these; None is all.

    Raises:
        MetricNotFoundError: none of the runs has one of the keys; the hint names those that look like it.
    """
    if keys is None:
        return dict(db.execute(_OF_RUNS, [list(uids)]).fetchall())
    wanted = [without_surrogates(key) for key in keys]
    only = " AND name IN (SELECT unnest($2::VARCHAR[]))"  # a run may have 100,000 others
    found: dict[int, str] = dict(db.execute(_OF_RUNS + only, [list(uids), wanted]).fetchall())
    missing = [key for key, name in zip(keys, wanted, strict=True) if name not in found.values()]
    if missing:
        available = sorted(metric_keys(db, uids).values())
        shown = ", ".join(available[:MAX_SHOWN]) + (" …" if len(available) > MAX_SHOWN else "")
        hint = near_matches(missing[0], available) or (f"known: {shown}" if available else "nothing is logged yet")
        who = f"run {uids[0][:8]} has no" if len(uids) == 1 else "none of the runs has a"
        raise MetricNotFoundError(f"{who} metric {missing[0]}", hint)
    return found


def metric_order(db: Connection, uids: Sequence[str]) -> list[str]:
    """The names of all metrics of runs, those that people look at first in front.

    Metrics of the machine come last, before them those that were logged once; of the others, those of most runs come
    first, then those with the fewest parts, then by name.
    """
    rows = db.execute(
        """
        SELECT name FROM metric_key JOIN (
            SELECT key_id, count(*) AS runs, max(n) = 1 AS once FROM metric_summary WHERE run_id IN
                (SELECT run_id FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))) GROUP BY key_id) USING (key_id)
        ORDER BY starts_with(name, 'system/'), once, runs DESC, length(name) - length(replace(name, '/', '')), name
        """,
        [list(uids)],
    ).fetchall()
    return [name for (name,) in rows]


def without_surrogates(name: str) -> str:
    """The name as it was recorded: no store can hold a lone surrogate."""
    return name.encode("utf-8", "backslashreplace").decode()
