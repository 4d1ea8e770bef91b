"""Where a version comes from and what became of it: data → run → version → images → deployments → drift checks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.base.clock import iso_utc
from workbench.registry import models, versions
from workbench.registry.columns import LIVE_VERSIONS
from workbench.registry.dependants import DEPLOYMENT, DRIFT, IMAGE, MONITOR, Dependant, dependants_of
from workbench.registry.evidence import datasets_of, registered_evidence
from workbench.registry.records import Version
from workbench.registry.reviews import read_review
from workbench.store.dataset_versions import registered_as, runs_using

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

MAX_PARENTS = 100
MAX_RUNS = 20
"""Of those that used a dataset, whose models are followed."""
_PLURALS = {IMAGE: "images", DEPLOYMENT: "deployments", DRIFT: "drift", MONITOR: "monitors"}


def lineage_of(db: Connection, version: Version) -> dict[str, Any]:
    """What a version was made of and what was made of it.

    Returns:
        `version`: name, digest, status, author and time of the version itself.
        `from`: `datasets` as they were when it was registered (`name`, `digest`, `context`, and where there are any,
        `registered`, the versions of the project's datasets that are the same, `transactions@v3`); `run` (`run_id`,
        `name`, `experiment`, `status`, `git`, `parents` from the nearest to the first, `missing` where this store does
        not have it), None without one; `logged_model`; `source`, and `version` where that is another version.
        `to`: `aliases`; `copies`, versions that were registered from it; `same_run`, other versions of its run; and
        where there are any, `images`, `deployments`, `drift` and `monitors`, each with what was made of it.
    """
    model = models.get(db, version.name)
    shown = f"{version.name}/{version.number}"
    return {
        "version": {
            "version": shown,
            "digest": version.digest,
            "status": read_review(db, version).status,
            "user": version.user,
            "created_at": iso_utc(version.created_at_ms * 1000),
        },
        "from": {
            "datasets": _datasets(db, version),
            "run": _run(db, version.run) if version.run else None,
            "logged_model": version.logged_model,
            "source": version.source,
            "version": (version.source or "").removeprefix("models:/") if _is_copy(version) else None,
        },
        "to": {
            "aliases": model.aliases_of(version.number),
            "copies": _names(db, "source = $1", [f"models:/{shown}"]),
            "same_run": _names(db, "run = $1 AND id <> $2", [version.run, version.id]),
            **_made_of(dependants_of(db, [version.id]), version.id),
        },
    }


def lineage_of_data(db: Connection, digest: str) -> dict[str, Any]:
    """What was made of data: the runs that used it, the versions of models that came of them, and what those became.

    Args:
        digest: of the data, as runs record it.

    Returns:
        `count`: of all runs. `runs`: the newest `MAX_RUNS`, as `runs_using` has them, with `versions` in the place of
        `models`: `version`, `status`, `aliases`, and what there is of `images`, `deployments`, `drift` and `monitors`.
    """
    runs = runs_using(db, [digest]).get(digest, [])
    followed: list[dict[str, Any]] = []
    for run in runs[:MAX_RUNS]:
        found = [
            versions.get(db, name, int(number)) for name, _, number in (one.rpartition("/") for one in run["models"])
        ]
        dependants = dependants_of(db, [version.id for version in found]) if found else []
        followed.append(
            {
                **{key: value for key, value in run.items() if key != "models"},
                "versions": [
                    {
                        "version": f"{version.name}/{version.number}",
                        "status": read_review(db, version).status,
                        "aliases": models.get(db, version.name).aliases_of(version.number),
                        **_made_of(dependants, version.id),
                    }
                    for version in found
                ],
            }
        )
    return {"count": len(runs), "runs": followed}


def _is_copy(version: Version) -> bool:
    """Whether a version was registered from another one; `models:/m-…` is a logged model."""
    source = (version.source or "").removeprefix("models:/")
    return source != version.source and "/" in source


def _datasets(db: Connection, version: Version) -> list[dict[str, Any]]:
    used = registered_evidence(db, version).get("datasets")
    if not isinstance(used, list):
        used = datasets_of(db, version.run) if version.run else []
    names = registered_as(db, [str(one["digest"]) for one in used if one.get("digest")])
    return [one | {"registered": names[one["digest"]]} if one.get("digest") in names else one for one in used]


def _run(db: Connection, run_id: str) -> dict[str, Any]:
    """The run with its parents; `missing` where the store does not have it."""
    rows = db.execute(
        f"""
        WITH RECURSIVE line AS (
            SELECT uid, name, experiment, status, deleted, git_commit, git_branch, git_dirty, parent_uid, 0 AS depth
            FROM run WHERE uid = $1
            UNION ALL
            SELECT r.uid, r.name, r.experiment, r.status, r.deleted, r.git_commit, r.git_branch, r.git_dirty,
                r.parent_uid, depth + 1
            FROM run r JOIN line ON r.uid = line.parent_uid WHERE depth < {MAX_PARENTS})
        SELECT * FROM line ORDER BY depth
        """,
        [run_id],
    ).fetchall()
    if not rows:
        return {"run_id": run_id, "missing": True, "parents": []}
    uid, name, experiment, status, deleted, commit, branch, dirty, *_ = rows[0]
    parents = {row[0]: row[1] for row in rows[1:] if row[0] != uid}
    return {
        "run_id": uid,
        "name": name,
        "experiment": experiment,
        "status": status,
        "deleted": bool(deleted),
        "git": None if commit is None else {"commit": commit, "branch": branch, "dirty": dirty},
        "parents": [{"run_id": parent, "name": called} for parent, called in parents.items()],
    }


def _names(db: Connection, condition: str, parameters: Sequence[object]) -> list[str]:
    rows = db.execute(
        f"SELECT name || '/' || number FROM {LIVE_VERSIONS} WHERE {condition} ORDER BY name, number", list(parameters)
    ).fetchall()
    return [row[0] for row in rows]


def _made_of(dependants: Sequence[Dependant], of: str) -> dict[str, Any]:
    """What is made of one thing, by its kind in the plural; kinds of which there are none are left out."""
    made: dict[str, Any] = {}
    for one in dependants:
        if one.of == of:
            created_at = iso_utc(one.created_at_ms * 1000) if one.created_at_ms else None
            document = {"id": one.id, "name": one.name, "created_at": created_at, **_made_of(dependants, one.id)}
            made.setdefault(_PLURALS[one.kind], []).append(document)
    return made
