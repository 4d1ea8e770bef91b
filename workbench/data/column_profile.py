"""The profile of one column: one look at its values, sorted or counted once.

Minimum, maximum, mean, standard deviation, quantiles and histogram are over finite values; nulls, NaN and infinities
are counted beside them.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import polars as pl

from workbench.data.personal import hints, masked

Profile = dict[str, Any]

QUANTILES = (0.01, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99)
BINS = 20
TOP = 10
NEAR_CONSTANT = 0.99
"""A column is nearly constant where one value has this share of its rows."""
_MIN_IDENTIFIERS = 20
_IDENTIFIER_SHARE = 0.95
_MAX_IDENTIFIER_WORDS = 1.2
_SPREAD = 10
"""A range so many times wider than its middle 98 % is that of outliers, which have bins of their own."""
MASKS = ("personal", "all", "none")


def profile_column(column: pl.Series, *, mask: str = "personal") -> Profile:
    """What there is to say about one column; plain JSON values.

    Args:
        column: all of its values.
        mask: whose values are left out: `personal` those of columns that look like personal data, `all` those of
            every text, `none` nobody's.
    """
    values = column.drop_nulls()
    kind = kind_of(column.dtype)
    found: Profile = {
        "name": column.name,
        "type": str(column.dtype),
        "kind": kind,
        "count": len(values),
        "nulls": column.null_count(),
    }
    if kind == "numeric":
        found |= _numeric(values)
    elif kind == "datetime":
        found |= _moments(values)
    elif kind == "boolean":
        found |= _counted(values) | {"true": int(values.sum() or 0)}
    elif kind == "text":
        found |= _text(values.cast(pl.String))
    elif kind == "nested":
        found |= {"distinct": None, "top": []}
    else:
        found |= {"distinct": 0 if kind == "empty" else values.n_unique(), "top": []}
    found["role"] = _role(found, column)
    found["personal"] = (
        hints(values.cast(pl.String).unique(maintain_order=True) if kind == "text" else values)
        if (kind == "text" or column.dtype.is_integer())
        else []
    )
    if found["personal"] and kind == "numeric" and found["role"] is None and not _all_long(found):
        found["personal"] = []
    return hide(found, mask)


def kind_of(dtype: pl.DataType) -> str:
    """numeric, boolean, datetime, text, nested, binary or empty."""
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_numeric():
        return "numeric"
    if dtype.is_temporal():
        return "datetime"
    if dtype.is_nested() or dtype == pl.Object:
        return "nested"
    if dtype == pl.Null:
        return "empty"
    return "binary" if dtype == pl.Binary else "text"


def _numeric(values: pl.Series) -> Profile:
    nan = infinite = negative_infinite = 0
    if values.dtype.is_float():
        nan = int(values.is_nan().sum())
        infinite = int((values == float("inf")).sum())
        negative_infinite = int((values == float("-inf")).sum())
        if nan or infinite or negative_infinite:
            values = values.filter(values.is_finite())
    ordered = values.sort()
    numbers = ordered.cast(pl.Float64)
    found: Profile = {
        "nan": nan,
        "infinite": infinite,
        "negative_infinite": negative_infinite,
        "zeros": int((values == 0).sum()),
        "negative": int((values < 0).sum()) if len(values) else 0,
        "min": plain(ordered.first()) if len(ordered) else None,
        "max": plain(ordered.last()) if len(ordered) else None,
        "mean": numbers.mean(),
        "std": numbers.std(),
    }
    return found | _ordered(ordered, numbers, plain)


def _moments(values: pl.Series) -> Profile:
    """Dates, times and durations, whose numbers are those that the type counts in."""
    ordered = values.sort()
    dtype = values.dtype
    physical = ordered.to_physical().cast(pl.Int64)

    def shown(number: float) -> Any:
        return plain(pl.Series([round(number)]).cast(ordered.to_physical().dtype).cast(dtype)[0])

    found: Profile = {
        "min": plain(ordered.first()) if len(ordered) else None,
        "max": plain(ordered.last()) if len(ordered) else None,
    }
    found |= _ordered(physical, physical.cast(pl.Float64), shown)
    for value in found["top"]:
        value["value"] = shown(value["value"])
    return found


def _ordered(ordered: pl.Series, numbers: pl.Series, shown: Any) -> Profile:
    """Distinct values, top values, quantiles and histogram of sorted values."""
    runs = (
        pl.DataFrame({"run": ordered.rle()}).unnest("run") if len(ordered) else pl.DataFrame({"len": [], "value": []})
    )
    return {
        "distinct": runs.height,
        "top": _top(runs["value"], runs["len"]),
        "quantiles": {f"{q:g}": shown(numbers.quantile(q, "linear")) for q in QUANTILES if len(numbers)},
        "histogram": _histogram(numbers, shown),
    }


def _histogram(numbers: pl.Series, shown: Any) -> Profile | None:
    """Bins of equal width; from left edge to before the right one, the last with it.

    Where outliers stretch the range, the bins cover the middle 98 % and the outer two reach to them.
    """
    if numbers.is_empty():
        return None
    low, high = float(numbers[0]), float(numbers[-1])
    if low == high:
        return {"edges": [shown(low), shown(high)], "counts": [len(numbers)]}
    inner_low, inner_high = (float(numbers.quantile(q, "nearest") or 0) for q in (0.01, 0.99))
    stretched = inner_high > inner_low and (high / 2 - low / 2) > _SPREAD * (inner_high / 2 - inner_low / 2)
    begin, end = (inner_low, inner_high) if stretched else (low, high)
    step = end / BINS - begin / BINS
    edges = [begin + step * number for number in range(BINS)] + [end]
    if stretched:
        edges = [*([low] if low < begin else []), *edges, *([high] if high > end else [])]
    edges = sorted(set(edges))
    below = [0, *numbers.search_sorted(pl.Series(edges[1:-1], dtype=pl.Float64), side="left").to_list(), len(numbers)]
    counts = [b - a for a, b in pairwise(below)]
    return {"edges": [shown(edge) for edge in edges], "counts": counts}


def _text(values: pl.Series) -> Profile:
    lengths = values.str.len_chars()
    found: Profile = {
        "blank": int((values.str.strip_chars() == "").sum()),
        "padded": int((values != values.str.strip_chars()).sum()),
        "length": {"min": lengths.min(), "mean": lengths.mean(), "max": lengths.max()},
        "words": (values.str.count_matches(r"\S+").mean()) if len(values) else None,
    }
    return found | _counted(values)


def _counted(values: pl.Series) -> Profile:
    counts = values.rename("value").value_counts(name="len")
    return {"distinct": counts.height, "top": _top(counts["value"], counts["len"])}


def _top(values: pl.Series, counts: pl.Series) -> list[Profile]:
    """The most frequent values, equal ones in their order; none where every value comes once."""
    if counts.is_empty() or counts.max() == 1:
        return []
    least = int(counts.top_k(TOP).min())  # type: ignore[arg-type]
    both = pl.DataFrame({"value": values, "count": counts})
    often = both.filter(pl.col("count") > least).sort("count", "value", descending=[True, False])
    rest = both.filter(pl.col("count") == least).bottom_k(TOP, by="value").sort("value")
    return [
        {"value": plain(value), "count": int(count)} for value, count in [*often.iter_rows(), *rest.iter_rows()][:TOP]
    ]


def _role(found: Profile, column: pl.Series) -> str | None:
    """empty, constant, near_constant, identifier, or None."""
    count, distinct = found["count"], found["distinct"]
    if not count:
        return "empty"
    if distinct is None:
        return None
    special = found.get("nan", 0) + found.get("infinite", 0) + found.get("negative_infinite", 0)
    if distinct + bool(special) == 1 and not found["nulls"]:
        return "constant"
    if found["top"] and found["top"][0]["count"] >= NEAR_CONSTANT * len(column):
        return "near_constant"
    if count >= _MIN_IDENTIFIERS and distinct >= _IDENTIFIER_SHARE * count:
        if found["kind"] == "text" and (found["words"] or 0) <= _MAX_IDENTIFIER_WORDS:
            return "identifier"
        if column.dtype.is_integer() and (_named_as_one(found["name"]) or _counts_up(found, distinct)):
            return "identifier"
    return None


def _named_as_one(name: str) -> bool:
    bare = name.lower()
    return (
        bare in ("id", "uuid", "key", "index")
        or bare.endswith(("_id", " id", "-id", ".id", "_key"))
        or name.endswith("Id")
    )


def _counts_up(found: Profile, distinct: int) -> bool:
    """Whether whole numbers are those of a counter: nearly all between the least and the greatest are there."""
    return bool(found["distinct"] == found["count"] and found["max"] - found["min"] < 1.1 * distinct)


def _all_long(found: Profile) -> bool:
    return found["min"] is not None and int(found["min"]) >= 10**12


def hide(found: Profile, mask: str) -> Profile:
    """A column's profile without the values that `mask` hides: those of personal data, or of every text."""
    text = found["kind"] == "text"
    if found.get("masked") or mask == "none" or not (found["personal"] or (mask == "all" and text)):
        return found | {"masked": found.get("masked", False)}
    found = found | {"masked": True}
    if text:
        return found | {"top": [{**item, "value": masked(item["value"])} for item in found["top"]]}
    return found | {"top": [], "quantiles": {}, "histogram": None, **dict.fromkeys(("min", "max", "mean", "std"))}


def plain(value: Any) -> Any:
    """A value as JSON has it: moments as ISO 8601, decimals and durations as numbers."""
    if isinstance(value, datetime) and value.tzinfo is not None:
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return float(value)
