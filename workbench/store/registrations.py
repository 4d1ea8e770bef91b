"""Which versions of registered models came from which runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_RUN_IN_A_SOURCE = r"/([0-9a-f]{32})\b"
"""The id in `runs:/ID/model` and in `…/ID/artifacts/model`."""


def registered_from(db: Connection, uids: Sequence[str]) -> dict[str, list[str]]:
    """Names of the versions that are not deleted and were made by a run or have their files there: `fraud/3`.

    Args:
        uids: ids of runs.

    Returns:
        Names by the id of the run, in the order of models and numbers; runs without versions are left out.
    """
    if not db.execute("SELECT 1 FROM version LIMIT 1").fetchall():
        return {}  # most projects have none, and need not wait for the question
    rows = db.execute(
        f"""
        WITH named AS (
            SELECT m.name, v.number, unnest(list_append(regexp_extract_all(
                concat_ws(' ', v.source, v.storage_location), '{_RUN_IN_A_SOURCE}', 1), v.run)) AS uid
            FROM version v JOIN model m ON m.id = v.model WHERE v.deleted IS NOT true AND m.deleted IS NOT true)
        SELECT DISTINCT uid, name, number FROM named WHERE uid IN (SELECT unnest($1::VARCHAR[])) ORDER BY ALL
        """,
        [list(uids)],
    ).fetchall()
    found = defaultdict(list)
    for uid, name, number in rows:
        found[uid].append(f"{name}/{number}")
    return dict(found)


def registered_logged_models(db: Connection, ids: Sequence[str]) -> set[str]:
    """Which of these MLflow logged models are versions that are not deleted."""
    rows = db.execute(
        "SELECT DISTINCT v.model_id FROM version v JOIN model m ON m.id = v.model "
        "WHERE v.deleted IS NOT true AND m.deleted IS NOT true AND v.model_id IN (SELECT unnest($1::VARCHAR[]))",
        [list(ids)],
    ).fetchall()
    return {row[0] for row in rows}
