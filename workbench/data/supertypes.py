"""One type for a column that files have with several: the narrowest that loses nothing, text where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import polars as pl

from workbench.base.jsonvalue import dumps

Types = Mapping[str, pl.DataType]


@dataclass(frozen=True)
class Conflict:
    """A column that has several types.

    Attributes:
        column: its name.
        types: the types, by the name of the first file that has each.
        result: what it is read as.
    """

    column: str
    types: Mapping[str, pl.DataType]
    result: pl.DataType

    def __str__(self) -> str:
        found = ", ".join(f"{kind} in {name}" for name, kind in self.types.items())
        return f"{self.column} is {found}; it is read as {self.result}"


def merged_types(schemas: Iterable[tuple[str, Types]]) -> tuple[dict[str, pl.DataType], list[Conflict]]:
    """The columns of several tables, in the order in which they are first met, each with one type.

    Args:
        schemas: the name of each table, for messages, and its columns.
    """
    found: dict[str, dict[pl.DataType, str]] = {}
    for name, types in schemas:
        for column, kind in types.items():
            found.setdefault(column, {}).setdefault(kind, name)
    merged, conflicts = {}, []
    for column, names in found.items():
        result, *others = names
        for kind in others:
            result = supertype(result, kind)
        merged[column] = result
        stated = {name: kind for kind, name in names.items() if not isinstance(kind, pl.Null)}
        if len(stated) > 1:
            conflicts.append(Conflict(column, stated, result))
    return merged, conflicts


def supertype(a: pl.DataType, b: pl.DataType) -> pl.DataType:
    """The narrowest type that both fit into; text where one is a moment or is nested and the other is not."""
    if a == b:
        return a
    for kind, other in ((a, b), (b, a)):
        if isinstance(kind, pl.Null):
            return other
    if a.is_temporal() != b.is_temporal() or a.is_nested() != b.is_nested():
        return pl.String()
    if isinstance(a, pl.Boolean) or isinstance(b, pl.Boolean):
        return pl.String()  # true is no measurement
    try:
        both = pl.concat([pl.LazyFrame(schema={"c": a}), pl.LazyFrame(schema={"c": b})], how="vertical_relaxed")
        return both.collect_schema()["c"]
    except pl.exceptions.PolarsError:
        return pl.String()


def as_type(column: str, kind: pl.DataType, wanted: pl.DataType) -> pl.Expr:
    """The expression that reads a column as its supertype; what is nested becomes JSON text."""
    value = pl.col(column)
    if kind == wanted:
        return value
    if isinstance(wanted, pl.String) and kind.is_nested():
        around = f"{{{dumps(column)}:"
        text = pl.struct(column).struct.json_encode().str.strip_prefix(around).str.strip_suffix("}")
        return pl.when(value.is_not_null()).then(text).alias(column)
    return value.cast(wanted)


def aligned(frame: pl.LazyFrame, types: Types, wanted: Types) -> pl.LazyFrame:
    """A table with exactly the columns `wanted`, in their order; one that it does not have is null."""
    return frame.select(
        as_type(name, types[name], kind) if name in types else pl.lit(None, kind).alias(name)
        for name, kind in wanted.items()
    )
