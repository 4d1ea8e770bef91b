"""Purging: the one way to remove runs for good, with their journals and the contents only they hold.

Deleting a run only hides it. A purge first writes a tombstone, so that a kill half-way or a copy of
a journal that comes back from another machine cannot bring half a run back; running it again
finishes the work. A run that a registered model came from is not purged: the model's files are the run's.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass

from duckdb import DuckDBPyConnection as Connection

from workbench.base.errors import RefusedError, StillReferencedError
from workbench.journal.layout import journals_of
from workbench.store.blobs import BlobStore
from workbench.store.registrations import registered_from
from workbench.store.store import Store
from workbench.store.writing import write_events


@dataclass
class PurgePlan:
    """What a purge removes: runs, journals with their bytes, and contents that no other run refers to."""

    run_ids: list[str]
    names: list[str]
    journal_paths: list[str]
    journal_bytes: int
    contents: list[str]
    content_bytes: int


def plan_purge(store: Store, uids: Sequence[str]) -> PurgePlan:
    """What purging the runs `uids` would remove.

    Raises:
        RefusedError: a run is not deleted yet, or still runs.
        StillReferencedError: versions of registered models that are not deleted came from a run.
    """
    with store.reading() as db:
        rows = db.execute(
            "SELECT uid, name, status, deleted FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[])) ORDER BY uid",
            [list(uids)],
        ).fetchall()
        for uid, name, status, deleted in rows:
            if status == "running":
                raise RefusedError(f"{name} ({uid[:8]}) is still running", "end it first")
            if not deleted:
                raise RefusedError(f"{name} ({uid[:8]}) is not deleted", f"workbench runs delete {uid[:8]}")
        _check_unregistered(db, {uid: name for uid, name, _, _ in rows})
        contents = _contents_of_only(db, uids)
        purged = db.execute(
            "SELECT uid FROM run_key WHERE purged AND uid IN (SELECT unnest($1::VARCHAR[]))", [list(uids)]
        ).fetchall()
    paths = [path for uid, *_ in rows + purged for path in journals_of(store.project.journal_dir, uid)]
    blobs = BlobStore(store.project)
    present = {sha256: blobs.path_of(sha256) for sha256 in contents if os.path.exists(blobs.path_of(sha256))}
    return PurgePlan(
        run_ids=[row[0] for row in rows],
        names=[row[1] for row in rows],
        journal_paths=paths,
        journal_bytes=sum(os.path.getsize(path) for path in paths),
        contents=sorted(present),
        content_bytes=sum(os.path.getsize(path) for path in present.values()),
    )


def purge(store: Store, plan: PurgePlan) -> None:
    """Carry out `plan`: tombstones first, then files.

    Raises:
        StillReferencedError: a version was registered from a run since the plan was made.
    """
    if plan.run_ids:  # else an earlier, interrupted purge has written them
        with store.reading() as db:  # nobody registers a version meanwhile
            _check_unregistered(db, dict(zip(plan.run_ids, plan.names, strict=True)))
            write_events(store.project, [{"e": "purge", "run": uid} for uid in plan.run_ids])
        store.ingest()
    blobs = BlobStore(store.project)
    for path in [*plan.journal_paths, *(blobs.path_of(sha256) for sha256 in plan.contents)]:
        try:
            os.unlink(path)
        except FileNotFoundError:  # an earlier, interrupted purge got this far
            continue


def _check_unregistered(db: Connection, names: dict[str, str]) -> None:
    """Raise where a version came from one of these runs; names by id."""
    for uid, versions in registered_from(db, list(names)).items():
        raise StillReferencedError(
            f"{names[uid]} ({uid[:8]}) cannot be purged: {', '.join(versions)} came from it",
            f"delete what it made first: workbench models delete {' '.join(versions)}",
        )


def _contents_of_only(db: Connection, uids: Sequence[str]) -> list[str]:
    rows = db.execute(
        """
        WITH reference AS (
            SELECT run_id, sha256 FROM artifact WHERE sha256 IS NOT NULL
            UNION SELECT run_id, unnest(regexp_extract_all(value, '[0-9a-f]{64}')) FROM capture
            UNION SELECT run_id, unnest(regexp_extract_all(detail, '[0-9a-f]{64}')) FROM dataset)
        SELECT sha256 FROM reference JOIN run USING (run_id)
        WHERE sha256 NOT IN (SELECT unnest(regexp_extract_all(value, '[0-9a-f]{64}')) FROM entity_field
            WHERE value IS NOT NULL)
        GROUP BY sha256 HAVING bool_and(uid IN (SELECT unnest($1::VARCHAR[])))
        """,
        [list(uids)],
    ).fetchall()
    return [row[0] for row in rows]
