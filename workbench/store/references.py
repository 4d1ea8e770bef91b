"""Which run a person means: by id, the first digits of it, name, or `@latest~2`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.base.errors import AmbiguousNameError, RunNotFoundError
from workbench.base.ids import RUN_ID_LENGTH, is_run_id
from workbench.base.numbers import format_age
from workbench.store.fields import time_of
from workbench.store.hints import near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

MIN_PREFIX = 4
MAX_CANDIDATES = 5
_LATEST = re.compile(r"@latest(?:~(\d{1,9}))?")
_HEX = re.compile(rf"[0-9a-f]{{1,{RUN_ID_LENGTH}}}")
_NEWEST_FIRST = "ORDER BY started_at DESC NULLS LAST, uid"


def resolve_run(db: Connection, reference: str, *, deleted: bool = False) -> str:
    """The id of the run that `reference` names.

    Args:
        reference: a run id; a unique prefix of at least 4 digits; a unique name; `@latest`, or `@latest~2` for the
            one two before it.
        deleted: runs in the trash count as well.

    Raises:
        RunNotFoundError: no run is named so.
        AmbiguousNameError: several runs are; the message lists them, newest first.
    """
    scope = "true" if deleted else "NOT coalesce(deleted, false)"
    latest = _LATEST.fullmatch(reference)
    if latest is not None:
        return _latest(db, reference, int(latest[1] or 0), scope)
    prefix = reference.lower()
    is_prefix = len(prefix) >= MIN_PREFIX and _HEX.fullmatch(prefix) is not None
    found = db.execute(
        f"SELECT uid, name, started_at FROM run WHERE {scope} AND (name = $1 OR ($2 AND starts_with(uid, $3)))"
        f" {_NEWEST_FIRST}",
        [_storable(reference), is_prefix, prefix if is_prefix else ""],
    ).fetchall()
    if not found:
        raise _not_found(db, reference, scope)
    if len(found) > 1 and not is_run_id(prefix):
        raise _ambiguous(reference, found)
    return next((uid for uid, _, _ in found if uid == prefix), str(found[0][0]))


def resolve_runs(db: Connection, references: Sequence[str], *, deleted: bool = False) -> list[str]:
    """The ids of the runs that the references name, each once, in their order.

    Raises: as `resolve_run`.
    """
    return list(dict.fromkeys(resolve_run(db, reference, deleted=deleted) for reference in references))


def _latest(db: Connection, reference: str, back: int, scope: str) -> str:
    rows = db.execute(f"SELECT uid FROM run WHERE {scope} {_NEWEST_FIRST} LIMIT 1 OFFSET {back}").fetchall()
    if rows:
        return str(rows[0][0])
    [(count,)] = db.execute(f"SELECT count(*) FROM run WHERE {scope}").fetchall()
    if not count:
        raise RunNotFoundError("there are no runs yet", "workbench run -- python train.py, or workbench demo")
    raise RunNotFoundError(f"{reference} goes back too far: there are {count} runs", "workbench runs list")


def _not_found(db: Connection, reference: str, scope: str) -> RunNotFoundError:
    trashed = db.execute(
        "SELECT uid FROM run WHERE deleted AND (uid = $1 OR name = $1) LIMIT 1", [_storable(reference)]
    ).fetchall()
    if trashed:
        return RunNotFoundError(f"{reference} is in the trash", f"workbench runs restore {trashed[0][0][:8]}")
    if _HEX.fullmatch(reference.lower()) and len(reference) < MIN_PREFIX:
        return RunNotFoundError(f"no run is named {reference}", f"give at least {MIN_PREFIX} digits of an id")
    names = [name for (name,) in db.execute(f"SELECT DISTINCT name FROM run WHERE {scope} LIMIT 20000").fetchall()]
    hint = near_matches(reference, [name for name in names if name]) or "workbench runs list"
    return RunNotFoundError(f"no run has the id or name {reference}", hint)


def _ambiguous(reference: str, found: Sequence[tuple[str, str, datetime | None]]) -> AmbiguousNameError:
    now = time_of(now_us())
    length = _distinct_length([uid for uid, _, _ in found])
    shown = [
        f"{uid[:length]} {name} ({format_age((now - started_at).total_seconds() if started_at else None)})"
        for uid, name, started_at in found[:MAX_CANDIDATES]
    ]
    more = f" and {len(found) - MAX_CANDIDATES} more" if len(found) > MAX_CANDIDATES else ""
    return AmbiguousNameError(
        f"{reference} names {len(found)} runs: {', '.join(shown)}{more}",
        f"use an id, such as {found[0][0][:length]} for the newest",
    )


def _distinct_length(uids: Sequence[str]) -> int:
    """How many digits tell these ids apart, at least 8."""
    for length in range(8, RUN_ID_LENGTH):
        if len({uid[:length] for uid in uids}) == len(uids):
            return length
    return RUN_ID_LENGTH


def _storable(text: str) -> str:
    """Text that can be a parameter; what no database can hold equals nothing in it."""
    return text.encode("utf-8", "backslashreplace").decode()
