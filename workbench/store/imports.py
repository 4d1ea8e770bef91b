"""What earlier imports have left in the store: which state of its source a run was taken from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.jsonvalue import loads

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

CAPTURE = "import"
"""The capture of a run that says where it was imported from."""


@dataclass(frozen=True)
class StoredRun:
    """A run that the store knows.

    Attributes:
        imported: the value of its capture `import`; None where it was not imported.
        purged: it was deleted for good, and nothing that arrives brings it back.
    """

    imported: dict[str, object] | None
    purged: bool


def stored_runs(db: Connection, uids: Sequence[str]) -> dict[str, StoredRun]:
    """Those of `uids` that the store knows."""
    rows = db.execute(
        "SELECT k.uid, c.value, k.purged FROM run_key k LEFT JOIN capture c ON c.run_id = k.run_id AND c.name = $2 "
        "WHERE k.uid IN (SELECT unnest($1::VARCHAR[])) AND (k.purged OR k.run_id IN (SELECT run_id FROM run))",
        [list(uids), CAPTURE],
    ).fetchall()
    return {uid: StoredRun(_mapping(value), purged) for uid, value, purged in rows}


def _mapping(text: str | None) -> dict[str, object] | None:
    value = loads(text) if text is not None else None
    return value if isinstance(value, dict) else None
