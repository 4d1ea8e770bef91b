"""A filter as a WHERE clause: three-valued, as SQL is, with every value of the user a parameter."""

from __future__ import annotations

import math
from typing import NoReturn

import duckdb

from workbench.base.errors import FilterError
from workbench.base.moments import parse_span
from workbench.store.conditions import (
    PATTERNS,
    Comparison,
    Condition,
    Every,
    Filter,
    IsNull,
    Membership,
    Not,
    Operand,
    Some,
    Value,
)
from workbench.store.fields import STATUSES, parse_time
from workbench.store.hints import near_matches
from workbench.store.terms import Scope, Term

_DATASET_FIELDS = {
    "name": "name",
    "digest": "digest",
    "path": "path",
    "format": "format",
    "context": "json_extract_string(detail, '$.context')",
}
_UNITS = {
    "time": "times look like '2026-11-21', '2026-11-21T07:41Z' or '-2h', as seen from now",
    "duration": "durations are seconds, or look like '90s' and '2h'",
    "number": "a number is expected here, like 0.9 or 1e-5",
    "bool": "true or false is expected here",
    "text": "text in single quotes is expected here",
    "status": f"one of {', '.join(STATUSES)}",
    "param": "a number or text in single quotes is expected here",
}


def where_clause(scope: Scope, filter: Filter) -> str:
    """The condition over a row of `run r` and the joins of `scope`.

    Raises:
        FilterError: a name is unknown or ambiguous, or a value does not fit what it is compared with.
    """
    return "true" if filter.condition is None else _Compiler(scope, filter.text).sql(filter.condition)


def names_attribute(condition: Condition | None, name: str) -> bool:
    """Whether a filter speaks of this attribute of runs."""
    match condition:
        case None:
            return False
        case Not(inner):
            return names_attribute(inner, name)
        case Every(parts) | Some(parts):
            return any(names_attribute(part, name) for part in parts)
        case Comparison(operand=operand) | Membership(operand=operand) | IsNull(operand=operand):
            return operand.entity in ("attributes", "") and operand.name == name


class _Compiler:
    def __init__(self, scope: Scope, text: str) -> None:
        self._scope = scope
        self._text = text

    def sql(self, condition: Condition) -> str:
        match condition:
            case Not(inner):
                return f"(NOT {self.sql(inner)})"
            case Every(parts):
                return f"({' AND '.join(map(self.sql, parts))})"
            case Some(parts):
                return f"({' OR '.join(map(self.sql, parts))})"
            case IsNull(operand):
                if operand.entity == "datasets":
                    return f"(NOT {self._any_dataset(f'{_DATASET_FIELDS[operand.name]} IS NOT NULL')})"
                return f"({self._term(operand).value} IS NULL)"
            case Comparison(operand, operator, value, position):
                sql = self._comparison(self._term(operand), operator, value, position)
            case Membership(operand, values, position):
                sql = self._membership(self._term(operand), values, position)
        return self._any_dataset(sql) if operand.entity == "datasets" else sql

    def _any_dataset(self, sql: str) -> str:
        """A condition on a data set holds where any one of the run's meets it."""
        return f"r.run_id IN (SELECT run_id FROM dataset WHERE {sql})"

    def _term(self, operand: Operand) -> Term:
        if operand.entity == "datasets":
            field = _DATASET_FIELDS[operand.name]
            return Term("text", field, field)
        return self._scope.term(operand, self._text)

    def _comparison(self, term: Term, operator: str, value: Value, position: int) -> str:
        if operator in PATTERNS:
            return self._pattern(term, operator, value, position)
        left, right = self._sides(term, value, position)
        if isinstance(right, float) and math.isnan(right):
            if operator not in ("=", "!="):
                self._fail("NaN is neither greater nor less than a number", position, "write = NaN or != NaN")
            return f"{'' if operator == '=' else 'NOT '}isnan({term.number})"
        if isinstance(right, bool) and operator not in ("=", "!="):
            self._fail("true and false have no order", position, "= and != compare them")
        return f"{left} {operator} {self._scope.parameter(right)}"

    def _pattern(self, term: Term, operator: str, value: Value, position: int) -> str:
        if not term.text:
            self._fail(f"{operator} is for text", position, "this is not text; = < and > compare it")
        if operator == "RLIKE":
            try:
                self._scope.check_pattern(str(value))
            except duckdb.InvalidInputException as error:
                reason = str(error).splitlines()[0].removeprefix("Invalid Input Error: ")
                self._fail(f"this is not a regular expression: {reason}", position, "RE2 syntax is expected here")
            return f"regexp_matches({term.text}, {self._scope.parameter(value)})"
        return f"{term.text} {operator} {self._scope.parameter(value)}"

    def _membership(self, term: Term, values: tuple[Value, ...], position: int) -> str:
        groups: dict[str, list[object]] = {}
        parts = []
        for value in values:
            left, right = self._sides(term, value, position)
            if isinstance(right, float) and math.isnan(right):
                parts.append(f"isnan({term.number})")
            else:
                groups.setdefault(left, []).append(right)
        for left, rights in groups.items():
            parts.append(f"{left} IN ({', '.join(map(self._scope.parameter, rights))})")
        return f"({' OR '.join(parts)})"

    def _sides(self, term: Term, value: Value, position: int) -> tuple[str, object]:
        """The expression and the value that an operator stands between."""
        match term.kind:
            case "time":
                return term.value, self._time(value, position)
            case "bool":
                return term.value, self._flag(value, position)
            case "status":
                return term.text, self._status(value, position)
            case "duration":
                span_s = parse_span(value) if isinstance(value, str) else None
                return term.number, self._number(value, "duration", position) if span_s is None else span_s
            case "number":
                return term.real, self._number(value, "number", position)
        if isinstance(value, bool):
            return f"lower({term.text})", "true" if value else "false"
        if isinstance(value, str):
            return term.text, value
        if not term.number:
            self._fail("this is text", position, f"text goes in single quotes: '{value:g}'")
        return term.real, value

    def _time(self, value: Value, position: int) -> object:
        moment = None if isinstance(value, bool) else parse_time(value, self._scope.now_us)
        if moment is None:
            self._fail(f"{_shown(value)} is not a time", position, _UNITS["time"])
        return moment

    def _flag(self, value: Value, position: int) -> bool:
        if isinstance(value, bool):
            return value
        if str(value).lower() not in ("true", "false"):
            self._fail(f"{_shown(value)} is neither true nor false", position, _UNITS["bool"])
        return str(value).lower() == "true"

    def _status(self, value: Value, position: int) -> str:
        status = str(value).lower()
        if status not in (*STATUSES, "scheduled"):  # MLflow's word for a run that has not begun
            self._fail(f"{_shown(value)} is not a status", position, _UNITS["status"], near_matches(status, STATUSES))
        return status

    def _number(self, value: Value, kind: str, position: int) -> float:
        if not isinstance(value, bool):
            try:
                number = float(value)
                return math.nan if number != number else number
            except ValueError:
                pass
        return self._fail(f"{_shown(value)} is not a number", position, _UNITS[kind])

    def _fail(self, message: str, position: int, explanation: str, hint: str | None = None) -> NoReturn:
        raise FilterError(message, text=self._text, position=position, explanation=explanation, hint=hint)


def _shown(value: Value) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else f"{value:g}"
