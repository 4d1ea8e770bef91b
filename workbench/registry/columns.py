"""Fields of models and versions as columns: the SQL that every question about them begins with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.registry.changes import ALIAS, TAG
from workbench.registry.records import READY, STAGES, Model, Version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_TEXT = (
    "description", "stage", "source", "storage_location", "run", "run_link", "model_id", "status", "status_message",
    "user",
)  # fmt: skip
# Values are JSON texts. Reading one as JSON takes ten times as long as a cast, which whole numbers and true need, and
# as cutting the quotes off, which is enough for an id: hex digits are never escaped.
_READ = {
    **dict.fromkeys(("name", *_TEXT), "{}->>'$'"),
    **dict.fromkeys(("number", "created_at", "updated_at"), "TRY_CAST({} AS BIGINT)"),
    "model": "substr({0}, 2, length({0}) - 2)",
    "deleted": "TRY_CAST({} AS BOOLEAN)",
}
MODEL_COLUMNS = ("name", "created_at", "updated_at", "description")
VERSION_COLUMNS = ("model", "number", "created_at", "updated_at", *_TEXT)
_MODEL_IDENTITY = ("name", "created_at", "deleted")
_VERSION_IDENTITY = ("model", "number", "created_at", "deleted")

WITH_NAME = "AND id IN (SELECT id FROM entity_field WHERE kind = 'model' AND name = 'name' AND value->>'$' = $name)"
"""Restricts models to those that are called `$name`."""
_OF = (
    "AND id IN (SELECT id FROM entity_field WHERE kind = 'version' AND name = 'model' "
    "AND value IN (SELECT '\"' || model || '\"' FROM ({})))"
)
OF_MODELS = _OF.format("SELECT unnest($models::VARCHAR[]) AS model")
"""Restricts versions to those of the models `$models`."""
OF_MODEL_NAMED = _OF.format(
    "SELECT id AS model FROM entity_field WHERE kind = 'model' AND name = 'name' AND value->>'$' = $name"
)
"""Restricts versions to those of models that are called `$name`."""
_WITH_IDS = "AND id IN (SELECT unnest($ids::VARCHAR[]))"


def pivot(kind: str, columns: Sequence[str], among: str = "", *, pairs: Sequence[str] = ()) -> str:
    """SQL for one row for each entity of a kind, with its id and these fields as columns.

    Args:
        among: a further condition on rows of `entity_field`, beginning with AND.
        pairs: prefixes of fields' names. For each, two lists follow: the names without it, and the values.
    """
    picked = [_column(column) for column in columns]
    for number, prefix in enumerate(pairs):
        having = f"FILTER (WHERE starts_with(name, '{prefix}'))"
        picked.append(f"coalesce(list(substr(name, {len(prefix) + 1})) {having}, []) AS names{number}")
        picked.append(f"coalesce(list(value->>'$') {having}, []) AS values{number}")
    fields = "" if pairs else f"AND name IN ({', '.join(repr(column) for column in columns)})"
    return (
        f"SELECT id, {', '.join(picked)} FROM entity_field "
        f"WHERE kind = '{kind}' AND value IS NOT NULL {fields} {among} GROUP BY id"
    )


def live_models(columns: Sequence[str] = (), among: str = "") -> str:
    """SQL for the models that are not deleted, one for each name."""
    every = tuple(dict.fromkeys((*_MODEL_IDENTITY, *columns)))
    return (
        f"SELECT * FROM ({pivot('model', every, among)}) WHERE name IS NOT NULL AND deleted IS NOT true "
        "QUALIFY row_number() OVER (PARTITION BY name ORDER BY created_at, id) = 1"
    )


def claimed_versions(columns: Sequence[str] = (), among: str = "") -> str:
    """SQL for the versions of live models, deleted ones too, with `name`; `claim` is 1 for who has its number."""
    every = tuple(dict.fromkeys((*_VERSION_IDENTITY, *columns)))
    return (
        "SELECT v.*, m.name, row_number() OVER (PARTITION BY v.model, v.number ORDER BY v.created_at, v.id) AS claim "
        f"FROM ({pivot('version', every, among)}) v JOIN ({live_models()}) m ON m.id = v.model "
        "WHERE v.number IS NOT NULL"
    )


def live_versions(columns: Sequence[str] = (), among: str = "") -> str:
    """SQL for the versions that are not deleted, of models that are not, one for each number."""
    columns = [column for column in columns if column != "name"]
    return f"SELECT * FROM ({claimed_versions(columns, among)}) WHERE claim = 1 AND deleted IS NOT true"


def read_models(db: Connection, ids: Sequence[str]) -> list[Model]:
    """The models of these ids, in their order."""
    query = (
        "SELECT id, name, coalesce(created_at, 0), coalesce(updated_at, 0), description, names0, values0, names1, "
        f"values1 FROM ({pivot('model', MODEL_COLUMNS, _WITH_IDS, pairs=(TAG, ALIAS))})"
    )
    found = {}
    for *values, keys, texts, aliases, numbers in db.execute(query, {"ids": list(ids)}).fetchall() if ids else ():
        aliased = {alias: int(number) for alias, number in sorted(zip(aliases, numbers, strict=True))}
        found[values[0]] = Model(*(*values, _pairs(keys, texts), aliased))
    return [found[entity_id] for entity_id in ids]


def read_versions(db: Connection, ids: Sequence[str]) -> list[Version]:
    """The versions of these ids, in their order."""
    query = (
        "SELECT v.id, v.model, m.name, v.number, coalesce(v.created_at, 0), coalesce(v.updated_at, 0), v.description, "
        f"coalesce(v.stage, '{STAGES[0]}'), v.source, v.storage_location, v.run, v.run_link, v.model_id, "
        f"coalesce(v.status, '{READY}'), v.status_message, v.user, v.names0, v.values0 "
        f"FROM ({pivot('version', VERSION_COLUMNS, _WITH_IDS, pairs=(TAG,))}) v "
        f"JOIN ({pivot('model', ('name',))}) m ON m.id = v.model"
    )
    found = {}
    for *values, keys, texts in db.execute(query, {"ids": list(ids)}).fetchall() if ids else ():
        found[values[0]] = Version(*(*values, _pairs(keys, texts)))
    return [found[entity_id] for entity_id in ids]


def _column(name: str) -> str:
    """SQL for one field of an entity, among the rows of all its fields."""
    value = f"(any_value(value) FILTER (WHERE name = '{name}'))"
    return f'{_READ[name].format(value)} AS "{name}"'


def _pairs(keys: list[str], values: list[str]) -> dict[str, str]:
    return dict(sorted(zip(keys, values, strict=True)))
