"""The filter language: MLflow's search grammar plus OR, NOT, parentheses, IN, BETWEEN, IS NULL and aggregates.

    filter     = condition {(AND | OR) condition}          NOT binds before AND, AND before OR; ( ) group
    condition  = operand (= | == | != | <> | < | <= | > | >=) value
               | operand [NOT] (LIKE | ILIKE | RLIKE) 'text'
               | operand [NOT] IN (value, …)
               | operand [NOT] BETWEEN value AND value
               | operand IS [NOT] NULL
               | attribute                                 one that is true or false: starred, NOT git_dirty
    operand    = name | max(name) | min | first | last | mean | best | count | step(min(name))
    name       = metrics.KEY | params.KEY | tags.KEY | attributes.KEY | datasets.KEY | KEY
    value      = number | 'text' | "text" | true | false

sqlglot parses it (`store.dialect`), and `parse_filter` turns the nodes that it knows into the frozen dataclasses of
`store.conditions`; any other node is refused, and no text of the user ever becomes SQL. What a missing value means is
SQL's answer: a run without `auc` matches neither `metrics.auc > 0.9` nor `NOT metrics.auc > 0.9`, only
`metrics.auc IS NULL`. NaN is a value that compares with no number: it too matches neither, only
`metrics.auc = NaN` (and `!=` a NaN matches every number).
"""

from __future__ import annotations

import math

from sqlglot import exp

from workbench.store.conditions import (
    CONSTANTS,
    NONFINITE,
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
from workbench.store.dialect import parse, refuse
from workbench.store.operands import fail, is_flag, named
from workbench.store.places import words_of

_COMPARISONS: dict[type[exp.Expr], str] = {
    exp.EQ: "=", exp.NEQ: "!=", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=",
    exp.Like: "LIKE", exp.ILike: "ILIKE", exp.RegexpLike: "RLIKE",
}  # fmt: skip


def parse_filter(text: str) -> Filter:
    """The tree of a filter; an empty text is the filter that every run matches.

    Raises:
        FilterError: with the position of the mistake and what is expected there.
    """
    if not text.strip():
        return Filter(text, None)
    return Filter(text, _condition(text, parse(text, words_of(text))))


def read_operand(text: str, node: exp.Expr) -> Operand:
    """The operand that a node of sqlglot's tree stands for.

    Raises:
        FilterError: it is not an operand, names no attribute, or asks of a value what it does not have.
    """
    match node:
        case exp.Column(this=exp.Identifier() as name, table=""):
            start = _start(name)
            return named(text, text[start : name.meta["end"] + 1], start)
        case exp.Anonymous(expressions=[inner]):
            return _aggregated(text, node.name.lower(), read_operand(text, inner), _start(node))
    return refuse(text, _start(node))


def _condition(text: str, node: exp.Expr) -> Condition:
    match node:
        case exp.Paren():
            return _condition(text, node.this)
        case exp.Not():
            return Not(_condition(text, node.this))
        case exp.And() | exp.Or():
            parts = tuple(_condition(text, part) for part in node.flatten(unnest=False))
            return Every(parts) if isinstance(node, exp.And) else Some(parts)
        case exp.Column() | exp.Anonymous():
            operand = read_operand(text, node)
            return (
                Comparison(operand, "=", True, operand.position) if is_flag(operand) else refuse(text, operand.position)
            )
    condition = _relation(text, node, read_operand(text, node.this))
    return Not(condition) if node.args.get("negate") else condition


def _relation(text: str, node: exp.Expr, operand: Operand) -> Condition:
    match node:
        case exp.Is(expression=exp.Null()):
            return IsNull(operand)
        case exp.In(expressions=[_, *_] as nodes):
            return Membership(operand, tuple(_value(text, value) for value in nodes), _start(node))
        case exp.Between():
            low, high, position = node.args["low"], node.args["high"], _start(node.args["low"])
            bounds = (">=", _value(text, low)), ("<=", _value(text, high))
            return Every(tuple(Comparison(operand, operator, bound, position) for operator, bound in bounds))
    operator = _COMPARISONS.get(type(node)) or refuse(text, operand.position)
    return Comparison(operand, operator, _value(text, node.expression), _start(node.expression))


def _value(text: str, node: exp.Expr) -> Value:
    match node:
        case exp.Literal(this=str() as literal, is_string=True):
            return literal
        case exp.Literal(this=str() as literal):
            if literal.lower() in CONSTANTS:
                return CONSTANTS[literal.lower()]
            number = float(literal)
            return NONFINITE["nan"] if math.isnan(number) else number
    return refuse(text, _start(node))


def _aggregated(text: str, function: str, inner: Operand, position: int) -> Operand:
    if inner.entity not in ("metrics", ""):
        explanation = f"{inner} has one value; name a metric here"
        fail(text, inner.position, f"{function}() is for metrics", explanation)
    if inner.at_step or (inner.aggregate and function != "step"):
        fail(text, inner.position, f"{function}() cannot hold {inner}", "a metric's name is expected here")
    if function != "step":
        return Operand(inner.entity, inner.name, function, False, position)
    if inner.aggregate in ("mean", "count"):
        fail(text, inner.position, f"{inner.aggregate}() has no step", "max, min, first, last and best have")
    return Operand(inner.entity, inner.name, inner.aggregate or "last", True, position)


def _start(node: exp.Expr) -> int:
    """Where a node begins; sqlglot knows the places of names, literals, calls and lists."""
    return next((part.meta["start"] for part in node.walk() if "start" in part.meta), 0)
