"""What is no run: experiments, registered models and their versions, logged models.

An entity is a kind, an id and fields. Each field is a fact of its own, won by its latest event, so that stores merge
in any order. A field whose value is None is not there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.jsonvalue import loads

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Event = dict[str, object]
Fields = dict[str, Any]


def entity_events(kind: str, id: str, fields: dict[str, object], after_us: int = 0) -> list[Event]:
    """The events that set fields of an entity; None removes one.

    Args:
        after_us: the time of what they replace: they are later than it, whatever the clock says.
    """
    t = max(now_us(), after_us + 1)
    return [{"e": "ent", "kind": kind, "id": id, "name": name, "value": fields[name], "t": t} for name in fields]


def read_entities(
    db: Connection, kind: str, ids: Sequence[str] | None = None, *, without: Sequence[str] = ()
) -> dict[str, Fields]:
    """The fields of entities by id, in the order of their ids.

    Args:
        ids: those to read; None is all of them.
        without: names of fields that are large and not wanted.
    """
    where = "" if ids is None else "AND id IN (SELECT unnest($ids::VARCHAR[]))"
    parameters: dict[str, object] = {"kind": kind} if ids is None else {"kind": kind, "ids": list(ids)}
    if without:
        where += " AND name NOT IN (SELECT unnest($without::VARCHAR[]))"
        parameters["without"] = list(without)
    rows = db.execute(
        f"SELECT id, name, value FROM entity_field WHERE kind = $kind AND value IS NOT NULL {where} ORDER BY id, name",
        parameters,
    ).fetchall()
    entities: dict[str, Fields] = defaultdict(dict)
    for entity_id, name, value in rows:
        entities[entity_id][name] = loads(value)
    return dict(entities)


def ids_with(db: Connection, kind: str, name: str, values: Iterable[object]) -> dict[Any, list[str]]:
    """Ids of entities by the value of a field, for the values that are asked for; values are text or whole numbers."""
    rows = db.execute(
        "SELECT value->>'$', list(id ORDER BY id) FROM entity_field WHERE kind = $kind AND name = $name "
        "AND value->>'$' IN (SELECT unnest($values::VARCHAR[])) GROUP BY ALL",
        {"kind": kind, "name": name, "values": [str(value) for value in values]},
    ).fetchall()
    return dict(rows)


def latest_us(db: Connection, kind: str, id: str) -> int:
    """The time of an entity's latest event, removed fields included, in microseconds; 0 where there is none."""
    query = "SELECT coalesce(max(t), 0) FROM entity_field WHERE kind = ? AND id = ?"
    return int(db.execute(query, [kind, id]).fetchall()[0][0])
