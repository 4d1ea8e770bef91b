"""What describes a store as a whole: counts, and the runs that people have marked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.store.fields import STATUSES

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def count_by_status(db: Connection) -> dict[str, int]:
    """The number of runs outside the trash for each of STATUSES, zeros included."""
    rows = db.execute("SELECT status, count(*) FROM run WHERE NOT deleted GROUP BY status").fetchall()
    return {**dict.fromkeys(STATUSES, 0), **dict(rows)}


def count_runs(db: Connection) -> int:
    """The number of runs outside the trash."""
    return sum(count_by_status(db).values())


def experiments(db: Connection) -> list[tuple[str, int]]:
    """Each experiment and how many of its runs are outside the trash, the one with the newest run first."""
    return db.execute(
        "SELECT experiment, count(*) FROM run WHERE NOT deleted GROUP BY experiment"
        " ORDER BY max(started_at) DESC NULLS LAST, experiment"
    ).fetchall()


def marked_runs(db: Connection) -> dict[str, tuple[bool, bool]]:
    """Whether each run that is pinned or starred is pinned, and whether it is starred, by run id."""
    rows = db.execute(
        "SELECT uid, coalesce(pinned, false), coalesce(starred, false) FROM run WHERE pinned OR starred"
    ).fetchall()
    return {uid: (pinned, starred) for uid, pinned, starred in rows}


def count_gaps(db: Connection) -> int:
    """The number of places in journals where bytes are lost; the torn last block of a killed writer is none."""
    rows = db.execute("SELECT count(*) FROM gap WHERE reason <> 'torn tail'").fetchall()
    return int(rows[0][0])
