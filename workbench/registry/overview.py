"""Models and versions as JSON documents: everything known of them, in the shape that scripts rely on.

Each question is a constant number of statements, whatever the number of models and versions.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.base.clock import iso_utc
from workbench.registry import models
from workbench.registry.checks import Check, latest_checks
from workbench.registry.columns import LIVE_MODELS, LIVE_VERSIONS, read_models, read_versions
from workbench.registry.dependants import IMAGE, dependants_of
from workbench.registry.evidence import registered_evidences
from workbench.registry.forks import contradictions
from workbench.registry.policy import Policy
from workbench.registry.queries import versions_of
from workbench.registry.records import Model, Version
from workbench.registry.reviews import DECISION, PENDING, REQUEST, Review, read_reviews, reviews_by_id

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Document = dict[str, Any]
MOST_METRICS_SHOWN = 3
"""Metrics beside a version where no gate names any."""
_MAY_WAIT = f"""(
    WITH request AS (
        SELECT id, substr(name, {len(REQUEST) + 1}) AS request, value FROM entity_field
        WHERE kind = 'version' AND value IS NOT NULL AND starts_with(name, '{REQUEST}')),
    decision AS (
        SELECT id, split_part(name, ':', 2) AS request, count(*) AS decisions FROM entity_field
        WHERE kind = 'version' AND value IS NOT NULL AND starts_with(name, '{DECISION}') GROUP BY ALL)
    SELECT DISTINCT id FROM request LEFT JOIN decision USING (id, request)
    WHERE coalesce(decisions, 0) < TRY_CAST(value->>'$.approvers' AS BIGINT)
        OR value->>'$.author_may_approve' = 'false')"""
"""The ids of all versions that wait for approval, and of some that do not; reviews tell."""


def model_rows(db: Connection) -> list[Document]:
    """Every registered model in short, the one that was changed last first.

    Returns:
        `name`, `versions` (how many), `newest` (`{"version", "status"}` or None), `aliases` (numbers by alias),
        `waiting` (how many versions wait for approval), `created_at`, `updated_at`, `description`, `tags`.
    """
    rows = db.execute(
        f"SELECT m.id, coalesce(n, 0), newest.number, newest.id, newest.author, coalesce(waiting, []) "
        f"FROM {LIVE_MODELS} m LEFT JOIN (SELECT model, count(*) AS n, "
        "arg_max({'id': v.id, 'number': number, 'author': user}, number) AS newest, "
        "list({'id': v.id, 'author': user}) FILTER (WHERE w.id IS NOT NULL) AS waiting "
        f"FROM {LIVE_VERSIONS} v LEFT JOIN {_MAY_WAIT} w ON w.id = v.id GROUP BY model) v ON v.model = m.id "
        "ORDER BY coalesce(m.updated_at, 0) DESC, m.name"
    ).fetchall()
    authors = {version_id: author for *_, version_id, author, _ in rows if version_id}
    authors |= {one["id"]: one["author"] for *_, waiting in rows for one in waiting}
    reviews = reviews_by_id(db, authors)
    found = read_models(db, [row[0] for row in rows])
    return [
        {
            "name": model.name,
            "versions": count,
            "newest": {"version": number, "status": reviews[version_id].status} if version_id else None,
            "aliases": model.aliases,
            "waiting": sum(reviews[one["id"]].status == PENDING for one in waiting),
            **_times(model),
            "description": model.description,
            "tags": model.tags,
        }
        for model, (_, count, number, version_id, _, waiting) in zip(found, rows, strict=True)
    ]


def waiting_versions(db: Connection) -> list[Document]:
    """The versions that wait for approval, the one that waits longest first: `name`, `version`, and `review`."""
    live = f"SELECT id FROM {LIVE_VERSIONS} WHERE id IN (SELECT id FROM {_MAY_WAIT})"
    versions = read_versions(db, [row[0] for row in db.execute(live).fetchall()])
    reviews = read_reviews(db, versions)
    waiting = [version for version in versions if reviews[version.id].status == PENDING]
    waiting.sort(key=lambda version: (reviews[version.id].requested_at_us, version.name, version.number))
    return [
        {"name": version.name, "version": version.number, "review": review_document(reviews[version.id])}
        for version in waiting
    ]


def model_document(db: Connection, model: Model) -> Document:
    """A registered model with its versions, the newest one first, as `workbench models show --json` has it.

    `contradictions` are what people did in copies of the project that did not know of each other.
    """
    return {
        "name": model.name,
        "description": model.description,
        **_times(model),
        "tags": model.tags,
        "aliases": model.aliases,
        "versions": version_documents(db, model, versions_of(db, model)[::-1]),
        "contradictions": [one.as_document() for one in contradictions(db, model)],
    }


def version_document(db: Connection, version: Version) -> Document:
    """A version as `workbench models show NAME/3 --json` has it: its entry in the model's document, and `name`."""
    [document] = version_documents(db, models.get(db, version.name), [version])
    return {"name": version.name, **document}


