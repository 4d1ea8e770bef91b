"""Conditions on models and versions, compiled to SQL with parameters: no text of a user becomes SQL."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from workbench.base.errors import InputError
from workbench.registry.records import TAG

COMPARATORS = ("=", "!=", "<", "<=", ">", ">=", "LIKE", "ILIKE", "IN", "NOT IN")
_MOST = 2**100
"""No number in a store is as large, and DuckDB takes none beyond 128 bits."""

Value = str | int | Sequence[str]
Parameters = dict[str, object]


@dataclass(frozen=True)
class Condition:
    """`field comparator value`. A field that is not there meets none.

    Attributes:
        field: a column of `queries`, or `tag:KEY`.
        comparator: one of `COMPARATORS`. LIKE minds upper and lower case, ILIKE does not.
        value: text, a whole number, or several texts for IN and NOT IN.
    """

    field: str
    comparator: str
    value: Value


def compile_conditions(columns: Collection[str], conditions: Sequence[Condition]) -> tuple[str, Parameters]:
    """An SQL expression over rows with these columns and an `id`, and its parameters; `true` where there are none.

    Raises:
        InputError: there is no such column or comparator, or the value does not suit it.
    """
    parts = []
    parameters: Parameters = {}
    for number, condition in enumerate(conditions):
        _check(columns, condition)
        value, key = f"value{number}", f"key{number}"
        parameters[value] = _bound(condition.value)
        if condition.field.startswith(TAG):
            parameters[key] = condition.field.removeprefix(TAG)
            comparison = _comparison("value", condition.comparator, value)
            tagged = f"FROM model_label WHERE kind = 'tag' AND name = ${key}"
            parts.append(f"id IN (SELECT id {tagged} AND {comparison})")
        else:
            parts.append(_comparison(f'"{condition.field}"', condition.comparator, value))
    return " AND ".join(parts) or "true", parameters


def _check(columns: Collection[str], condition: Condition) -> None:
    if condition.field not in columns and not condition.field.startswith(TAG):
        raise InputError(f"there is no {condition.field!r} to search by", f"one of: {', '.join(sorted(columns))}")
    if condition.comparator not in COMPARATORS:
        raise InputError(f"{condition.comparator!r} compares nothing", f"one of: {' '.join(COMPARATORS)}")
    several = not isinstance(condition.value, str | int)
    if several != (condition.comparator in ("IN", "NOT IN")):
        raise InputError(f"{condition.comparator} does not go with {condition.value!r}", "lists go with IN and NOT IN")


def _bound(value: Value) -> object:
    if isinstance(value, str):
        return value
    return max(-_MOST, min(value, _MOST)) if isinstance(value, int) else list(value)


def _comparison(operand: str, comparator: str, parameter: str) -> str:
    if comparator in ("IN", "NOT IN"):
        return f"{operand} {comparator} (SELECT unnest(${parameter}::VARCHAR[]))"
    return f"{operand} {comparator} ${parameter}"
