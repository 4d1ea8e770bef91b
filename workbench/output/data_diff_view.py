"""What differs between two tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.base.numbers import format_number
from workbench.output.cells import visible
from workbench.output.formats import as_text
from workbench.output.profile_view import short_type
from workbench.output.run_view import cut, rule
from workbench.output.spans import Line
from workbench.output.table import Column, indented, pairs, render_table

Document = Mapping[str, Any]

MAX_ROWS = 30
ROUNDING = 1e-12
"""Distances below are those of sums in another order."""
_COLUMNS = [
    Column("column", priority=9, min_width=12),
    Column("apart", "number", priority=8),
    Column("by", priority=2),
    Column("nulls", priority=6, min_width=12),
    Column("mean", priority=5, min_width=12),
    Column("distinct", priority=3, min_width=10),
    Column("values", priority=4, min_width=14),
]


def difference_lines(document: Document, *, width: int | None = 100) -> list[Line]:
    """A difference as `data.differences.difference` makes it.

    Args:
        width: cells of the terminal; None cuts nothing.
    """
    room = width and max(1, width - 2)
    a, b = (visible(document[side]) for side in ("a", "b"))
    if document["equal"]:
        rows = format_number(document["rows"]["a"])
        return [cut([("= ", "good"), (f"{a} and {b} hold the same {rows} rows", "")], width)]
    lines: list[Line] = [[(f"{a} → {b}", "bold")]]
    for title, body in (
        ("columns", _column_lines(document["columns"])),
        ("rows", _row_lines(document)),
        ("distributions", _distribution_lines(document, room)),
    ):
        if body:
            lines += [[], rule(title, width), *indented(body, "  ")]
    return [cut(line, width) for line in lines]


def _column_lines(columns: Document) -> list[Line]:
    lines: list[Line] = []
    for word, mark in (("added", "+ "), ("removed", "− ")):
        lines += [[(mark, word), (f"{visible(one['name'])}  {short_type(one['type'])}", "")] for one in columns[word]]
    lines += [
        [("~ ", "warn"), (f"{visible(one['name'])}  {visible(one['a'])} → {visible(one['b'])}", "")]
        for one in columns["changed"]
    ]
    return lines


def _row_lines(document: Document) -> list[Line]:
    before, now = document["rows"]["a"], document["rows"]["b"]
    items = [("rows", (f"{format_number(before)} → {format_number(now)}", ""))]
    keyed, wholes = document["by_key"], document["as_wholes"]
    if keyed is not None:
        items += [(word, (format_number(keyed[word]), "")) for word in ("added", "removed", "changed", "unchanged")]
        lines = pairs(items)
        for word, mark, style in (("added", "+", "added"), ("removed", "−", "removed")):
            for key in keyed["examples"][word]:
                lines.append([(f"{mark} ", style), (_key(key), "")])
        for one in keyed["examples"]["changed"]:
            count = format_number(keyed["changed_values"][one["column"]])
            what = (
                f"{visible(one['column'])}: {count} values, {_key(one['key'])}: {_value(one['a'])} → {_value(one['b'])}"
            )
            lines.append([("~ ", "warn"), (what, "")])
        return lines
    items += [("in both", (format_number(wholes["both"]), ""))]
    items += [(f"only in {visible(document['a'])}", (format_number(wholes["only_a"]), ""))]
    items += [(f"only in {visible(document['b'])}", (format_number(wholes["only_b"]), ""))]
    return [*pairs(items), [("rows are compared as wholes; --key COLUMN tells which of them changed", "dim")]]


def _distribution_lines(document: Document, width: int | None) -> list[Line]:
    distances = document["distributions"]
    moved = [one for one in distances if (one["distance"] or 0) > ROUNDING or one["nulls"]["a"] != one["nulls"]["b"]]
    if not moved:
        return []
    rows = [
        [
            one["name"],
            one["distance"],
            one["method"],
            _pair(one["null_share"], lambda value: f"{value:.3g}" if value else "0"),
            _pair(one.get("mean"), format_number),
            _pair(one["distinct"], format_number),
            _values(one),
        ]
        for one in moved[:MAX_ROWS]
    ]
    lines = render_table(rows, _COLUMNS, width=width).lines
    if len(moved) > MAX_ROWS:
        lines.append([(f"… and {len(moved) - MAX_ROWS:,} more columns; --json has all", "dim")])
    return lines


def _pair(sides: Document | None, show: Any) -> str | None:
    if sides is None or sides["a"] is None or sides["b"] is None:
        return None
    before, now = show(sides["a"]), show(sides["b"])
    return before if before == now else f"{before} → {now}"


def _values(one: Document) -> str | None:
    parts = []
    for key, mark in (("new_values", "+"), ("vanished_values", "−")):
        found = one.get(key)
        if found and found["count"]:
            more = f" and {found['count'] - 2} more" if found["count"] > 2 else ""
            parts.append(f"{mark} {', '.join(_value(value) for value in found['examples'][:2])}{more}")
    return "; ".join(parts) or None


def _key(values: list[Any]) -> str:
    return ", ".join(_value(value) for value in values)


def _value(value: object) -> str:
    return "null" if value is None else as_text(value)
