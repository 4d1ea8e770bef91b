"""What differs between two tables: columns, rows by key, and how the values of each column are distributed.

Two distributions are as far apart as the largest difference of their distribution functions (Kolmogorov-Smirnov's D)
where values have an order, and as half the sum of the differences of shares (total variation) where they have none:
0 is the same, 1 has nothing in common, and neither depends on which table comes first.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from workbench.base.errors import InputError
from workbench.data.column_profile import kind_of, plain
from workbench.data.personal import looks_personal, masked
from workbench.data.profiles import groups, parsed_once
from workbench.data.sources import Paths
from workbench.data.supertypes import aligned, supertype
from workbench.data.tables import Source, open_source, readable

Document = dict[str, Any]

EXAMPLES = 5
_A, _B = "\0a", "\0b"


def difference(a: Source, b: Source, *, key: Sequence[str] = (), names: tuple[str, str] = ("a", "b")) -> Document:
    """What differs, as a JSON document; `a` is what there was before.

    Args:
        key: columns that tell rows; without them rows are compared as wholes.
        names: what to call the two.

    Raises:
        InputError: a table has no such key, or it does not tell its rows; a table cannot be read.
    """
    common = [name for name in a.types if name in b.types]
    for name in key:
        if name not in common:
            where = names[0] if name not in a.types else names[1]
            raise InputError(f"{where} has no column {name}", f"columns of both: {', '.join(common[:10]) or 'none'}")
    wanted = {name: _comparable(supertype(a.types[name], b.types[name])) for name in common}
    with tempfile.TemporaryDirectory(prefix="workbench-diff-") as one, tempfile.TemporaryDirectory() as other:
        frames = (parsed_once(a, one), parsed_once(b, other))
        left, right = (aligned(frame, side.types, wanted) for frame, side in zip(frames, (a, b), strict=True))
        rows = tuple(int(frame.select(pl.len()).collect().item()) for frame in frames)
        keyed = _by_key(left, right, list(key), common, names) if key else None
        wholes = None if key else _as_wholes(left, right, common)
        distributions = [
            _distribution(name, *pair)
            for group in groups(wanted, max(rows))
            for name, pair in _columns(left, right, group)
        ]
    columns = {
        "added": [{"name": name, "type": str(kind)} for name, kind in b.types.items() if name not in a.types],
        "removed": [{"name": name, "type": str(kind)} for name, kind in a.types.items() if name not in b.types],
        "changed": [
            {"name": name, "a": str(a.types[name]), "b": str(b.types[name])}
            for name in common
            if a.types[name] != b.types[name]
        ],
        "reordered": common != [name for name in b.types if name in a.types],
    }
    same_columns = not (columns["added"] or columns["removed"] or columns["changed"])
    same_rows = rows[0] == rows[1] and not (
        keyed["added"] + keyed["removed"] + keyed["changed"] if keyed else wholes["only_a"] + wholes["only_b"]  # type: ignore[index]
    )
    return {
        "a": names[0],
        "b": names[1],
        "equal": same_columns and same_rows,
        "rows": {"a": rows[0], "b": rows[1]},
        "columns": columns,
        "by_key": keyed,
        "as_wholes": wholes,
        "distributions": sorted(distributions, key=lambda one: (-(one["distance"] or 0), one["name"])),
    }


def compare_files(
    a: Paths,
    b: Paths,
    *,
    key: Sequence[str] = (),
    names: tuple[str, str] = ("a", "b"),
    options: tuple[Mapping[str, Any], Mapping[str, Any]] = ({}, {}),
) -> Document:
    """`difference` of the tables that files hold.

    Args:
        options: for each side, as `tables.open_source`.

    Raises: as `tables.read` and `difference`.
    """
    sides = [open_source(a, **options[0]), open_source(b, **options[1])]
    if any(side.sampled for side in sides):
        try:
            return difference(sides[0], sides[1], key=key, names=names)
        except pl.exceptions.PolarsError:
            sides = [open_source(a, **{**options[0], "exact": True}), open_source(b, **{**options[1], "exact": True})]
    with readable(f"{names[0]} or {names[1]}"):
        return difference(sides[0], sides[1], key=key, names=names)


def _comparable(kind: pl.DataType) -> pl.DataType:
    """Nested values are compared as JSON text, and categories as text."""
    return pl.String() if kind_of(kind) in ("nested", "text") else kind


def _columns(
    left: pl.LazyFrame, right: pl.LazyFrame, names: list[str]
) -> list[tuple[str, tuple[pl.Series, pl.Series]]]:
    a, b = left.select(names).collect(), right.select(names).collect()
    return [(name, (a[name], b[name])) for name in names]


def _by_key(
    left: pl.LazyFrame, right: pl.LazyFrame, key: list[str], common: list[str], names: tuple[str, str]
) -> Document:
    for frame, name in ((left, names[0]), (right, names[1])):
        seen = frame.group_by(key).len().filter(pl.col("len") > 1)
        [(shared, rows)] = (
            seen.select(pl.len().alias("values"), pl.col("len").sum().alias("rows")).collect().iter_rows()
        )
        if shared:
            raise InputError(
                f"{', '.join(key)} does not tell the rows of {name}: {rows:,} rows share {shared:,} values",
                "name more columns: --key A --key B",
            )
    others = [name for name in common if name not in key]
    joined = left.with_columns(pl.lit(True).alias(_A)).join(
        right.select(*key, *(pl.col(name).alias(f"{_B}{name}") for name in others), pl.lit(True).alias(_B)),
        on=key,
        how="full",
        coalesce=True,
        nulls_equal=True,
    )
    both = pl.col(_A).is_not_null() & pl.col(_B).is_not_null()
    unequal = {name: both & pl.col(name).ne_missing(pl.col(f"{_B}{name}")) for name in others}
    changed = pl.any_horizontal(unequal.values()) if unequal else pl.lit(False)
    counts = joined.select(
        pl.col(_A).is_null().sum().alias("\0added"),
        pl.col(_B).is_null().sum().alias("\0removed"),
        both.sum().alias("\0both"),
        (changed & both).sum().alias("\0changed"),
        *(mask.sum().alias(f"={name}") for name, mask in unequal.items()),
    ).collect()

    def keys(rows: pl.Expr) -> list[list[Any]]:
        found = joined.filter(rows).select(key).sort(key).head(EXAMPLES).collect()
        return [[_shown(value) for value in row] for row in found.iter_rows()]

    by_column = {name: int(counts[f"={name}"][0]) for name in others if counts[f"={name}"][0]}
    examples = []
    for name in sorted(by_column, key=lambda name: -by_column[name])[:EXAMPLES]:
        row = joined.filter(unequal[name]).select(*key, name, f"{_B}{name}").sort(key).head(1).collect().row(0)
        values = [_shown(value) for value in row]
        examples.append({"key": values[: len(key)], "column": name, "a": values[-2], "b": values[-1]})
    return {
        "key": key,
        "added": int(counts["\0added"][0]),
        "removed": int(counts["\0removed"][0]),
        "changed": int(counts["\0changed"][0]),
        "unchanged": int(counts["\0both"][0]) - int(counts["\0changed"][0]),
        "changed_values": by_column,
        "examples": {
            "added": keys(pl.col(_A).is_null()),
            "removed": keys(pl.col(_B).is_null()),
            "changed": examples,
        },
    }


def _as_wholes(left: pl.LazyFrame, right: pl.LazyFrame, common: list[str]) -> Document:
    """How many rows are in both, counted as often as they are there, by a hash of the columns of both."""
    counts = []
    for frame, side in ((left, _A), (right, _B)):
        hashes = (
            frame.select(pl.struct(common).hash().alias("hash")) if common else frame.select(pl.lit(0).alias("hash"))
        )
        counts.append(hashes.group_by("hash").agg(pl.len().cast(pl.Int64).alias(side)))
    joined = (
        counts[0]
        .join(counts[1], on="hash", how="full", coalesce=True)
        .select(pl.col(_A).fill_null(0), pl.col(_B).fill_null(0))
    )
    in_both = pl.min_horizontal(_A, _B)
    [(both, only_a, only_b)] = (
        joined.select(
            in_both.sum().alias("both"),
            (pl.col(_A) - in_both).sum().alias("only_a"),
            (pl.col(_B) - in_both).sum().alias("only_b"),
        )
        .collect()
        .iter_rows()
    )
    return {"both": int(both), "only_a": int(only_a), "only_b": int(only_b)}


def _distribution(name: str, a: pl.Series, b: pl.Series) -> Document:
    kind = kind_of(a.dtype)
    found: Document = {
        "name": name,
        "kind": kind,
        "nulls": {"a": a.null_count(), "b": b.null_count()},
        "null_share": {"a": _share(a), "b": _share(b)},
        "distinct": {"a": a.n_unique() - bool(a.null_count()), "b": b.n_unique() - bool(b.null_count())},
        "distance": None,
        "method": None,
    }
    a, b = a.drop_nulls(), b.drop_nulls()
    if kind in ("numeric", "datetime"):
        x, y = (_numbers(column) for column in (a, b))
        if kind == "numeric":
            found["mean"] = {"a": _mean(x), "b": _mean(y)}
        found["median"] = {"a": plain(a.median()), "b": plain(b.median())}
        if len(x) and len(y):
            found |= {"distance": ks(x, y), "method": "ks"}
    elif kind in ("text", "boolean") and len(a) and len(b):
        shares = _value_shares(a, b)
        found |= {"distance": float((shares["a"] - shares["b"]).abs().sum() / 2), "method": "tvd"}
        if kind == "text":
            new, gone = shares.filter(pl.col("a") == 0), shares.filter(pl.col("b") == 0)
            found["new_values"] = _values(new.sort("b", "value", descending=[True, False]), new.height)
            found["vanished_values"] = _values(gone.sort("a", "value", descending=[True, False]), gone.height)
    return found


def ks(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any]) -> float:
    """The largest difference of the distribution functions of two samples, ties included; neither is empty."""
    values = np.concatenate([a, b])
    a, b = np.sort(a), np.sort(b)
    below = np.searchsorted(a, values, side="right") / len(a) - np.searchsorted(b, values, side="right") / len(b)
    return float(np.abs(below).max())


def _numbers(column: pl.Series) -> np.ndarray[Any, Any]:
    if column.dtype.is_temporal():
        column = column.to_physical()
    numbers: np.ndarray[Any, Any] = column.cast(pl.Float64).to_numpy()
    finite: np.ndarray[Any, Any] = numbers[np.isfinite(numbers)]
    return finite


def _mean(numbers: np.ndarray[Any, Any]) -> float | None:
    return float(numbers.mean()) if len(numbers) else None


def _value_shares(a: pl.Series, b: pl.Series) -> pl.DataFrame:
    counted = [column.rename("value").value_counts(name=side) for column, side in ((a, "a"), (b, "b"))]
    both = counted[0].join(counted[1], on="value", how="full", coalesce=True).fill_null(0)
    return both.select("value", pl.col("a") / len(a), pl.col("b") / len(b))


def _values(frame: pl.DataFrame, count: int) -> Document:
    return {"count": count, "examples": [_shown(value) for value in frame["value"].head(EXAMPLES)]}


def _share(column: pl.Series) -> float | None:
    return column.null_count() / len(column) if len(column) else None


def _shown(value: Any) -> Any:
    """A value as JSON; one that looks like personal data is masked."""
    return masked(value) if looks_personal(value) else plain(value)
