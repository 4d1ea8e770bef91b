"""What a filter, a sort key or a column names, as SQL: joins, expressions and parameters.

Keys reach SQL as parameters and as integer ids, never as text. A value that a run does not have is
NULL, because its rows are joined from the left.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from workbench.base.clock import now_us
from workbench.base.direction import better_direction
from workbench.base.errors import FilterError
from workbench.store.conditions import Entity, Operand
from workbench.store.connection import within_memory
from workbench.store.fields import ATTRIBUTES, find_attribute, time_of
from workbench.store.fields import Kind as AttributeKind
from workbench.store.names import Names

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.base.direction import Direction

Kind = AttributeKind | Literal["param"]

_TABLES: dict[Entity, str] = {"metrics": "metric_summary", "params": "param", "tags": "tag"}
_LETTERS: dict[Entity, str] = {"metrics": "m", "params": "p", "tags": "t"}
_PARAMETER = re.compile(r"\$(\w+)")
_FIELDS = {"": "last", "last": "last", "first": "first", "min": "min", "max": "max", "count": "n"}


@dataclass(frozen=True)
class Term:
    """An operand as SQL.

    Attributes:
        kind: how its values compare; `param` is text that may be a number as well.
        value: the expression of what is shown; of a param its JSON.
        text: the expression that compares with text, "" where none does.
        number: the expression that compares with numbers, NaN included; "" where none does.
    """

    kind: Kind
    value: str
    text: str = ""
    number: str = ""

    @property
    def real(self) -> str:
        """The number without NaN, which compares with nothing: DuckDB takes it for the greatest of all."""
        return f"nullif({self.number}, 'NaN'::DOUBLE)"

    @property
    def order(self) -> list[str]:
        """The expressions to sort by: numbers by size, before text by letter."""
        return [key for key in (self.real if self.number else "", self.text) if key]


class Scope:
    """The FROM clause and the parameters of one query over runs.

    Args:
        db: the store, to look names up.
        directions: which metrics are better low or high, over the rule of `base.direction`.
        names: the store's names, where they are known already.

    Attributes:
        parameters: by the names that the SQL uses.
        names: the store's names.
        unknown: operands whose name no run has, in order: no mistake, but worth telling.
    """

    def __init__(
        self, db: Connection, directions: Mapping[str, Direction] | None = None, names: Names | None = None
    ) -> None:
        self.names = names or Names(db)
        self.now_us = now_us()
        self.parameters: dict[str, object] = {"now": time_of(self.now_us)}
        self.unknown: list[Operand] = []
        self._db = db
        self._directions = directions
        self._fields: dict[Entity, dict[str, tuple[str, set[str]]]] = {"metrics": {}, "params": {}, "tags": {}}

    def parameter(self, value: object) -> str:
        """A placeholder bound to `value`."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def run(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query that uses this scope's parameters."""
        # DuckDB refuses parameters that a statement does not name.
        used = {name: self.parameters[name] for name in _PARAMETER.findall(sql)}
        return within_memory(self._db, lambda: self._db.execute(sql, used).fetchall())

    def check_pattern(self, pattern: str) -> None:
        """Raise a duckdb.InvalidInputException where `pattern` is not a regular expression."""
        self._db.execute("SELECT regexp_matches('', $1)", [pattern]).fetchall()

    def joins(self) -> str:
        """One LEFT JOIN to `run r` for each name: quick where a condition keeps few runs."""
        return "".join(
            f" LEFT JOIN (SELECT run_id, {', '.join(f'{field} AS {alias}_{field}' for field in sorted(fields))}"
            f" FROM {_TABLES[entity]} WHERE {match}) {alias} ON {alias}.run_id = r.run_id"
            for entity, match, alias, fields in self._used()
        )

    def page_joins(self, page: str) -> str:
        """One LEFT JOIN to `run r` for each table: quick where many names of few runs are wanted.

        Args:
            page: the name of the relation whose `run_id` are the only ones wanted.
        """
        sql = ""
        for table in dict.fromkeys(_TABLES[entity] for entity, *_ in self._used()):
            used = [entry for entry in self._used() if _TABLES[entry[0]] == table]
            cells = ", ".join(
                f"any_value({field}) FILTER (WHERE {match}) AS {alias}_{field}"
                for _, match, alias, fields in used
                for field in sorted(fields)
            )
            sql += (
                f" LEFT JOIN (SELECT run_id, {cells} FROM {table} WHERE run_id IN (SELECT run_id FROM {page})"
                f" AND ({' OR '.join(match for _, match, *_ in used)}) GROUP BY run_id) page_{table}"
                f" ON page_{table}.run_id = r.run_id"
            )
        return sql

    def term(self, operand: Operand, text: str) -> Term:
        """The operand as SQL.

        Args:
            text: the whole expression, for messages.

        Raises:
            FilterError: no run, or more than one kind of thing, has its bare name.
        """
        operand = self._resolved(operand, text)
        if operand.entity == "attributes":
            attribute = ATTRIBUTES[operand.name]
            as_text = attribute.sql if attribute.kind in ("text", "status") else ""
            as_number = {
                "number": f"{attribute.sql}::DOUBLE",
                "duration": attribute.sql,
                "time": f"epoch_us({attribute.sql}) / 1e3",
                "bool": f"{attribute.sql}::INTEGER",
            }.get(attribute.kind, "")
            return Term(attribute.kind, attribute.sql, as_text, as_number)
        if operand.entity == "metrics":
            return self._metric(operand)
        if operand.entity == "params":
            value, as_text, number = (self._field(operand, field) for field in ("value", "text", "number"))
            return Term("param", value, as_text, number)
        if operand.entity == "tags":
            value = self._field(operand, "value")
            return Term("text", value, value, f"try_cast({value} AS DOUBLE)")
        message = "a run has many data sets, so they are neither columns nor sort keys"
        raise FilterError(message, text=text, position=operand.position, explanation="filter by them with -w instead")

    def _resolved(self, operand: Operand, text: str) -> Operand:
        """A bare name is an attribute, else the one metric, param or tag of that name."""
        if operand.entity:
            return operand
        attribute = None if operand.aggregate else find_attribute(operand.name)
        if attribute is not None:
            return replace(operand, entity="attributes", name=attribute.name)
        found = self.names.kinds_of(operand.name)
        if operand.aggregate:
            found = [entity for entity in found if entity == "metrics"]
        if len(found) == 1:
            return replace(operand, entity=found[0])
        if found:
            choices = " or ".join(str(replace(operand, entity=entity)) for entity in found)
            raise FilterError(
                f"{operand.name} names more than one thing",
                text=text,
                position=operand.position,
                explanation=f"write {choices}",
            )
        what = "metric" if operand.aggregate else "attribute, metric, param or tag"
        raise FilterError(
            f"there is no {what} named {operand.name}",
            text=text,
            position=operand.position,
            explanation="metrics.…, params.… or tags.… may name one that is not logged yet",
            hint=self.names.near(operand),
        )

    def _metric(self, operand: Operand) -> Term:
        which = operand.aggregate
        if which == "best":
            which = better_direction(operand.name, self._directions)
        if operand.at_step:
            step = self._field(operand, f"{which}_step")
            return Term("number", step, number=f"{step}::DOUBLE")
        if which == "mean":
            mean = f"{self._field(operand, 'total')} / nullif({self._field(operand, 'n_finite')}, 0)"
            return Term("number", mean, number=f"({mean})")
        value = self._field(operand, _FIELDS[which])
        return Term("number", value, number=f"{value}::DOUBLE")

    def _field(self, operand: Operand, field: str) -> str:
        names = self._fields[operand.entity]
        if operand.name not in names:
            names[operand.name] = (self._match(operand), set())
        names[operand.name][1].add(field)
        return f"{_LETTERS[operand.entity]}{list(names).index(operand.name)}_{field}"

    def _match(self, operand: Operand) -> str:
        """The condition that picks the rows of this name."""
        if operand.entity == "metrics" and operand.name in self.names.metrics:
            return f"key_id = {self.names.metrics[operand.name]}"
        if operand.entity == "params" and operand.name in self.names.params:
            return f"name = {self.parameter(operand.name)}"
        if operand.entity == "tags" and operand.name in self.names.tags:
            return f"name = {self.parameter(operand.name)} AND value IS NOT NULL"
        self.unknown.append(operand)
        return "false"

    def _used(self) -> list[tuple[Entity, str, str, set[str]]]:
        return [
            (entity, match, f"{_LETTERS[entity]}{index}", fields)
            for entity, names in self._fields.items()
            for index, (match, fields) in enumerate(names.values())
        ]
