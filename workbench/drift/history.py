"""Results of drift checks, kept in the project and found again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.base.clock import iso_utc, now_us
from workbench.base.errors import AmbiguousNameError, NotFoundError
from workbench.base.ids import new_writer_id
from workbench.base.project import Project
from workbench.drift.words import Document
from workbench.store.entities import entity_events, read_entities
from workbench.store.writing import write_events

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

KIND = "drift"
LEAST_PREFIX = 4


class CheckNotFoundError(NotFoundError):
    """No stored drift check is named so."""


def save_check(
    project: Project, document: Document, *, name: str = "", version: str | None = None, deployment: str | None = None
) -> str:
    """Keep a document; it is on the disk when this returns.

    Args:
        name: what people call the check, the same each time it is repeated.
        version: the id of the version of a model that it is about.
        deployment: the id of the deployment, likewise.

    Returns:
        Its id: 16 hex digits.

    Raises:
        StoreError: the journal cannot be written.
    """
    check_id = new_writer_id()
    fields: dict[str, object] = {
        "name": name or f"{document['current']['name']} against {document['reference']['name']}",
        "created_at": now_us() // 1000,
        "dataset_drift": document["dataset_drift"],
        "drifted_columns": document["drifted_columns"],
        "document": document,
    }
    fields |= {key: value for key, value in (("version", version), ("deployment", deployment)) if value}
    write_events(project, entity_events(KIND, check_id, fields))
    return check_id


def stored_checks(db: Connection) -> list[dict[str, Any]]:
    """Every stored check, the newest first: its fields, `id` and `at` (ISO 8601 UTC)."""
    found = [_with_id(key, fields) for key, fields in read_entities(db, KIND).items() if "document" in fields]
    return sorted(found, key=lambda one: (one["created_at"], one["id"]), reverse=True)


def check_outlines(db: Connection) -> list[dict[str, Any]]:
    """As `stored_checks`, but for the documents, which are not read."""
    found = [_with_id(key, fields) for key, fields in read_entities(db, KIND, without=["document"]).items()]
    shown = [one for one in found if "dataset_drift" in one]
    return sorted(shown, key=lambda one: (one["created_at"], one["id"]), reverse=True)


def checks_by_id(db: Connection, ids: Sequence[str]) -> list[dict[str, Any]]:
    """These stored checks whole, in the order of `ids`; those that are gone are left out."""
    found = read_entities(db, KIND, ids)
    return [_with_id(key, found[key]) for key in ids if "document" in found.get(key, {})]


def find_check(db: Connection, reference: str) -> dict[str, Any]:
    """The stored check that a reference names.

    Args:
        reference: its id or the first 4 or more digits of it; its name, for the newest of that name; `@latest`.

    Raises:
        CheckNotFoundError: there is none.
        AmbiguousNameError: several ids begin so.
    """
    checks = stored_checks(db)
    if reference == "@latest" and checks:
        return checks[0]
    named = [one for one in checks if one["name"] == reference]
    if named:
        return named[0]
    begun = [one for one in checks if one["id"].startswith(reference.lower())] if len(reference) >= LEAST_PREFIX else []
    if len(begun) > 1:
        raise AmbiguousNameError(f"{reference} names {len(begun)} checks", "give more digits of the id")
    if not begun:
        hint = "workbench drift history" if checks else "workbench drift check … --save keeps one"
        raise CheckNotFoundError(f"there is no drift check {reference}", hint)
    return begun[0]


def history_of(checks: Sequence[dict[str, Any]], column: str) -> list[dict[str, Any]]:
    """What the checks found of one column: a row each, the newest first.

    Raises:
        NotFoundError: none of them has the column.
    """
    rows = []
    for check in checks:
        for window in check["document"].get("windows") or [check["document"]]:
            for one in window.get("columns", ()):
                if one["column"] == column:
                    named = (window.get("window") or {}).get("name")
                    rows.append({"id": check["id"], "at": check["at"], "name": check["name"], "window": named, **one})
    if not rows:
        raise NotFoundError(f"no stored check has a column {column!r}", "workbench drift history")
    return rows


def _with_id(key: str, fields: dict[str, Any]) -> dict[str, Any]:
    return {**fields, "id": key, "at": iso_utc(int(fields.get("created_at", 0)) * 1000)}
