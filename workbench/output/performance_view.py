"""The performance of a model for the terminal, for CI summaries and for tables: realised beside estimated."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any, TextIO

from workbench.base.numbers import format_number
from workbench.output.cells import clip, visible
from workbench.output.columns import Column
from workbench.output.formats import as_number
from workbench.output.marks import status_mark
from workbench.output.records import write_records
from workbench.output.run_view import cut
from workbench.output.spans import Line
from workbench.output.sparkline import sparkline
from workbench.output.table import render_table

Document = Mapping[str, Any]

SPARK_CELLS = 16
FIGURES = 4
HEADLINES = {
    "binary": ("roc_auc", "accuracy", "f1"),
    "multiclass": ("macro_roc_auc", "accuracy", "macro_f1"),
    "regression": ("mae", "rmse", "bias"),
}
"""What the table of windows and segments shows of a problem."""
WHOLE = 40
"""As the least width of a column: its numbers are shown whole, or not at all."""
COLUMNS = [
    Column("metric", priority=11, min_width=WHOLE),
    Column("over time", priority=6, min_width=WHOLE),
    Column("realised", align="right", priority=10, min_width=WHOLE),
    Column("rows", "number", priority=2),
    Column("est. over time", priority=5, min_width=WHOLE),
    Column("estimated", align="right", priority=9, min_width=WHOLE),
    Column("band", align="right", priority=7, min_width=WHOLE),
    Column("usual", align="right", priority=4, min_width=WHOLE),
    Column("", "status", priority=8, min_width=WHOLE),
    Column("why", priority=8, min_width=20),
]
RECORD_NAMES = [
    *("metric", "realised", "se", "n", "estimated", "low", "high", "lower_threshold", "upper_threshold", "worse"),
    *("rows", "labelled", "coverage", "reason"),
]


def performance_lines(document: Document, *, width: int | None = 100) -> list[Line]:
    """A line for each metric, then for each window and segment, then what the estimates assume.

    Args:
        document: as `workbench drift performance --json` has it.
        width: cells of the terminal; None cuts nothing.
    """
    lines: list[Line] = [[(summary(document), "bold")], [(_sides(document), "")]]
    lines += [*(line for text in _said(document) for line in _wrapped(text, width)), []]
    lines += _metrics(document, width)
    for noun, pieces in _pieces(document):
        lines += [[], *_table(document, noun, pieces, width)]
    if document.get("segments_left_out"):
        lines.append([(f"{format_number(document['segments_left_out'])} rarer values are left out", "dim")])
    if document["assumptions"]:
        lines += [[], [("the estimates assume:", "dim")]]
        lines += [line for text in document["assumptions"] for line in _wrapped(f"- {text}", width)]
    return [cut(line, width) for line in lines]


def summary(document: Document) -> str:
    """`binary: 900 of 1,000 rows have a label (90 %)`."""
    rows, labelled = (format_number(document[name]) for name in ("rows", "labelled"))
    share = format_number(100 * document["coverage"], 3)
    text = f"{document['problem']}: {labelled} of {rows} rows have a label ({share} %)"
    worse = _worse(document)
    return f"{text}, worse than usual: {', '.join(worse)}" if worse else text


def performance_records(document: Document) -> tuple[list[str], list[tuple[Any, ...]], list[Column]]:
    """Names, rows and columns for CSV, Parquet and Markdown: a row for each metric, and for each in every window and
    segment; those of all rows have neither."""
    groups = _pieces(document)
    nouns = [noun for noun, _ in groups]
    rows = [(*(None for _ in nouns), *_record(document, one)) for one in document["metrics"]]
    for noun, pieces in groups:
        for name, piece in pieces:
            place = [name if other == noun else None for other in nouns]
            rows += [(*place, *_record(piece, one)) for one in piece["metrics"]]
    names = [*nouns, *RECORD_NAMES]
    return names, rows, [Column(name) for name in names]


def write_markdown(document: Document, file: TextIO) -> None:
    """A heading, the metrics, and a table of windows or segments, as the summary of a CI job shows them."""
    file.write(
        f"### {status_mark('warn' if _worse(document) else 'ok')[0]} {summary(document)}\n\n{_sides(document)}\n\n"
    )
    used, rows = _metric_rows(document)
    write_records("md", used, rows, file)
    for noun, pieces in _pieces(document):
        columns, rows = _piece_rows(document, noun, pieces)
        file.write("\n")
        write_records("md", columns, rows, file)
    notes = [*_said(document), *(f"assumed: {text}" for text in document["assumptions"])]
    file.write("".join(f"\n- {visible(text)}" for text in notes) + "\n" * bool(notes))


def _worse(document: Document) -> list[str]:
    return [one["metric"] for one in document["metrics"] if one["worse"]]


def _sides(document: Document) -> str:
    texts = []
    for said, side in (("", document["current"]), (", estimates learnt from ", document["reference"])):
        if side is not None:
            texts.append(f"{said}{clip(visible(str(side['name'])), 60)} ({format_number(side['rows'])} rows)")
    return "".join(texts)


def _said(document: Document) -> list[str]:
    """What there is to say about the labels and the rows."""
    labels = document["labels"]
    texts = {
        "unknown": "of no row",
        "duplicates": "repeated",
        "contradicting": "contradicted by a later one, which counts",
        "nulls": "empty",
    }
    said = [f"{format_number(labels[name])} {text}" for name, text in texts.items() if labels[name]]
    found = ["labels: " + ", ".join(said)] if said else []
    if document["left_out"]:
        found.append(f"{format_number(document['left_out'])} rows have no prediction")
    return found


def _metrics(document: Document, width: int | None) -> list[Line]:
    used, rows = _metric_rows(document)
    return _drawn(rows, used, width)


def _metric_rows(document: Document) -> tuple[list[Column], list[list[Any]]]:
    """The columns that are not empty, and their rows."""
    windows = [piece for _, piece in dict(_pieces(document)).get("window", ())]
    rows = [_row(one, windows) for one in document["metrics"]]
    used = [i for i in range(len(COLUMNS)) if i == 0 or any(row[i] not in ("", None) for row in rows)]
    return [COLUMNS[i] for i in used], [[row[i] for i in used] for row in rows]


def _row(one: Document, windows: Sequence[Document]) -> tuple[Any, ...]:
    return (
        one["metric"],
        _spark(windows, one["metric"], "realised"),
        _measured(one),
        one["n"] or None,
        _spark(windows, one["metric"], "estimated"),
        _figure(one["estimated"]),
        _span(one["low"], one["high"]),
        _span(one["lower_threshold"], one["upper_threshold"]),
        {None: "", True: "warn", False: "ok"}[one["worse"]],
        visible(one["reason"] or ""),
    )


def _table(document: Document, noun: str, pieces: Sequence[tuple[str, Document]], width: int | None) -> list[Line]:
    columns, rows = _piece_rows(document, noun, pieces)
    return _drawn(rows, columns, width)


def _drawn(rows: Sequence[Sequence[object]], columns: Sequence[Column], width: int | None) -> list[Line]:
    table = render_table(rows, columns, width=width)
    hidden = ", ".join(name for name in table.hidden if name)
    return [*table.lines, *(_wrapped(f"hidden, the terminal is too narrow: {hidden}", width) if hidden else [])]


def _wrapped(text: str, width: int | None) -> list[Line]:
    """Small print, on as many lines as it needs."""
    return [[(line, "dim")] for line in wrap(visible(text), width or 120, subsequent_indent="  ")]


def _piece_rows(
    document: Document, noun: str, pieces: Sequence[tuple[str, Document]]
) -> tuple[list[Column], list[list[Any]]]:
    """A row for each window or segment, with what matters most."""
    columns = [
        Column(noun, priority=10, min_width=10),
        Column("rows", "number", priority=6),
        Column("labelled", "percent", priority=7),
    ]
    there = {one["metric"] for one in document["metrics"] if (one["realised"], one["estimated"]) != (None, None)}
    shown = [name for name in HEADLINES[document["problem"]] if name in there]
    fields = [
        (name, field)
        for name in shown
        for field in ("realised", "estimated")
        if any(one["metric"] == name and one[field] is not None for one in document["metrics"])
    ]
    for place, (name, field) in enumerate(fields):
        title = name if field == "realised" else f"{name} est."
        columns.append(Column(title, align="right", priority=max(1, 9 - place), min_width=WHOLE))
    rows = []
    for name, piece in pieces:
        found = {one["metric"]: one for one in piece["metrics"]}
        cells = [_cell(found.get(metric), field) for metric, field in fields]
        rows.append([visible(name), piece["rows"], piece["coverage"], *cells, ", ".join(_worse(piece))])
    if any(row[-1] for row in rows):
        return [*columns, Column("worse than usual", priority=8, min_width=16)], rows
    return columns, [row[:-1] for row in rows]


def _pieces(document: Document) -> list[tuple[str, list[tuple[str, Document]]]]:
    """Windows and segments, where there are some: what they are, and each with its name."""
    found = []
    if "windows" in document:
        found.append(("window", [(str(one["window"]["name"]), one) for one in document["windows"]]))
    if "segments" in document:
        found.append((str(document["by"]), [(str(one["segment"]), one) for one in document["segments"]]))
    return found


def _record(piece: Document, one: Document) -> tuple[Any, ...]:
    return (*(one[name] for name in RECORD_NAMES[:10]), *(piece[name] for name in RECORD_NAMES[10:13]), one["reason"])


def _spark(windows: Sequence[Document], metric: str, field: str) -> str:
    values = [as_number(one[field]) for piece in windows for one in piece["metrics"] if one["metric"] == metric]
    there = [value for value in values if value is not None]
    return sparkline(values, min(len(values), SPARK_CELLS)).rstrip() if there else ""


def _cell(one: Document | None, field: str) -> str:
    if one is None or one[field] is None:
        return ""
    return _measured(one) if field == "realised" else _figure(one[field])


def _measured(one: Document) -> str:
    """`0.866 ± 0.003`."""
    error = f" ± {_figure(one['se'], 2)}" if one["se"] is not None else ""
    return f"{_figure(one['realised'])}{error}"


def _span(low: Any, high: Any) -> str:
    return "" if low is None or high is None else f"{_figure(low, 3)} … {_figure(high, 3)}"


def _figure(value: Any, figures: int = FIGURES) -> str:
    number = as_number(value)
    return "" if number is None else format_number(number, figures)
