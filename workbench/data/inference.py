"""Rules that data fulfil, inferred from them, as a file that people read and change.

What is inferred is what a later table should share with this one: types, columns that have no nulls, identifiers that
are unique, the values of columns with few of them. Bounds of numbers are wider than what was seen by its whole range,
rounded outwards: they catch another unit, not the next record.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from workbench.base.jsonvalue import dumps

Document = Mapping[str, Any]

MAX_ALLOWED = 30
"""Columns with at most so many different values get a list of them."""
_SEEN_OFTEN = 10
"""… where each of them was seen so often on average."""
_BARE = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")


def infer_schema(profile: Document, shown: str) -> str:
    """The text of a file of rules for a profiled table; see `schemas`.

    Args:
        profile: as `profiles.profile` makes it. What it masks is in no rule.
        shown: what the data are called.
    """
    rows = profile["rows"]
    lines = [
        f"# What {_comment(shown)} looks like, inferred from {rows:,} rows. Change it: it is yours.",
        "# Check with: workbench data validate DATA --schema THIS_FILE",
        "",
        "[table]",
        "min_rows = 1",
        'extra_columns = "warning"',
    ]
    for column in profile["columns"]:
        lines += ["", f"[columns.{key(column['name'])}]", f"type = {dumps(type_of(column))}"]
        lines += _rules(column, rows)
    return "\n".join(lines) + "\n"


def type_of(column: Document) -> str:
    """The type of rules for a profiled column."""
    kind, dtype = column["kind"], column["type"]
    if kind == "numeric":
        return "integer" if dtype.startswith(("Int", "UInt")) else "number"
    if kind == "datetime":
        return "datetime" if dtype.startswith("Datetime") else "date" if dtype == "Date" else "any"
    return kind if kind in ("text", "boolean") else "any"


def key(name: str) -> str:
    """A name as a key of TOML, in quotes where it needs them."""
    return name if name and set(name) <= _BARE else _text(name)


def _rules(column: Document, rows: int) -> list[str]:
    lines = []
    if rows and column["count"]:
        share = column["nulls"] / rows
        if share < 1:
            lines.append("nulls = false" if not column["nulls"] else f"nulls = {min(1.0, _up(2 * share + 0.01)):g}")
    personal = ", ".join(form.replace("_", " ") for form in column["personal"])
    if personal:
        lines.append(f"# looks like personal data: {personal}")
    if column["role"] == "identifier" and column["distinct"] == column["count"]:
        lines.append("unique = true")
        return lines
    if column["kind"] == "numeric" and column.get("min") is not None:
        low, high = _bounds(column["min"], column["max"], whole=type_of(column) == "integer")
        lines += [f"min = {low}", f"max = {high}"]
        if (
            not column["nan"]
            and not column["infinite"]
            and not column["negative_infinite"]
            and type_of(column) == "number"
        ):
            lines.append("finite = true")
    few = column["distinct"] is not None and len(column["top"]) == column["distinct"] <= MAX_ALLOWED
    if (
        few
        and column["kind"] == "text"
        and not column["masked"]
        and column["count"] >= _SEEN_OFTEN * column["distinct"]
    ):
        lines.append(
            f"allowed = [{', '.join(_text(value) for value in sorted(one['value'] for one in column['top']))}]"
        )
    return lines


def _bounds(low: float, high: float, *, whole: bool) -> tuple[str, str]:
    """Bounds that are wider than what was seen by its range, but of its sign."""
    low, high = float(low), float(high)
    spread = high - low or abs(high) or 1.0
    least = 0.0 if low >= 0 else _outwards(low - spread, -1)
    most = 0.0 if high <= 0 else _outwards(high + spread, 1)
    if not (math.isfinite(least) and math.isfinite(most)):
        least, most = low, high
    return (str(round(least)), str(round(most))) if whole else (repr(least), repr(most))


def _outwards(value: float, way: int) -> float:
    """Rounded away from the middle to two significant digits."""
    if value == 0 or not math.isfinite(value):
        return value
    unit = 10.0 ** (math.floor(math.log10(abs(value))) - 1)
    rounded = (math.ceil if way > 0 else math.floor)(value / unit) * unit
    return float(f"{rounded:.6g}") if math.isfinite(rounded) else value


def _up(share: float) -> float:
    return math.ceil(share * 100) / 100


def _text(value: object) -> str:
    """A text of TOML; JSON's escapes are TOML's too, but for the slash that JSON does not need."""
    return dumps(str(value)).replace("\x7f", "\\u007f")


def _comment(text: str) -> str:
    return "".join(letter if letter.isprintable() else "?" for letter in text)