def version_documents(db: Connection, model: Model, versions: Sequence[Version]) -> list[Document]:
    """The documents of versions of a model, in their order."""
    reviews = read_reviews(db, versions)
    checks = latest_checks(db, versions)
    evidence = registered_evidences(db, versions)
    images = _images(db, versions)
    runs = _run_names(db, [version.run for version in versions if version.run])
    return [
        {
            "version": version.number,
            "run_id": version.run,
            "run_name": runs.get(version.run or ""),
            "status": reviews[version.id].status,
            "aliases": model.aliases_of(version.number),
            "digest": version.digest,
            **_times(version),
            "images": images.get(version.id, []),
            "size_bytes": version.size_bytes,
            "author": version.user,
            "source": version.source,
            "logged_model": version.logged_model,
            "stage": version.stage,
            "description": version.description,
            "tags": version.tags,
            "metrics": evidence.get(version.id, {}).get("metrics") or {},
            "datasets": evidence.get(version.id, {}).get("datasets") or [],
            "signature": evidence.get(version.id, {}).get("signature"),
            "review": review_document(reviews[version.id]),
            "check": check_document(version, checks.get(version.id)),
        }
        for version in versions
    ]


def review_document(review: Review) -> Document:
    """A review as JSON has it; times are ISO 8601 UTC."""
    return {
        "status": review.status,
        "requested_by": review.requested_by or None,
        "reason": review.reason or None,
        "requested_at": _iso(review.requested_at_us),
        "approvers": review.approvers,
        "approvals": review.approvals,
        "author_may_approve": review.author_may_approve,
        "missing": review.missing,
        "contradicts_itself": review.contradicts_itself,
        "decisions": [
            {"who": decision.who, "approved": decision.approved, "reason": decision.reason, "at": _iso(decision.at_us)}
            for decision in review.decisions
        ],
    }


def check_document(version: Version, check: Check | None) -> Document | None:
    """The newest results of a version's gates as JSON has them; `current` is false where its files were others."""
    if check is None:
        return None
    return {
        **check.as_document(),
        "gates": [result.as_document() for result in check.results],
        "at": _iso(check.at_us),
        "summary": check.summary,
        "current": check.digest == version.digest,
    }


def key_metrics(policy: Policy, documents: Iterable[Document]) -> list[str]:
    """The metrics that matter for a model: those that its gates name, else the first few of its newest version."""
    named = {str(gate.settings["metric"]): None for gate in policy.gates.values() if "metric" in gate.settings}
    known = {metric: None for document in documents for metric in document["metrics"]}
    return [metric for metric in named if metric in known] or list(known)[:MOST_METRICS_SHOWN]


def _images(db: Connection, versions: Sequence[Version]) -> dict[str, list[str]]:
    """The names of the images that were built of versions, by the versions' ids."""
    found: dict[str, list[str]] = {}
    for dependant in dependants_of(db, [version.id for version in versions]):
        if dependant.kind == IMAGE:
            found.setdefault(dependant.version, []).append(dependant.name)
    return found


def _run_names(db: Connection, run_ids: Sequence[str]) -> dict[str, str]:
    query = "SELECT uid, name FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))"
    return dict(db.execute(query, [list(run_ids)]).fetchall())


def _times(entity: Model | Version) -> dict[str, str | None]:
    return {"created_at": _iso(entity.created_at_ms * 1000), "updated_at": _iso(entity.updated_at_ms * 1000)}


def _iso(time_us: int) -> str | None:
    return iso_utc(time_us) if time_us else None
