"""Runs as JSON documents: everything known of a run, in the shape that scripts rely on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.errors import RunNotFoundError
from workbench.store.dataset_versions import registered_as
from workbench.store.fields import DURATION, time_of
from workbench.store.listing import PAGE_SQL, decoder
from workbench.store.matching import RunQuery, matching
from workbench.store.registrations import registered_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

SYSTEM_PREFIX = "system/"
_RUN = (
    "uid, name, experiment, status, started_at, ended_at, {duration}, parent_uid, git_commit, git_branch, git_dirty,"
    " command, cwd, user_name, host, python, exit_code, error, deleted, starred, pinned, note"
)


def run_documents(db: Connection, run_ids: Sequence[str] | None, query: RunQuery | None = None) -> list[dict[str, Any]]:
    """The documents of these runs, or of those on a query's page, in a constant number of statements.

    Args:
        run_ids: full ids, in the order wanted; None takes the runs of `query`.
        query: which runs; its columns play no part.

    Returns:
        Dicts of plain JSON values, but for floats that may be NaN or infinite. Times are ISO 8601 UTC with `Z`.
        `metrics` has the last value of each metric, `system_metrics` those whose names begin with `system/`, `models`
        the names of versions that were registered from the run.
        Runs asked for by id carry `captures` as well: what was recorded of git, the environment and the like.

    Raises:
        RunNotFoundError: there is no run with one of the ids.
        FilterError: the query's filter or a sort key cannot be understood.
    """
    ids = matching(db, query or RunQuery()).ids if run_ids is None else _local_ids(db, run_ids)
    if not ids:
        return []

    def rows(columns: str, source: str) -> list[tuple[Any, ...]]:
        sql = f"{PAGE_SQL}SELECT {columns} FROM {source}"
        parameters: dict[str, Any] = {"ids": list(dict.fromkeys(ids))}
        return db.execute(sql, parameters | ({"now": time_of(now_us())} if "$now" in sql else {})).fetchall()

    decode = decoder()
    params: dict[int, dict[str, Any]] = defaultdict(dict)
    for run_id, name, value in rows("run_id, name, value", "param SEMI JOIN page USING (run_id) ORDER BY t, seq, name"):
        params[run_id][name] = decode(value)
    tags: dict[int, dict[str, str]] = defaultdict(dict)
    for run_id, name, value in rows(
        "run_id, name, value", "tag SEMI JOIN page USING (run_id) WHERE value IS NOT NULL ORDER BY name"
    ):
        tags[run_id][name] = value
    metrics: dict[int, dict[str, float]] = defaultdict(dict)
    system: dict[int, dict[str, float]] = defaultdict(dict)
    summary = "metric_summary SEMI JOIN page USING (run_id) JOIN metric_key USING (key_id)"
    for run_id, name, value in rows("run_id, name, last", f"{summary} ORDER BY name"):
        (system if name.startswith(SYSTEM_PREFIX) else metrics)[run_id][name] = value
    artifacts: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for run_id, *cells in rows(
        "run_id, path, kind, size, sha256",
        "artifact SEMI JOIN page USING (run_id) WHERE sha256 IS NOT NULL ORDER BY path",
    ):
        artifacts[run_id].append(dict(zip(("path", "kind", "size", "sha256"), cells, strict=True)))
    datasets: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for run_id, *cells, detail in rows(
        "run_id, name, digest, path, size, format, detail", "dataset SEMI JOIN page USING (run_id) ORDER BY name"
    ):
        document = dict(zip(("name", "digest", "path", "size", "format"), cells, strict=True))
        more = decode(detail)
        datasets[run_id].append((more if isinstance(more, dict) else {}) | document)
    named = registered_as(db, (one["digest"] for used in datasets.values() for one in used if one["digest"]))
    for one in (one for used in datasets.values() for one in used if one["digest"] in named):
        one["registered"] = named[one["digest"]]

    columns = _RUN.format(duration=DURATION)
    documents = {
        run_id: _document(cells, decode(cells[11]))
        | {
            "params": params[run_id],
            "metrics": metrics[run_id],
            "system_metrics": system[run_id],
            "tags": tags[run_id],
            "artifacts": artifacts[run_id],
            "datasets": datasets[run_id],
        }
        for run_id, *cells in rows(f"run_id, {columns}", "run r SEMI JOIN page USING (run_id)")
    }
    registered = registered_from(db, [document["run_id"] for document in documents.values()])
    for document in documents.values():
        document["models"] = registered.get(document["run_id"], [])
    if run_ids is not None:
        recorded: dict[int, dict[str, Any]] = defaultdict(dict)
        for run_id, name, value in rows("run_id, name, value", "capture SEMI JOIN page USING (run_id) ORDER BY name"):
            recorded[run_id][name] = decode(value)
        for run_id, document in documents.items():
            document["captures"] = recorded[run_id]
    return [documents[run_id] for run_id in ids]


def _document(cells: Sequence[Any], command: Any) -> dict[str, Any]:
    (
        uid, name, experiment, status, started_at, ended_at, duration_s, parent, commit, branch, dirty,
        _, cwd, user, host, python, exit_code, error, deleted, starred, pinned, note,
    ) = cells  # fmt: skip
    return {
        "run_id": uid,
        "name": name,
        "experiment": experiment,
        "status": status,
        "started_at": iso(started_at),
        "ended_at": iso(ended_at),
        "duration_s": duration_s,
        "params": {},
        "metrics": {},
        "tags": {},
        "git": None if commit is None else {"commit": commit, "branch": branch, "dirty": dirty},
        "parent_run_id": parent,
        "source": {"command": command if isinstance(command, list) else [], "cwd": cwd},
        "artifacts": [],
        "datasets": [],
        "models": [],
        "deleted": bool(deleted),
        "starred": bool(starred),
        "pinned": bool(pinned),
        "note": note or "",
        "user": user,
        "host": host,
        "python": python,
        "exit_code": exit_code,
        "error": error,
    }


def iso(moment: datetime | None) -> str | None:
    """A time of the store as ISO 8601 UTC with `Z` and microseconds."""
    return None if moment is None else moment.isoformat(timespec="microseconds") + "Z"


def _local_ids(db: Connection, run_ids: Sequence[str]) -> list[int]:
    sql = "SELECT uid, run_id FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))"
    known = dict(db.execute(sql, [list(run_ids)]).fetchall())
    for uid in run_ids:
        if uid not in known:
            raise RunNotFoundError(f"there is no run {uid}", "workbench runs list")
    return [known[uid] for uid in run_ids]
