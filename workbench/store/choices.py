"""Everything that can be a column of a list of runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.store.conditions import Entity
from workbench.store.documents import SYSTEM_PREFIX
from workbench.store.fields import ATTRIBUTES, time_of
from workbench.store.names import Names

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_COUNTS: dict[Entity, str] = {
    "params": "SELECT name, count(*) FROM param GROUP BY name",
    "metrics": "SELECT name, runs FROM metric_key JOIN (SELECT key_id, count(*) AS runs FROM metric_summary"
    " GROUP BY key_id) USING (key_id)",
    "tags": "SELECT name, count(*) FROM tag WHERE value IS NOT NULL GROUP BY name",
}


@dataclass(frozen=True)
class ColumnChoice:
    """One thing that can be a column.

    Attributes:
        expression: what `RunQuery.columns` takes, the shortest that means only this.
        kind: what it is.
        n_runs: how many runs have a value, those in the trash included.
    """

    expression: str
    kind: Entity
    n_runs: int


def column_choices(db: Connection, names: Names | None = None) -> list[ColumnChoice]:
    """Attributes, then params, metrics and tags, each with the most frequent first, and last metrics of the system.

    Args:
        names: the store's names, where they are known already.
    """
    names = names or Names(db)
    choices = _attributes(db)
    system: list[ColumnChoice] = []
    for kind, sql in _COUNTS.items():
        for name, n_runs in sorted(db.execute(sql).fetchall(), key=lambda row: (-row[1], row[0])):
            chosen = system if kind == "metrics" and name.startswith(SYSTEM_PREFIX) else choices
            chosen.append(ColumnChoice(names.shortest(kind, name), kind, n_runs))
    return choices + system


def _attributes(db: Connection) -> list[ColumnChoice]:
    counts = ", ".join(f"count({attribute.sql})" for attribute in ATTRIBUTES.values())
    [row] = db.execute(f"SELECT {counts} FROM run r", {"now": time_of(0)}).fetchall()
    return [ColumnChoice(name, "attributes", n_runs) for name, n_runs in zip(ATTRIBUTES, row, strict=True)]
