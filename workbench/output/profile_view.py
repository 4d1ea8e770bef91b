"""A profile of a table: a line for each column, or one column in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.numbers import format_number, format_size
from workbench.output.cells import clip, visible
from workbench.output.formats import as_text
from workbench.output.run_view import cut, rule
from workbench.output.spans import Line, Span
from workbench.output.sparkline import sparkline
from workbench.output.table import Column, indented, pairs, render_table

Document = Mapping[str, Any]

SPARK_CELLS = 12
_BAR = "▇"
_BAR_CELLS = 30
_MARKS = {
    "empty": "no values",
    "constant": "constant",
    "near_constant": "nearly constant",
    "identifier": "identifier",
    None: "",
}
COLUMNS = [
    Column("column", priority=9, min_width=12),
    Column("type", priority=6, min_width=7),
    Column("nulls", "percent", priority=8),
    Column("distinct", "number", priority=5),
    Column("", priority=7, min_width=SPARK_CELLS),
    Column("min", align="right", priority=4, min_width=6),
    Column("median", align="right", priority=3, min_width=6),
    Column("max", align="right", priority=4, min_width=6),
    Column("mean", "number", priority=2),
    Column("most frequent", priority=5, min_width=14),
    Column("remarks", priority=6, min_width=18),
]
RECORD_NAMES = [
    *("name", "type", "kind", "role", "count", "nulls", "nan", "infinite", "negative_infinite", "distinct", "min"),
    *("max", "mean", "std", "median", "most_frequent", "most_frequent_count", "personal"),
]


def profile_lines(document: Document, shown: str, *, width: int | None = 100) -> list[Line]:
    """A table's profile, a line for each column.

    Args:
        document: as `data.profiles.profile` makes it.
        shown: what the table is called.
        width: cells of the terminal; None cuts nothing.
    """
    facts = f"  {format_number(document['rows'])} rows, {format_number(len(document['columns']))} columns"
    head: Line = [
        (visible(shown), "bold"),
        (f"{facts}, {document['format']}, {format_size(document['size_bytes'])}", ""),
    ]
    rows = [profile_row(column, document["rows"]) for column in document["columns"]]
    table = render_table(rows, COLUMNS, width=width)
    lines = [head, [], *table.lines]
    if table.hidden:
        lines.append(
            [(f"hidden, the terminal is too narrow: {', '.join(name or 'shape' for name in table.hidden)}", "dim")]
        )
    return [cut(line, width) for line in lines]


def column_items(column: Document, rows: int) -> list[tuple[str, Span]]:
    """What there is to say of a column: counts, range, moments, quantiles, lengths."""
    items: list[tuple[str, Span]] = [("type", (f"{column['type']}, {column['kind']}", ""))]
    if remarks(column):
        items.append(("remarks", (remarks(column), "warn")))
    items.append(("values", (f"{format_number(column['count'])} of {format_number(rows)}", "")))
    counts = ("nulls", "nan", "infinite", "negative_infinite", "zeros", "negative", "true", "blank", "padded")
    items += [
        (key.replace("_", " "), (format_number(column[key]), "")) for key in counts if column.get(key) or key == "nulls"
    ]
    if column["distinct"] is not None:
        items.append(("distinct", (format_number(column["distinct"]), "")))
    items += [(key, (as_text(column[key]), "")) for key in ("min", "max", "mean", "std") if column.get(key) is not None]
    if column.get("quantiles"):
        texts = [f"{float(q):.0%} {as_text(value)}" for q, value in column["quantiles"].items()]
        items.append(("quantiles", ("   ".join(texts), "")))
    if column.get("length", {}).get("max") is not None:
        low, mean, high = (as_text(column["length"][key]) for key in ("min", "mean", "max"))
        items.append(("length", (f"{low} to {high}, {mean} on average", "")))
    return items


def column_lines(column: Document, rows: int, *, width: int | None = 100) -> list[Line]:
    """One column in full: numbers, quantiles, histogram, most frequent values."""
    lines: list[Line] = [rule(visible(column["name"]), width), *indented(pairs(column_items(column, rows)), "  ")]
    histogram = column.get("histogram")
    if histogram and len(histogram["counts"]) > 1:
        most = max(histogram["counts"])
        rows_ = [
            [as_text(edge), _BAR * round(count / most * _BAR_CELLS), count]
            for edge, count in zip(histogram["edges"], histogram["counts"], strict=False)
        ]
        columns = [Column("from", align="right"), Column(""), Column("rows", "number")]
        lines += [[], *indented(render_table(rows_, columns).lines, "  ")]
    if column["top"]:
        top = [[as_text(one["value"]), one["count"], one["count"] / rows] for one in column["top"]]
        columns = [Column("most frequent"), Column("rows", "number"), Column("share", "percent")]
        room = width and max(1, width - 2)
        lines += [[], *indented(render_table(top, columns, width=room).lines, "  ")]
    return [cut(line, width) for line in [*lines, []]]


def profile_records(columns: Sequence[Document]) -> tuple[list[str], list[list[object]]]:
    """Columns of a profile as rows for programs that read CSV or Parquet; `min` and `max` are texts."""
    rows: list[list[object]] = []
    for column in columns:
        top = column["top"][0] if column["top"] else {"value": None, "count": None}
        row: list[object] = []
        for name in RECORD_NAMES:
            if name in ("min", "max"):
                row.append(None if column.get(name) is None else str(column[name]))
            elif name == "median":
                median = column.get("quantiles", {}).get("0.5")
                row.append(None if median is None else str(median))
            elif name.startswith("most_frequent"):
                value = top["count" if name.endswith("count") else "value"]
                row.append(value if value is None or name.endswith("count") else str(value))
            elif name == "personal":
                row.append(", ".join(column["personal"]) or None)
            else:
                row.append(column.get(name))
        rows.append(row)
    return RECORD_NAMES, rows


def remarks(column: Document) -> str:
    """What is remarkable about a column: `identifier`, `nearly constant`, `e-mail?`."""
    words = [f"{form.replace('_', ' ')}?" for form in column["personal"]]
    words += [_MARKS[column["role"]]] if column["role"] else []
    for key, word in (("nan", "NaN"), ("infinite", "∞"), ("negative_infinite", "−∞")):
        if column.get(key):
            words.append(f"{format_number(column[key])} {word}")
    return ", ".join(words)


def profile_row(column: Document, rows: int) -> list[object]:
    """The cells of `COLUMNS` for one column of a table with so many rows."""
    top = column["top"][0] if column["top"] else None
    histogram = column.get("histogram")
    shape = sparkline(histogram["counts"], SPARK_CELLS).rstrip() if histogram else ""
    if not shape and column["kind"] in ("text", "boolean") and len(column["top"]) > 1:
        shape = sparkline([0, *(one["count"] for one in column["top"])], len(column["top"]) + 1)[1:].rstrip()
    frequent = f"{clip(as_text(top['value']), 24)} {top['count'] / rows:.0%}" if top and rows else None
    return [
        column["name"],
        short_type(column["type"]),
        column["nulls"] / rows if rows else None,
        column["distinct"],
        shape,
        _cell(column.get("min"), column["kind"]),
        _cell(column.get("quantiles", {}).get("0.5"), column["kind"]),
        _cell(column.get("max"), column["kind"]),
        column.get("mean"),
        frequent,
        remarks(column) or None,
    ]


def _cell(value: object, kind: str) -> str | None:
    """A number, or the day of a moment."""
    if value is None:
        return None
    return as_text(value)[:10] if kind == "datetime" and isinstance(value, str) else as_text(value)


def short_type(kind: str) -> str:
    """A type without its details: `datetime`, `list`."""
    return kind.partition("(")[0].lower()
