"""The checks that a schema makes of a table: for each rule an expression that is true in the rows that break it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from workbench.data.expressions import compile_expression
from workbench.data.schemas import ColumnRule, RowRule, Schema

_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "text": "a text",
    "boolean": "true or false",
    "date": "a date",
    "datetime": "a moment",
}


@dataclass(frozen=True, eq=False)
class Check:
    """One check.

    Attributes:
        rule: type, nulls, min, max, allowed, pattern, min_length, max_length, unique, finite, required, extra, or the
            name of a rule on rows.
        column: which it is about; None where it is about rows.
        severity: error or warning.
        demand: what it demands, in words.
        bad: true in rows that break it; null does not.
        shows: the columns whose values explain it.
        tolerance: how many rows may break it: a share below 1, or a number.
        skipped: why it is not made.
        failed: why it fails without looking at rows.
        may_fail: whether computing it may fail through no fault of the program.
    """

    rule: str
    column: str | None
    severity: str
    demand: str
    bad: pl.Expr | None = None
    shows: tuple[str, ...] = ()
    tolerance: float = 0
    skipped: str | None = None
    failed: str | None = None
    may_fail: bool = False


def checks_of(
    schema: Schema, types: Mapping[str, pl.DataType], environment: str | None, *, from_text: bool
) -> list[Check]:
    """The checks of a table, in the order of the schema.

    Args:
        types: of its columns.
        environment: rules of others are left out; None is all.
        from_text: types are what text files look like, so that a column that is meant to be a number may have come as
            text because of a few cells; each value is judged then.
    """
    found: list[Check] = []
    values: dict[str, pl.Expr] = {}
    for rule in schema.columns.values():
        if rule.name in types:
            values[rule.name] = _read_as(rule.type, rule.name, types[rule.name], from_text)[0]
        if _applies(rule, environment):
            found += _column_checks(rule, types.get(rule.name), from_text)
    for group in schema.unique:
        missing = [name for name in group if name not in types]
        demand = f"{', '.join(group)} tell rows"
        if missing:
            found.append(Check("unique", None, schema.severity, demand, skipped=f"there is no column {missing[0]}"))
        else:
            bad = pl.struct(group).is_duplicated()
            found.append(Check("unique", None, schema.severity, demand, bad, group))
    if schema.extra_columns != "ok":
        known = {*schema.columns, *(name for group in schema.unique for name in group)}
        known |= {name for rule in schema.rules for name in rule.check.columns}
        known |= {schema.freshness.column} if schema.freshness is not None else set()
        extra = [name for name in types if name not in known]
        demand = "no columns without rules"
        said = f"columns without rules: {', '.join(extra[:10])}" + (
            f" and {len(extra) - 10} more" if len(extra) > 10 else ""
        )
        found.append(Check("extra_columns", None, schema.extra_columns, demand, failed=said if extra else None))
    for row_rule in schema.rules:
        if _applies(row_rule, environment):
            found.append(_row_check(row_rule, types, values))
    return found


def _applies(rule: ColumnRule | RowRule, environment: str | None) -> bool:
    return environment is None or not rule.environments or environment in rule.environments


def _row_check(rule: RowRule, types: Mapping[str, pl.DataType], values: Mapping[str, pl.Expr]) -> Check:
    missing = [name for name in rule.check.columns if name not in types]
    demand = rule.name if rule.name == rule.check.text else f"{rule.name} ({rule.check.text})"
    skipped = f"there is no column {missing[0]}" if missing else None
    bad = None if missing else ~compile_expression(rule.check.text, values).condition
    return Check(
        rule.name, None, rule.severity, demand, bad, rule.check.columns, rule.tolerance, skipped, may_fail=True
    )


def _column_checks(rule: ColumnRule, kind: pl.DataType | None, from_text: bool) -> Iterator[Check]:
    name = rule.name

    def check(word: str, demand: str, bad: pl.Expr | None = None, **more: Any) -> Check:
        return Check(word, name, rule.severity, demand, bad, (name,), rule.tolerance, **more)

    if kind is None:
        if rule.required:
            yield check("required", f"{name} is there", failed=f"there is no column {name}")
        return
    value, misfits, wrong = _read_as(rule.type, name, kind, from_text)
    if wrong is not None:
        yield check("type", f"{name} is {_WORDS[rule.type]}", failed=f"{name} is {_WORDS[rule.type]}: it is {wrong}")
        return
    yield check("type", f"{name} is {_WORDS.get(rule.type, 'anything')}", misfits)
    if rule.nulls < 1:
        demand = f"{name} has no nulls" if not rule.nulls else f"at most {rule.nulls:.4g} of {name} are null"
        tolerance = max(rule.nulls, 0 if rule.tolerance >= 1 else rule.tolerance)
        yield Check("nulls", name, rule.severity, demand, pl.col(name).is_null(), (), _below_one(tolerance))
    numbers = kind.is_float() or (rule.type == "number" and kind == pl.String)
    bounded = pl.when(value.is_not_nan()).then(value) if numbers else value  # NaN is neither above nor below
    if rule.min is not None:
        yield check("min", f"{name} >= {rule.min}", bounded < _bound(rule.min, rule.type), may_fail=True)
    if rule.max is not None:
        yield check("max", f"{name} <= {rule.max}", bounded > _bound(rule.max, rule.type), may_fail=True)
    if rule.finite:
        bad = ~value.cast(pl.Float64).is_finite()
        yield check("finite", f"{name} is finite", bad, may_fail=True)
    if rule.allowed is not None:
        few = ", ".join(map(str, rule.allowed[:5])) + (" …" if len(rule.allowed) > 5 else "")
        yield check("allowed", f"{name} is one of {few}", ~_is_one_of(value, kind, rule.allowed), may_fail=True)
    if rule.unique:
        bad = pl.col(name).is_duplicated() & pl.col(name).is_not_null()
        yield check("unique", f"{name} is unique", bad)
    text = value.cast(pl.String)
    if rule.pattern is not None:
        yield check(
            "pattern", f"{name} matches {rule.pattern}", ~text.str.contains(f"^(?:{rule.pattern})$"), may_fail=True
        )
    if rule.min_length is not None:
        bad = text.str.len_chars() < rule.min_length
        yield check("min_length", f"{name} has {rule.min_length} characters or more", bad, may_fail=True)
    if rule.max_length is not None:
        bad = text.str.len_chars() > rule.max_length
        yield check("max_length", f"{name} has at most {rule.max_length} characters", bad, may_fail=True)


def _read_as(wanted: str, name: str, kind: pl.DataType, from_text: bool) -> tuple[pl.Expr, pl.Expr, str | None]:
    """A column's values as a type, which rows have a value that is none, and what it is where no row can fit."""
    column = pl.col(name)
    fine = pl.lit(False)
    is_text = kind == pl.String or isinstance(kind, (pl.Categorical, pl.Enum))
    if kind == pl.Null or wanted == "any":
        return column, fine, None
    if wanted == "integer":
        if kind.is_integer():
            return column, fine, None
        if kind.is_float():  # nulls make floats of whole numbers in pandas
            return column, column.is_finite() & (column != column.floor()), None
        converted = column.cast(pl.Int64, strict=False)
    elif wanted == "number":
        if kind.is_numeric():
            return column, fine, None
        converted = column.cast(pl.Float64, strict=False)
    elif wanted == "text":
        return (column.cast(pl.String), fine, None) if is_text or from_text else (column, fine, str(kind))
    elif wanted == "boolean":
        if kind == pl.Boolean:
            return column, fine, None
        lower = column.cast(pl.String).str.to_lowercase()
        converted = pl.when(lower.is_in(["true", "false"])).then(lower == "true")
    else:
        if kind == (pl.Date if wanted == "date" else pl.Datetime) or (wanted == "datetime" and kind == pl.Date):
            zoned = isinstance(kind, pl.Datetime) and kind.time_zone is not None
            utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None) if zoned else column
            return utc, fine, None
        text = column.cast(pl.String)
        converted = text.str.to_date(strict=False) if wanted == "date" else text.str.to_datetime(strict=False)
    if not (is_text and from_text):
        return column, fine, str(kind)
    return converted, column.is_not_null() & converted.is_null(), None


def _is_one_of(value: pl.Expr, kind: pl.DataType, allowed: Sequence[Any]) -> pl.Expr:
    """Whether values are among some; 1 and 1.0 are the same number."""
    numbers = all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in allowed)
    if numbers and (kind.is_float() or any(isinstance(one, float) for one in allowed)):
        return value.cast(pl.Float64).is_in([float(one) for one in allowed])
    return value.is_in(list(allowed))


def _bound(value: Any, kind: str) -> pl.Expr:
    """A bound as a literal; moments are UTC without a zone, as the values that they are compared with."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        value = value.astimezone(UTC).replace(tzinfo=None)
    return pl.lit(value) if kind != "datetime" else pl.lit(value).cast(pl.Datetime("us"))


def _below_one(share: float) -> float:
    """A share as a tolerance, where 1 would mean one row."""
    return min(share, 1 - 1e-12)
