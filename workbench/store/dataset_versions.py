"""Registered versions of datasets, the runs that used them and the models that came of it: found by digest."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.jsonvalue import loads
from workbench.store.registrations import registered_from

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

DATASET = "dataset"
VERSION = "dataset_version"
LARGE = ("files", "columns", "notes")
"""Fields of a version that lists do not need."""


def version_fields(
    db: Connection, *, dataset: str | None = None, ids: Sequence[str] | None = None, whole: bool = False
) -> dict[str, dict[str, Any]]:
    """The fields of versions by id, removed ones included.

    Args:
        dataset: only those of the dataset with this id.
        ids: only these.
        whole: with those that are large.
    """
    where, parameters = ["kind = $kind", "value IS NOT NULL"], {"kind": VERSION}
    if not whole:
        where.append(f"name NOT IN {LARGE}")
    if ids is not None:
        where.append("id IN (SELECT unnest($ids::VARCHAR[]))")
        parameters["ids"] = list(ids)  # type: ignore[assignment]
    if dataset is not None:
        where.append(
            "id IN (SELECT id FROM entity_field WHERE kind = $kind AND name = 'dataset' AND value->>'$' = $dataset)"
        )
        parameters["dataset"] = dataset
    rows = db.execute(f"SELECT id, name, value FROM entity_field WHERE {' AND '.join(where)}", parameters).fetchall()
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for entity, name, value in rows:
        found[entity][name] = loads(value)
    return dict(found)


@dataclass(frozen=True, slots=True)
class DatasetOutline:
    """A dataset that has versions.

    Attributes:
        id, name: its own.
        newest: the id of its newest version.
        number: of that version.
        count: how many versions it has.
        digests: of all of them.
    """

    id: str
    name: str
    newest: str
    number: int
    count: int
    digests: tuple[str, ...]


def dataset_outlines(db: Connection) -> list[DatasetOutline]:
    """All datasets that have a version that is not removed, the one with the latest newest version first."""
    rows = db.execute(
        """
        WITH wide AS (
            SELECT id, max(value->>'$') FILTER (name = 'digest') AS digest,
                max(value->>'$') FILTER (name = 'dataset') AS dataset,
                max(TRY_CAST(value->>'$' AS BIGINT)) FILTER (name = 'number') AS number,
                max(TRY_CAST(value->>'$' AS BIGINT)) FILTER (name = 'created_us') AS created_us,
                coalesce(bool_or(name = 'removed_us'), false) AS removed
            FROM entity_field WHERE kind = 'dataset_version' AND value IS NOT NULL
                AND name IN ('digest', 'dataset', 'number', 'created_us', 'removed_us') GROUP BY id),
        outline AS (
            SELECT dataset, list(w ORDER BY number, coalesce(created_us, 0), id) AS versions
            FROM wide w WHERE NOT removed AND number IS NOT NULL GROUP BY dataset)
        SELECT o.dataset, d.value->>'$' AS called, versions[-1].id, versions[-1].number, len(versions),
            list_filter(list_transform(versions, lambda one: one.digest), lambda one: one IS NOT NULL)
        FROM outline o JOIN entity_field d ON d.kind = 'dataset' AND d.id = o.dataset AND d.name = 'name'
        ORDER BY coalesce(versions[-1].created_us, 0) DESC, called
        """
    ).fetchall()
    return [
        DatasetOutline(dataset, name, newest, number, count, tuple(digests))
        for dataset, name, newest, number, count, digests in rows
    ]


def registered_as(db: Connection, digests: Iterable[str]) -> dict[str, list[str]]:
    """Names of the versions that have these digests, `transactions@v3`, by digest; removed ones are left out."""
    wanted = sorted(set(digests))
    if not wanted:
        return {}
    rows = db.execute(
        """
        WITH wide AS (
            SELECT id, max(value->>'$') FILTER (name = 'digest') AS digest,
                max(value->>'$') FILTER (name = 'dataset') AS dataset,
                max(TRY_CAST(value->>'$' AS BIGINT)) FILTER (name = 'number') AS number,
                coalesce(bool_or(name = 'removed_us'), false) AS removed
            FROM entity_field WHERE kind = 'dataset_version' AND value IS NOT NULL
                AND name IN ('digest', 'dataset', 'number', 'removed_us') GROUP BY id)
        SELECT w.digest, d.value->>'$', w.number FROM wide w
        JOIN entity_field d ON d.kind = 'dataset' AND d.id = w.dataset AND d.name = 'name'
        WHERE NOT removed AND w.digest IN (SELECT unnest($1::VARCHAR[])) ORDER BY ALL
        """,
        [wanted],
    ).fetchall()
    found = defaultdict(list)
    for digest, name, number in rows:
        found[digest].append(f"{name}@v{number}")
    return dict(found)


def runs_using(db: Connection, digests: Iterable[str]) -> dict[str, list[dict[str, Any]]]:
    """The runs that recorded data with these digests, the newest first, by digest.

    Returns:
        For each run its `run_id`, `name`, `status`, `as` (what it calls the data), `deleted`, and `models`: the
        versions that came of it, `fraud/3`.
    """
    rows = db.execute(
        "SELECT DISTINCT d.digest, r.uid, r.name, r.status, d.name, coalesce(r.deleted, false), r.started_at "
        "FROM dataset d JOIN run r USING (run_id) WHERE d.digest IN (SELECT unnest($1::VARCHAR[])) "
        "ORDER BY r.started_at DESC NULLS LAST, r.uid, d.name",
        [sorted(set(digests))],
    ).fetchall()
    models = registered_from(db, [row[1] for row in rows]) if rows else {}
    found = defaultdict(list)
    for digest, uid, name, status, called, deleted, _ in rows:
        run = {"run_id": uid, "name": name, "status": status, "as": called, "deleted": deleted}
        found[digest].append({**run, "models": models.get(uid, [])})
    return dict(found)
