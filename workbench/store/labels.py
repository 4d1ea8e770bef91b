"""What runs are called, and little else, for pictures of many of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


@dataclass(frozen=True, slots=True)
class RunLabel:
    """A run in a legend.

    Attributes:
        uid: its id.
        name: its name, empty where it has none.
        status: as everywhere; see `store.fields.STATUSES`.
    """

    uid: str
    name: str
    status: str


def run_labels(db: Connection, uids: Sequence[str]) -> list[RunLabel]:
    """The labels of runs in the order of their ids, those in the trash too; ids that no run has are left out."""
    rows = db.execute(
        "SELECT uid, coalesce(name, ''), coalesce(status, '') FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))",
        [list(uids)],
    ).fetchall()
    known = {uid: RunLabel(uid, name, status) for uid, name, status in rows}
    return [known[uid] for uid in dict.fromkeys(uids) if uid in known]
