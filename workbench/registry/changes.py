"""Writing: the fields that an action changes, as one block of events that is later than what it replaces."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.store.entities import Event, entity_events

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Write = Callable[[list[Event]], None]
"""Appends events to a journal as one block, all or none, on the disk when it returns."""

TAG = "tag:"
ALIAS = "alias:"
"""What the names of fields begin with that are tags and aliases."""


@dataclass(frozen=True)
class Change:
    """New values of an entity's fields; None removes one."""

    kind: str
    id: str
    fields: dict[str, object]


def commit(db: Connection, write: Write, *changes: Change) -> None:
    """Write changes as one block. Each is later than all that the store knows of these entities.

    Raises:
        StoreError: they cannot be written; nothing of them is.
    """
    [(latest_us,)] = db.execute(
        "SELECT coalesce(max(t), 0) FROM entity_field WHERE id IN (SELECT unnest($1::VARCHAR[]))",
        [[change.id for change in changes]],
    ).fetchall()
    write([event for c in changes for event in entity_events(c.kind, c.id, c.fields, latest_us)])


def now_ms() -> int:
    """Milliseconds since the epoch, UTC."""
    return now_us() // 1000
