"""A drift check for the terminal: columns ranked, with both distributions as sparklines; one column in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.numbers import format_number
from workbench.output.cells import clip, visible
from workbench.output.columns import Column
from workbench.output.formats import as_number, as_text
from workbench.output.marks import status_mark
from workbench.output.run_view import cut, rule
from workbench.output.spans import Line, Span
from workbench.output.sparkline import sparkline
from workbench.output.table import indented, pairs, render_table

Document = Mapping[str, Any]

SPARK_CELLS = 10
BAR_CELLS = 24
SHOWN_COLUMNS = 40
"""Of a check with more columns, those without a finding are counted, not listed."""
LOUD = ("drift", "warn")
COLUMNS = [
    Column("column", priority=10, min_width=10),
    Column("kind", priority=4, min_width=4),
    Column("reference", priority=6, min_width=SPARK_CELLS),
    Column("current", priority=6, min_width=SPARK_CELLS),
    Column("test", priority=3, min_width=6),
    Column("effect", "number", priority=7),
    Column("floor", "number", priority=2),
    Column("p adj", align="right", priority=5, min_width=6),
    Column("missing", priority=4, min_width=8),
    Column("verdict", "status", priority=9),
    Column("why", priority=8, min_width=26),
]
OPTIONAL = ("missing", "why")
"""Columns that are left out where they would be empty."""
RECORD_NAMES = [
    *("column", "kind", "verdict", "drifted", "reason", "test", "score", "threshold", "floor", "over_floor", "p_value"),
    *("p_adjusted", "missing_reference", "missing_current", "missing_p_adjusted", "missing_verdict"),
]


def drift_lines(document: Document, *, width: int | None = 100, everything: bool = False) -> list[Line]:
    """A check: its verdict, then a line for each column, window or segment.

    Args:
        document: as `workbench drift check --json` has it.
        width: cells of the terminal; None cuts nothing.
        everything: list columns without a finding as well, however many there are.
    """
    lines = [headline(document), _sides(document), []]
    if "windows" in document:
        lines += _pieces([{"name": one["window"]["name"], **one} for one in document["windows"]], "window", width)
        lines += [[], rule(f"the last window: {document['windows'][-1]['window']['name']}", width or 100)]
    if "segments" in document:
        lines += _pieces([{"name": one["segment"], **one} for one in document["segments"]], str(document["by"]), width)
    if "columns" in document:
        lines += _columns(document["columns"], width, everything)
    for one in document.get("multivariate", ()):
        lines.append(_together(one))
    return [cut(line, width) for line in lines]


def headline(document: Document) -> Line:
    """`✗ drift: 1 of 18 columns, 2 warnings`."""
    verdict = "drift" if document["dataset_drift"] else "ok"
    mark, style = status_mark(verdict)
    return [(f"{mark} ", style), (summary(document), "bold")]


def summary(document: Document) -> str:
    """What came of a check, in one sentence."""
    word = "drift" if document["dataset_drift"] else "no drift"
    if "windows" in document:
        windows = document["windows"]
        return f"{word}: {sum(one['dataset_drift'] for one in windows)} of {len(windows)} windows"
    if "segments" in document:
        return f"{word}: {len(document['drifted_segments'])} of {len(document['segments'])} segments"
    counts = document["counts"]
    tested = counts["drift"] + counts["warn"] + counts["ok"]
    extra = [f"{counts['warn']} {'warning' if counts['warn'] == 1 else 'warnings'}"] if counts["warn"] else []
    extra += [f"{counts[name]} {name}" for name in ("insufficient", "not tested") if counts[name]]
    return ", ".join([f"{word}: {counts['drift']} of {tested} columns", *extra])


def drift_records(document: Document) -> tuple[list[str], list[tuple[Any, ...]], list[Column]]:
    """Names, rows and columns for CSV, Parquet and Markdown: a row for each column, in each window or segment."""
    pieces = [("window", one["window"]["name"], one) for one in document.get("windows", ())]
    pieces += [("segment", one["segment"], one) for one in document.get("segments", ())]
    named = [pieces[0][0]] if pieces else []
    rows = [
        (*([name] if named else []), *_record(column))
        for _, name, piece in pieces or [("", "", document)]
        for column in piece["columns"]
    ]
    names = [*named, *RECORD_NAMES]
    return names, rows, [Column(name) for name in names]


def column_lines(column: Document, *, width: int | None = 100) -> list[Line]:
    """One column in full: the verdict with every number behind it, and both distributions."""
    mark, style = status_mark(column["verdict"])
    title = f"{visible(column['column'])}  {column['kind']}"
    lines: list[Line] = [[(f"{mark} ", style), (title, "bold"), (f"  {column['verdict']}", style)], []]
    items: list[tuple[str, Span]] = []
    if column["reason"]:
        items.append(("why", (visible(column["reason"]), "")))
    numbers = ("test", "score", "threshold", "floor", "p_value", "p_adjusted")
    items += [(name.replace("_", " "), (_shown(column[name]), "")) for name in numbers if column[name] is not None]
    items += [(name, (_shown(value), "")) for name, value in column["measures"].items()]
    items.append(("missing", (missing(column), "")))
    lines += indented(pairs(items))
    for side in ("reference", "current"):
        facts = column[side]
        if facts:
            text = "  ".join(f"{name} {_shown(value)}" for name, value in facts.items() if value is not None)
            lines.append([(f" {side:<10}", "dim"), (text, "")])
    if column["distribution"]:
        lines += [[], *_bars(column["distribution"])]
    lines += [[(f" {visible(finding['text'])}{_values(finding)}", "warn")] for finding in column["findings"]]
    lines += [[(f" {visible(note)}", "dim")] for note in column["notes"]]
    return [cut(line, width) for line in [*lines, []]]


def missing(column: Document) -> str:
    """`0 → 0.1 %`; empty where neither side lacks a value."""
    shares = column["missing"]["reference"], column["missing"]["current"]
    if shares[0] is None or shares == (0, 0):
        return ""
    return " → ".join(format_number(100 * share, 3) for share in shares) + " %"


def p_text(p: Any) -> str:
    """A p-value: `0.003`, `<1e-12`."""
    number = as_number(p)
    if number is None:
        return ""
    return "<1e-12" if number < 1e-12 else format_number(float(number), 2)


def why(column: Document) -> str:
    """The reason of a verdict on one line."""
    return visible(str(column["reason"]))


def _sides(document: Document) -> Line:
    rows = document["rows"]
    names = [clip(visible(str(document[side]["name"])), 60) for side in ("current", "reference")]
    return [
        (f"  {names[0]} ", ""),
        (f"({format_number(rows['current'])} rows)", "dim"),
        (f" against {names[1]} ", ""),
        (f"({format_number(rows['reference'])} rows)", "dim"),
    ]


def _columns(columns: Sequence[Document], width: int | None, everything: bool) -> list[Line]:
    shown = list(columns)
    if not everything and len(columns) > SHOWN_COLUMNS:
        shown = [column for column in columns if column["verdict"] in LOUD][:SHOWN_COLUMNS]
    if not columns:
        return [[("no columns", "dim")]]
    rows = [drift_row(column) for column in shown]
    used = [i for i, column in enumerate(COLUMNS) if column.name not in OPTIONAL or any(row[i] for row in rows)]
    table = render_table([[row[i] for i in used] for row in rows], [COLUMNS[i] for i in used], width=width)
    lines = table.lines if shown else []
    if len(shown) < len(columns):
        lines.append([(f"{format_number(len(columns) - len(shown))} more columns: --all shows them", "dim")])
    if table.hidden and shown:
        lines.append([(f"hidden, the terminal is too narrow: {', '.join(table.hidden)}", "dim")])
    return lines


def drift_row(column: Document) -> tuple[Any, ...]:
    """The cells of `COLUMNS` for one column."""
    drawn = column["distribution"] or {"reference": [], "current": []}
    return (
        column["column"],
        {"numeric": "num", "categorical": "cat", "boolean": "bool", "datetime": "time", "identifier": "id"}.get(
            column["kind"], column["kind"]
        ),
        spark(drawn["reference"]),
        spark(drawn["current"]),
        column["test"] or "",
        column["score"],
        column["floor"],
        p_text(column["p_adjusted"] if column["p_adjusted"] is not None else column["p_value"]),
        missing(column),
        column["verdict"],
        why(column),
    )


def spark(shares: Sequence[float]) -> str:
    """A distribution in `SPARK_CELLS` cells, from nothing upward; neighbours are added together where it has more."""
    cells = min(SPARK_CELLS, len(shares))
    if not cells:
        return ""
    sums = [sum(shares[i * len(shares) // cells : (i + 1) * len(shares) // cells]) for i in range(cells)]
    return sparkline([0.0, *sums], cells + 1)[1:]


def _record(column: Document) -> tuple[Any, ...]:
    gaps = column["missing"]
    own = [column[name] for name in RECORD_NAMES[:12]]
    return (*own, gaps["reference"], gaps["current"], gaps["p_adjusted"], gaps["verdict"])


def _pieces(pieces: Sequence[Document], noun: str, width: int | None) -> list[Line]:
    """A line for each window or segment."""
    columns = [
        Column(noun, priority=9, min_width=10),
        Column("rows", "number", priority=5),
        Column("verdict", "status", priority=8),
        Column("drifted columns", priority=7, min_width=15),
    ]
    rows = [
        (
            str(piece["name"]),
            piece["rows"]["current"],
            "drift" if piece["dataset_drift"] else "insufficient" if not _tested(piece) else "ok",
            ", ".join(map(visible, piece["drifted_columns"])),
        )
        for piece in pieces
    ]
    return list(render_table(rows, columns, width=width).lines)


def _tested(piece: Document) -> bool:
    return any(piece["counts"][name] for name in ("ok", "warn", "drift"))


def _together(one: Document) -> Line:
    mark, style = status_mark("drift" if one["drifted"] else "ok" if "score" in one else "none")
    text = f" all columns together, {one['test'].replace('_', ' ')}: "
    if "score" in one:
        text += f"{_shown(one['score'])}, floor {_shown(one['floor'])}, p {p_text(one['p_value'])}  "
    return [(mark, style), (text, ""), (str(one["reason"]), "dim")]


def _bars(drawn: Document) -> list[Line]:
    edges, values = drawn["edges"], drawn["values"]
    labels = list(map(visible, values or ()))
    if edges:
        labels = [f"{format_number(low)} …" for low in edges[:-1]]
    most = max([*drawn["reference"], *drawn["current"], 1e-12])
    width = min(24, max(map(len, labels), default=0))
    lines: list[Line] = [[(" " * (width + 2), ""), (f"{'reference':<{BAR_CELLS + 9}}current", "dim")]]
    for label, ours, theirs in zip(labels, drawn["reference"], drawn["current"], strict=True):
        cells = [
            f"{'▇' * round(BAR_CELLS * share / most):<{BAR_CELLS}} {_percent(share):>7}" for share in (ours, theirs)
        ]
        lines.append([(f" {clip(label, width):>{width}} ", "dim"), (" ".join(cells), "")])
    return lines


def _values(finding: Document) -> str:
    listed = finding.get("values")
    return (
        ": " + ", ".join(f"{visible(one['value'])} ({format_number(one['rows'])})" for one in listed) if listed else ""
    )


def _percent(share: float) -> str:
    return f"{format_number(100 * share, 3)} %"


def _shown(value: Any) -> str:
    number = as_number(value)
    return format_number(number) if number is not None else as_text(value)
