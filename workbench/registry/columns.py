"""Models and versions as SQL: what every question about them begins with, and reading them by their ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.registry.records import READY, STAGES, Model, Version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

MODEL_COLUMNS = ("name", "created_at", "updated_at", "description")
VERSION_COLUMNS = (
    "model", "number", "created_at", "updated_at", "description", "stage", "source", "storage_location", "run",
    "run_link", "model_id", "status", "status_message", "user",
)  # fmt: skip

LIVE_MODELS = (
    "(SELECT * FROM model WHERE name IS NOT NULL AND deleted IS NOT true "
    "QUALIFY row_number() OVER (PARTITION BY name ORDER BY created_at, id) = 1)"
)
"""The models that are not deleted, one for each name."""
CLAIMED_VERSIONS = (
    "(SELECT v.*, m.name, row_number() OVER (PARTITION BY v.model, v.number ORDER BY v.created_at, v.id) AS claim "
    f"FROM version v JOIN {LIVE_MODELS} m ON m.id = v.model WHERE v.number IS NOT NULL)"
)
"""The versions of live models, deleted ones too, with `name`; `claim` is 1 for the one that has its number."""
LIVE_VERSIONS = f"(SELECT * FROM {CLAIMED_VERSIONS} WHERE claim = 1 AND deleted IS NOT true)"
"""The versions that are not deleted, of models that are not, one for each number."""

_WITH_IDS = "id IN (SELECT unnest($ids::VARCHAR[]))"


def read_models(db: Connection, ids: Sequence[str]) -> list[Model]:
    """The models of these ids, in their order."""
    if not ids:
        return []
    rows = db.execute(
        f"SELECT id, name, coalesce(created_at, 0), coalesce(updated_at, 0), description FROM model WHERE {_WITH_IDS}",
        {"ids": list(ids)},
    ).fetchall()
    tags, aliases = _labels(db, ids)
    found: dict[str, Model] = {}
    for row in rows:
        numbers = {alias: int(number) for alias, number in aliases.get(row[0], {}).items()}
        found[row[0]] = Model(*(*row, tags.get(row[0], {}), numbers))
    return [found[entity_id] for entity_id in ids]


def read_versions(db: Connection, ids: Sequence[str]) -> list[Version]:
    """The versions of these ids, in their order."""
    if not ids:
        return []
    rows = db.execute(
        "SELECT v.id, v.model, m.name, v.number, coalesce(v.created_at, 0), coalesce(v.updated_at, 0), v.description, "
        f"coalesce(v.stage, '{STAGES[0]}'), v.source, v.storage_location, v.run, v.run_link, v.model_id, "
        f"coalesce(v.status, '{READY}'), v.status_message, v.user, v.digest, v.size_bytes "
        f"FROM version v JOIN model m ON m.id = v.model WHERE v.{_WITH_IDS}",
        {"ids": list(ids)},
    ).fetchall()
    tags, _ = _labels(db, ids)
    found: dict[str, Version] = {row[0]: Version(*(*row, tags.get(row[0], {}))) for row in rows}
    return [found[entity_id] for entity_id in ids]


def _labels(db: Connection, ids: Sequence[str]) -> tuple[dict[str, dict[str, str]], dict[str, dict[str, str]]]:
    """Tags and aliases by the id of what they belong to."""
    tags: dict[str, dict[str, str]] = {}
    aliases: dict[str, dict[str, str]] = {}
    rows = db.execute(
        f"SELECT id, kind, name, value FROM model_label WHERE {_WITH_IDS} ORDER BY name", {"ids": list(ids)}
    ).fetchall()
    for entity_id, kind, name, value in rows:
        (aliases if kind == "alias" else tags).setdefault(entity_id, {})[name] = value
    return tags, aliases
