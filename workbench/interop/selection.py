"""Which runs leave the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def run_ids_of(db: Connection, experiments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The runs of experiments, oldest first, and those experiments that have none; without experiments, all runs.

    Runs in the trash do not count.
    """
    rows = db.execute(
        "SELECT uid, experiment FROM run WHERE NOT coalesce(deleted, false) "
        "AND (len($1::VARCHAR[]) = 0 OR experiment IN (SELECT unnest($1::VARCHAR[]))) ORDER BY started_at, uid",
        [list(experiments)],
    ).fetchall()
    present = {experiment for _, experiment in rows}
    return [uid for uid, _ in rows], [name for name in experiments if name not in present]
