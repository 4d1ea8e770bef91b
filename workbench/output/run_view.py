"""One run in full: what it is, what it was given, what came out."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from workbench.base.clock import now_us as clock_now_us
from workbench.base.numbers import format_duration, format_number, format_size
from workbench.output.cells import cell_width, clip, fit, visible
from workbench.output.columns import Column
from workbench.output.formats import as_text, format_cell
from workbench.output.marks import FLAG, STAR, status_mark
from workbench.output.spans import Line, Span
from workbench.output.sparkline import sparkline
from workbench.output.table import indented, pairs, render_table

SPARK_WIDTH = 24
MAX_VALUES = 100
MAX_NAME_WIDTH = 48
SYSTEM_PREFIX = "system/"


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
    sections: list[tuple[str, list[Line]]] = [
        ("params", _values(document.get("params") or {})),
        ("metrics", _metrics(document.get("metrics") or {}, histories or {})),
        ("tags", _values(document.get("tags") or {})),
        ("source", _source(document)),
        ("data", _data(document.get("datasets") or [], width)),
        ("artifacts", _artifacts(document.get("artifacts") or [], width)),
        ("machine", _machine(document.get("system_metrics") or {})),
        ("note", [[(visible(line), "")] for line in str(document.get("note") or "").splitlines()]),
    ]
    lines = [_title(document), *indented(_facts(document, moment), "  ")]
    for name, body in sections:
        if body:
            lines += [[], rule(name, width), *indented(body, "  ")]
    return [_cut(line, width) for line in lines]


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
    if document.get("error"):
        items.append(("error", (visible(str(document["error"]).splitlines()[-1]), "bad")))
    if document.get("exit_code"):
        items.append(("exit status", (str(document["exit_code"]), "bad")))
    return pairs(items)


def _values(values: Mapping[str, object]) -> list[Line]:
    items: list[tuple[str, Span]] = [
        (_name(name), ("null", "dim") if value is None else (as_text(value), ""))
        for name, value in islice(values.items(), MAX_VALUES)
    ]
    return pairs(items) + _rest(values)


def _name(name: str) -> str:
    return clip(visible(name), MAX_NAME_WIDTH)


def _rest(values: Mapping[str, object]) -> list[Line]:
    """How many values are not shown."""
    more = len(values) - MAX_VALUES
    return [[(f"… {format_number(more)} more; --json shows all", "dim")]] if more > 0 else []


def _machine(values: Mapping[str, object]) -> list[Line]:
    """System metrics with the units that their names end in."""
    items: list[tuple[str, Span]] = []
    for name, value in values.items():
        short = name.removeprefix(SYSTEM_PREFIX)
        for ending, unit in (("_bytes_per_s", "/s"), ("_bytes", "")):
            if short.endswith(ending) and isinstance(value, (int, float)):
                items.append((_name(short.removesuffix(ending)), (format_size(round(value)) + unit, "")))
                break
        else:
            percent = short.endswith("_percent")
            items.append((_name(short.removesuffix("_percent")), (as_text(value) + " %" * percent, "")))
    return pairs(items)


def _metrics(metrics: Mapping[str, object], histories: Mapping[str, Sequence[float]]) -> list[Line]:
    if not metrics:
        return []
    shown = dict(islice(metrics.items(), MAX_VALUES))
    rows = [(_name(name), value) for name, value in shown.items()]
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


def _source(document: Mapping[str, Any]) -> list[Line]:
    source = document.get("source") or {}
    git = document.get("git") or {}
    items: list[tuple[str, Span]] = []
    if source.get("command"):
        items.append(("command", (visible(shlex.join(map(str, source["command"]))), "")))
    if source.get("cwd"):
        items.append(("folder", (visible(str(source["cwd"])), "")))
    if git.get("commit"):
        branch = f"  {visible(str(git['branch']))}" if git.get("branch") else ""
        changes = "  with uncommitted changes" if git.get("dirty") else ""
        items.append(("git", (f"{str(git['commit'])[:12]}{branch}{changes}", "")))
    if document.get("python"):
        items.append(("python", (visible(str(document["python"])), "")))
    return pairs(items)


def _data(datasets: Sequence[Mapping[str, Any]], width: int | None) -> list[Line]:
    rows = [
        (one.get("name"), one.get("size"), one.get("rows"), str(one.get("digest") or "")[:19], one.get("path"))
        for one in datasets
    ]
    columns = [Column("name"), Column("size", "size"), Column("rows", "number"), Column("digest"), Column("path")]
    return render_table(rows, columns, width=width and max(1, width - 2)).lines if rows else []


def _artifacts(artifacts: Sequence[Mapping[str, Any]], width: int | None) -> list[Line]:
    shown = artifacts[:20]
    rows = [(one.get("path"), one.get("size"), str(one.get("sha256") or "")[:12]) for one in shown]
    if not rows:
        return []
    columns = [Column("path"), Column("size", "size"), Column("sha256")]
    lines = render_table(rows, columns, width=width and max(1, width - 2)).lines
    total = sum(one.get("size") or 0 for one in artifacts)
    more = len(artifacts) - len(shown)
    if more:
        lines.append([(f"… {more} more, {format_size(total)} in all", "dim")])
    return lines


def rule(name: str, width: int | None) -> Line:
    """The heading of a section, at most 100 cells wide."""
    return [
        ("─ ", "faint"),
        (name, "heading"),
        (" " + "─" * max(0, min(width or 60, 100) - cell_width(name) - 3), "faint"),
    ]


def _cut(line: Line, width: int | None) -> Line:
    """The line in at most `width` cells."""
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
