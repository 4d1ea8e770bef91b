"""Facts of what is no run, brought in: only what is not so already, and never over what was changed here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workbench.base.jsonvalue import dumps, loads
from workbench.base.project import Project
from workbench.interop.intake.difference import Event
from workbench.interop.intake.sealed import event_payloads, write_sealed
from workbench.interop.whole_journal import ROLE
from workbench.registry.imports import cover_imports
from workbench.registry.ledger import required_signer
from workbench.registry.writing import open_ledger
from workbench.store.registered import GOVERNED
from workbench.store.store import Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Entities = Mapping[tuple[str, str], Mapping[str, object]]
"""Fields by kind and id. A field that is None is left out."""


def write_facts(project: Project, events: Sequence[Event]) -> None:
    """Write facts as one journal, all or none. Those about models are to be covered then: see `cover_facts`.

    Raises:
        RefusedError: the project wants governance signed, and there is no key.
        StoreError: it cannot be written.
    """
    if any(event["kind"] in GOVERNED for event in events):
        required_signer(project)
    if events:
        times = [event["t"] for event in events]
        write_sealed(project, None, list(event_payloads(events)), max(t for t in times if isinstance(t, int)))


def cover_facts(store: Store, source: str) -> None:
    """Record what this import, and any that was killed before it could, has brought of models.

    Args:
        source: what was imported, as people call it.

    Raises:
        RefusedError: the project wants governance signed, and there is no key.
        StoreError: the store cannot be read, or the journal not written.
    """
    with open_ledger(store.project) as ledger, store.reading(wait_s=30) as db:
        cover_imports(db, ledger, source)


def new_facts(db: Connection, wanted: Entities, *, since_us: int = 1) -> tuple[list[Event], set[tuple[str, str]], int]:
    """What of `wanted` the store does not say.

    Args:
        since_us: the time of facts that have none, early enough that every later edit wins.

    Returns:
        The events, the entities that are new, and how many facts were changed here and stay.
    """
    present = _present(db, wanted)
    events: list[Event] = []
    kept = 0
    new = {entity for entity in wanted if entity not in present}
    for (kind, entity_id), fields in wanted.items():
        facts = present.get((kind, entity_id), {})
        for name, value in fields.items():
            if value is None:
                continue
            before = facts.get(name)
            if before is not None:
                text, t, imported = before
                if text is not None and loads(text) == loads(dumps(value)):
                    continue
                if not imported:
                    kept += 1
                    continue
                since_t = t + 1
            else:
                since_t = since_us
            events.append({"e": "ent", "kind": kind, "id": entity_id, "name": name, "value": value, "t": since_t})
        events += _removed(kind, entity_id, fields, facts)
    return events, new, kept


def _removed(
    kind: str, entity_id: str, fields: Mapping[str, object], facts: Mapping[str, tuple[str | None, int, bool]]
) -> list[Event]:
    """Tags and the like that an import brought and that are gone at its source."""
    prefixes = ("tag:", "alias:")
    return [
        {"e": "ent", "kind": kind, "id": entity_id, "name": name, "value": None, "t": t + 1}
        for name, (text, t, imported) in facts.items()
        if imported
        and text is not None
        and fields.get(name) is None
        and (name.startswith(prefixes) or name == "deleted")
    ]


def _present(db: Connection, wanted: Entities) -> dict[tuple[str, str], dict[str, tuple[str | None, int, bool]]]:
    kinds = defaultdict(list)
    for kind, entity_id in wanted:
        kinds[kind].append(entity_id)
    found: dict[tuple[str, str], dict[str, tuple[str | None, int, bool]]] = defaultdict(dict)
    for kind, ids in kinds.items():
        rows = db.execute(
            "SELECT f.id, f.name, f.value, f.t, coalesce(bool_or(j.role = $role), false) FROM entity_field f "
            "LEFT JOIN journal j USING (writer) "
            "WHERE f.kind = $kind AND f.id IN (SELECT unnest($ids::VARCHAR[])) GROUP BY ALL",
            {"role": ROLE, "kind": kind, "ids": ids},
        ).fetchall()
        for entity_id, name, value, t, imported in rows:
            found[kind, entity_id][name] = (value, t, imported)
    return dict(found)
