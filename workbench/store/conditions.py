"""The tree of a filter: what `store.filters` parses into and `store.filter_sql` makes SQL of.

Every node prints as the language that it was parsed from, and parsing that gives an equal node.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import Literal

Entity = Literal["metrics", "params", "tags", "attributes", "datasets", ""]
Value = float | str | bool

ENTITIES: dict[str, Entity] = {
    "metric": "metrics", "metrics": "metrics",
    "param": "params", "params": "params", "parameter": "params", "parameters": "params",
    "tag": "tags", "tags": "tags",
    "attribute": "attributes", "attributes": "attributes", "attr": "attributes", "run": "attributes",
    "dataset": "datasets", "datasets": "datasets",
}  # fmt: skip
PATTERNS = ("LIKE", "ILIKE", "RLIKE")
KEYWORDS = frozenset({"AND", "OR", "NOT", "IN", "IS", "NULL", "BETWEEN", "TRUE", "FALSE", *PATTERNS})
NONFINITE = {"nan": math.nan, "inf": math.inf, "infinity": math.inf}
"""One NaN object for all: trees that hold it stay comparable."""
CONSTANTS: dict[str, Value] = {**NONFINITE, "true": True, "false": False}
"""Values that are written as words."""
SEGMENT = r"[\w/:@%+#$~\-]+"
"""What a name may hold without quotes between its dots, which the language can afford as it has no arithmetic."""


@dataclass(frozen=True)
class Operand:
    """What is compared: a named value of a run.

    Attributes:
        entity: whose name it is; "" for a bare name, which the store resolves.
        name: the key; of attributes the canonical one.
        aggregate: of a metric, which of its values; "" is the last one.
        at_step: the step at which that value was logged, rather than the value.
        position: where it stands in the text.
    """

    entity: Entity
    name: str
    aggregate: str = ""
    at_step: bool = False
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        text = f"{self.entity}.{quote_key(self.name)}" if self.entity else _bare(self.name)
        text = f"{self.aggregate}({text})" if self.aggregate else text
        return f"step({text})" if self.at_step else text


@dataclass(frozen=True)
class Comparison:
    """`operand operator value`; the operator is one of `=`, `!=`, `<`, `<=`, `>`, `>=`, LIKE, ILIKE, RLIKE."""

    operand: Operand
    operator: str
    value: Value
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.operand} {self.operator} {_literal(self.value)}"


@dataclass(frozen=True)
class Membership:
    """`operand IN (values)`."""

    operand: Operand
    values: tuple[Value, ...]
    position: int = field(default=0, compare=False)

    def __str__(self) -> str:
        return f"{self.operand} IN ({', '.join(map(_literal, self.values))})"


@dataclass(frozen=True)
class IsNull:
    """`operand IS NULL`: the run has no such value."""

    operand: Operand

    def __str__(self) -> str:
        return f"{self.operand} IS NULL"


@dataclass(frozen=True)
class Not:
    """The opposite; unknown stays unknown."""

    condition: Condition

    def __str__(self) -> str:
        return f"NOT ({self.condition})"


@dataclass(frozen=True)
class Every:
    """All of two or more conditions: AND."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return " AND ".join(f"({condition})" for condition in self.conditions)


@dataclass(frozen=True)
class Some:
    """At least one of two or more conditions: OR."""

    conditions: tuple[Condition, ...]

    def __str__(self) -> str:
        return " OR ".join(f"({condition})" for condition in self.conditions)


Condition = Comparison | Membership | IsNull | Not | Every | Some


@dataclass(frozen=True)
class Filter:
    """A parsed filter.

    Attributes:
        text: as the user wrote it, for messages.
        condition: its tree; None matches every run.
    """

    text: str
    condition: Condition | None

    def __str__(self) -> str:
        """The same filter in its plainest form; parsing that gives the same tree."""
        return "" if self.condition is None else str(self.condition)


def quote_key(key: str) -> str:
    """A key as it must be written after a dot: in backticks unless it is plain."""
    return key if re.fullmatch(SEGMENT, key) else "`" + key.replace("`", "``") + "`"


def quote_string(value: str) -> str:
    """A string literal with this value."""
    return "'" + value.replace("'", "''") + "'"


def _bare(name: str) -> str:
    first = name.split(".")[0]
    plain = quote_key(name) == name and (first[:1].isalpha() or first[:1] == "_")
    if plain and name.upper() not in KEYWORDS and name.lower() not in NONFINITE:
        return name
    return "`" + name.replace("`", "``") + "`"


def _literal(value: Value) -> str:
    if isinstance(value, str):
        return quote_string(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if math.isfinite(value):
        return repr(value)
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
