"""The names that runs of a store use for their metrics, params and tags."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from workbench.store.conditions import Entity, Operand
from workbench.store.fields import ATTRIBUTE_NAMES, find_attribute
from workbench.store.hints import close_names, near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


_PARAMS = "SELECT (SELECT count(*) FROM param), (SELECT count(*) FROM run_key WHERE purged)"
"""What is different whenever a param has a new name, or none any more; the names themselves are a look at every row."""


class Names:
    """What is called how; each kind is read once, when it is first asked for.

    Args:
        db: the store; names are those of one visit.
        earlier: those of an earlier visit, from which params are taken where they are still so.
    """

    def __init__(self, db: Connection, earlier: Names | None = None) -> None:
        self._db = db
        self._params: tuple[object, frozenset[str]] | None = earlier._params if earlier else None

    @cached_property
    def metrics(self) -> dict[str, int]:
        """The store's number of each metric."""
        return dict(self._db.execute("SELECT name, key_id FROM metric_key").fetchall())

    @cached_property
    def params(self) -> frozenset[str]:
        """The names of params."""
        state = self._db.execute(_PARAMS).fetchall()
        if self._params is None or self._params[0] != state:
            rows = self._db.execute("SELECT DISTINCT name FROM param").fetchall()
            self._params = state, frozenset(name for (name,) in rows)
        return self._params[1]

    @cached_property
    def tags(self) -> frozenset[str]:
        """The names of tags that a run has."""
        rows = self._db.execute("SELECT DISTINCT name FROM tag WHERE value IS NOT NULL").fetchall()
        return frozenset(name for (name,) in rows)

    def kinds_of(self, name: str) -> list[Entity]:
        """What is called `name`: any of metrics, params and tags."""
        known: dict[Entity, bool] = {
            "metrics": name in self.metrics,
            "params": name in self.params,
            "tags": name in self.tags,
        }
        return [entity for entity, is_one in known.items() if is_one]

    def shortest(self, entity: Entity, name: str) -> str:
        """The expression that names it, without its kind where that still names one thing."""
        return str(Operand(self.shortest_entity(entity, name), name))

    def shortest_entity(self, entity: Entity, name: str) -> Entity:
        """The kind that has to be written in front of the name, "" where none has to."""
        alone = self.kinds_of(name) == [entity] and find_attribute(name) is None
        return "" if alone else entity

    def near(self, operand: Operand) -> str | None:
        """A hint with names that look like the operand's, or None."""
        kinds: dict[Entity, list[str]] = {
            "metrics": list(self.metrics),
            "params": list(self.params),
            "tags": list(self.tags),
        }
        if operand.entity:
            near = close_names(operand.name, kinds[operand.entity])
            shown = " or ".join(str(Operand(operand.entity, name)) for name in near)
            return f"did you mean {shown}?" if near else None
        if operand.aggregate:
            return near_matches(operand.name, kinds["metrics"])
        return near_matches(operand.name, [*ATTRIBUTE_NAMES, *(name for names in kinds.values() for name in names)])
