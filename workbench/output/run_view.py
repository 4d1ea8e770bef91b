"""One run in full: what it is, what it was given, what came out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from workbench.base.clock import now_us as clock_now_us
from workbench.base.numbers import format_duration, format_number
from workbench.output.cells import cell_width, fit, visible
from workbench.output.columns import Column
from workbench.output.formats import as_text, format_cell
from workbench.output.marks import FLAG, STAR, status_mark
from workbench.output.run_sections import (
    artifact_lines,
    clipped_name,
    data_lines,
    error_line,
    machine_pairs,
    note_lines,
    source_lines,
    value_lines,
)
from workbench.output.spans import Line, Span
from workbench.output.sparkline import sparkline
from workbench.output.table import indented, pairs, render_table

SPARK_WIDTH = 24
MAX_VALUES = 100


def run_lines(
    document: Mapping[str, Any],
    *,
    width: int | None = 100,
    now_us: int | None = None,
    histories: Mapping[str, Sequence[float]] | None = None,
) -> list[Line]:
    """A run's document as sections; those without content are left out.

    Args:
        document: the run, as `workbench runs show --json` has it; further keys are ignored.
        width: cells of the terminal; None cuts nothing.
        now_us: microseconds since the epoch that ages count to; None is now.
        histories: values by metric in the order of steps; each draws a sparkline beside the metric.
    """
    moment = clock_now_us() if now_us is None else now_us
    room = width and max(1, width - 2)
    sections: list[tuple[str, list[Line]]] = [
        ("params", _values(document.get("params") or {})),
        ("metrics", _metrics(document.get("metrics") or {}, histories or {})),
        ("tags", _values(document.get("tags") or {})),
        ("source", source_lines(document)),
        ("data", data_lines(document.get("datasets") or [], room)),
        ("artifacts", artifact_lines(document.get("artifacts") or [], room)),
        ("machine", pairs([(name, (text, "")) for name, text in machine_pairs(document.get("system_metrics") or {})])),
        ("note", note_lines(document)),
    ]
    lines = [_title(document), *indented(_facts(document, moment), "  ")]
    for name, body in sections:
        if body:
            lines += [[], rule(name, width), *indented(body, "  ")]
    return [cut(line, width) for line in lines]


def _title(document: Mapping[str, Any]) -> Line:
    mark = status_mark(str(document.get("status")))
    line: Line = [mark, (" ", ""), (visible(str(document.get("name") or "")), "bold")]
    flags = [FLAG] * bool(document.get("pinned")) + [STAR] * bool(document.get("starred"))
    line += [(f" {''.join(flags)}", "accent")] if flags else []
    line.append((f"  {document.get('status')}", mark[1]))
    if document.get("deleted"):
        line.append(("  in the trash", "warn"))
    return [*line, (f"  {document.get('run_id')}", "dim")]


def _facts(document: Mapping[str, Any], moment_us: int) -> list[Line]:
    started = document.get("started_at")
    items: list[tuple[str, Span]] = [("experiment", (as_text(document.get("experiment") or "–"), ""))]
    if started:
        when, age = format_cell(started, "time", moment_us)[0], format_cell(started, "age", moment_us)[0]
        items.append(("started", (f"{when}  ({age if age == 'now' else f'{age} ago'})", "")))
    items.append(("duration", (format_duration(document.get("duration_s")), "")))
    where = [visible(str(document[key])) for key in ("user", "host") if document.get(key)]
    if where:
        items.append(("by", (" on ".join(where), "")))
    if document.get("parent_run_id"):
        items.append(("parent", (str(document["parent_run_id"]), "")))
    if document.get("models"):
        items.append(("models", (", ".join(map(as_text, document["models"])), "")))
    if document.get("error"):
        items.append(("error", (error_line(document), "bad")))
    if document.get("exit_code"):
        items.append(("exit status", (str(document["exit_code"]), "bad")))
    return pairs(items)


def _values(values: Mapping[str, object]) -> list[Line]:
    return value_lines(values, MAX_VALUES) + _rest(values)


def _rest(values: Mapping[str, object]) -> list[Line]:
    """How many values are not shown."""
    more = len(values) - MAX_VALUES
    return [[(f"… {format_number(more)} more; --json shows all", "dim")]] if more > 0 else []


def _metrics(metrics: Mapping[str, object], histories: Mapping[str, Sequence[float]]) -> list[Line]:
    if not metrics:
        return []
    shown = dict(islice(metrics.items(), MAX_VALUES))
    rows = [(clipped_name(name), value) for name, value in shown.items()]
    table = render_table(rows, [Column("metric"), Column("last", "number")])
    width = max(sum(cell_width(text) for text, _ in line) for line in table.lines)
    lines: list[Line] = []
    for name, line in zip(shown, table.lines[1:], strict=True):
        values = histories.get(name) or []
        size = sum(cell_width(text) for text, _ in line)
        spark: Line = []
        if len(values) > 1:
            spark = [(" " * (width - size + 2), ""), (sparkline(values, min(SPARK_WIDTH, len(values))), "series0")]
        lines.append([*line, *spark])
    return lines + _rest(metrics)


def rule(name: str, width: int | None) -> Line:
    """The heading of a section, at most 100 cells wide."""
    return [
        ("─ ", "faint"),
        (name, "heading"),
        (" " + "─" * max(0, min(width or 60, 100) - cell_width(name) - 3), "faint"),
    ]


def cut(line: Line, width: int | None) -> Line:
    """The line in at most `width` cells; None cuts nothing."""
    if width is None or sum(cell_width(text) for text, _ in line) <= width:
        return line
    cut: Line = []
    left = width
    for text, style in line:
        size = cell_width(text)
        if size >= left:
            cut.append((fit(text, left).rstrip(), style))
            break
        cut.append((text, style))
        left -= size
    return cut
