"""Edits of runs after the fact: events in a journal of their own, on the disk when a function returns.

Nothing is overwritten. Every event names what it replaced, so that two people's edits of the same
thing can be told apart and any edit can be taken back with `undo`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import duckdb

from workbench.base.clock import now_us
from workbench.base.errors import InputError, StoreError
from workbench.base.project import Project
from workbench.store.store import Store
from workbench.store.writing import write_events

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Runs = str | Sequence[str]
"""One run id or several."""
Event = dict[str, object]


def set_tag(project: Project, runs: Runs, name: str, value: str, *, db: Connection | None = None) -> list[Event]:
    """Set a tag.

    Here and below:

    Args:
        project: whose journal receives the events.
        runs: ids of the runs to edit, all in one atomic block.
        db: an open visit to the store, to read what is replaced; without one, the store is visited.

    Returns:
        The events written, for `undo`; none for runs that were so already.

    Raises:
        InputError: the name is empty.
        StoreError: the journal cannot be written.
    """
    return _tag(project, runs, name, value, db)


def remove_tag(project: Project, runs: Runs, name: str, *, db: Connection | None = None) -> list[Event]:
    """Remove a tag. See `set_tag`."""
    return _tag(project, runs, name, None, db)


def set_note(project: Project, runs: Runs, note: str, *, db: Connection | None = None) -> list[Event]:
    """Replace the note; an empty one removes it. See `set_tag`."""
    return _set(project, runs, "note", note, db)


def set_name(project: Project, runs: Runs, name: str, *, db: Connection | None = None) -> list[Event]:
    """Give runs another name. See `set_tag`."""
    return _set(project, runs, "name", _required(name, "the name"), db)


def set_starred(project: Project, runs: Runs, starred: bool = True, *, db: Connection | None = None) -> list[Event]:
    """Star runs, or take the star away. See `set_tag`."""
    return _set(project, runs, "starred", starred, db)


def set_pinned(project: Project, runs: Runs, pinned: bool = True, *, db: Connection | None = None) -> list[Event]:
    """Make runs the baseline of comparisons, or no longer. See `set_tag`."""
    return _set(project, runs, "pinned", pinned, db)


def move(project: Project, runs: Runs, experiment: str, *, db: Connection | None = None) -> list[Event]:
    """Move runs to another experiment, which need not exist. See `set_tag`."""
    return _set(project, runs, "experiment", _required(experiment, "the experiment"), db)


def delete(project: Project, runs: Runs, *, db: Connection | None = None) -> list[Event]:
    """Put runs in the trash. See `set_tag`."""
    return _set(project, runs, "deleted", True, db)


def restore(project: Project, runs: Runs, *, db: Connection | None = None) -> list[Event]:
    """Take runs out of the trash. See `set_tag`."""
    return _set(project, runs, "deleted", False, db)


def undo(project: Project, events: Sequence[Event]) -> list[Event]:
    """Write the opposite of edits; those that do not know what they replaced are left out.

    Raises: as `set_tag`.
    """
    now = now_us()
    opposites = []
    for event in reversed(events):
        if "prev" in event:
            t = max(now, cast(int, event["t"]) + 1)
            opposites.append({**event, "value": event["prev"], "prev": event["value"], "t": t})
    return _write(project, opposites)


def _tag(project: Project, runs: Runs, name: str, value: str | None, db: Connection | None) -> list[Event]:
    _required(name, "the tag's name")
    sql = "SELECT uid, value, t FROM run LEFT JOIN (SELECT * FROM tag WHERE name = $name) USING (run_id)"
    return _write(project, _changes(runs, _present(project, runs, sql, name, db), {"e": "tag", "name": name}, value))


def _set(project: Project, runs: Runs, field: str, value: str | bool, db: Connection | None) -> list[Event]:
    empty = "false" if isinstance(value, bool) else "''"
    sql = (
        f"SELECT uid, coalesce(run.{field}, {empty}), t"
        " FROM run LEFT JOIN (SELECT run_id, t FROM run_field WHERE name = $name) USING (run_id)"
    )
    return _write(project, _changes(runs, _present(project, runs, sql, field, db), {"e": "set", "field": field}, value))


def _changes(runs: Runs, present: dict[str, tuple[object, int]], event: Event, value: object) -> list[Event]:
    """The events that are needed, each later than what it replaces: an edit wins over what its author saw."""
    now = now_us()
    changes: list[Event] = []
    for uid in dict.fromkeys(_ids(runs)):
        if uid not in present:
            changes.append({**event, "run": uid, "value": value, "t": now})
            continue
        before, t = present[uid]
        if before != value:
            changes.append({**event, "run": uid, "value": value, "prev": before, "t": max(now, t + 1)})
    return changes


def _present(project: Project, runs: Runs, sql: str, name: str, db: Connection | None) -> dict[str, tuple[object, int]]:
    """What the runs have now and since when, by id; empty where the store cannot be read: edits need only journals."""
    sql += " WHERE uid IN (SELECT unnest($uids::VARCHAR[]))"
    parameters = {"name": name, "uids": _ids(runs)}
    if db is not None:
        rows = db.execute(sql, parameters).fetchall()
    else:
        try:
            with Store(project).reading() as own:
                rows = own.execute(sql, parameters).fetchall()
        except (StoreError, duckdb.Error):
            rows = []
    return {uid: (value, t or 0) for uid, value, t in rows}


def _write(project: Project, events: Sequence[Event]) -> list[Event]:
    write_events(project, events)
    return list(events)


def _ids(runs: Runs) -> list[str]:
    return [runs] if isinstance(runs, str) else list(runs)


def _required(text: str, what: str) -> str:
    if not text.strip():
        raise InputError(f"{what} is empty")
    return text
