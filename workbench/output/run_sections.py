"""The parts of the view of one run, each as styled lines: the command line and the terminal app show the same ones."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Any

from workbench.base.numbers import format_age, format_duration, format_number, format_size
from workbench.output.cells import cell_width, clip, visible
from workbench.output.columns import Column
from workbench.output.formats import as_datetime, as_text, format_cell
from workbench.output.marks import FLAG, MISSING, STAR, status_mark
from workbench.output.spans import Line, Span
from workbench.output.table import pairs, render_table
from workbench.tracking.compare import MISSING as NO_VALUE
from workbench.tracking.compare import Row

MAX_NAME_WIDTH = 48
MAX_COMPARED_WIDTH = 40
"""Cells of a value that has another one beside it."""
DIFFERS = "≠"
SYSTEM_PREFIX = "system/"

Document = Mapping[str, Any]


def clipped_name(name: str) -> str:
    """The name of a param, metric or tag, so short that its value stays in sight."""
    return clip(visible(name), MAX_NAME_WIDTH)


def value_span(value: object) -> Span:
    """A param's or tag's value."""
    return ("null", "dim") if value is None else (as_text(value), "")


def value_lines(
    values: Mapping[str, object], limit: int | None = None, *, label_width: int | None = None
) -> list[Line]:
    """Names and values.

    Args:
        values: values by name.
        limit: only so many, the first ones.
        label_width: values stand under each other in the column after so many cells, but for those with longer
            names; None is after the longest name.
    """
    items = [(clipped_name(name), value_span(value)) for name, value in islice(values.items(), limit)]
    return _pairs(items, label_width)


def _pairs(items: Sequence[tuple[str, Span]], label_width: int | None) -> list[Line]:
    widest = max((cell_width(name) for name, _ in items), default=0)
    return pairs(items, label_width=widest if label_width is None else min(widest, label_width))


def compared_lines(rows: Sequence[Row], *, label_width: int | None = None) -> list[Line]:
    """Values of one run with those of another beside them where they differ, the differing ones first.

    Args:
        rows: each with two values, of the run and of the other.
        label_width: as for `value_lines`.
    """
    differing = [row for row in rows if row.differs]
    equal = [row for row in rows if not row.differs]
    shown = [(row, f"{DIFFERS} " if row.differs else "  ") for row in (*differing, *equal)]
    names = _pairs([(mark + clipped_name(row.name), _optional(row.values[0])) for row, mark in shown], label_width)
    if not differing:
        return names
    values = [clip(_optional(row.values[0])[0], MAX_COMPARED_WIDTH) for row in differing]
    width = max(map(cell_width, values))
    lines: list[Line] = []
    for row, line, value in zip(differing, names, values, strict=False):
        *label, (_, style) = line
        other = clip(_optional(row.values[1])[0], MAX_COMPARED_WIDTH)
        lines.append(
            [*label, (value, style or "bold"), (" " * (width - cell_width(value) + 2), ""), (f"({other})", "dim")]
        )
    return lines + names[len(differing) :]


def _optional(value: object) -> Span:
    return (MISSING, "dim") if value is NO_VALUE else value_span(value)


def machine_pairs(values: Mapping[str, object]) -> list[tuple[str, str]]:
    """System metrics as short names and values with the units that their names end in."""
    items: list[tuple[str, str]] = []
    for name, value in values.items():
        short = name.removeprefix(SYSTEM_PREFIX)
        for ending, unit in (("_bytes_per_s", "/s"), ("_bytes", "")):
            if short.endswith(ending) and isinstance(value, (int, float)) and value - value == 0:
                items.append((clipped_name(short.removesuffix(ending)), format_size(round(value)) + unit))
                break
        else:
            percent = short.endswith("_percent")
            items.append((clipped_name(short.removesuffix("_percent")), as_text(value) + " %" * percent))
    return items


def source_lines(document: Document) -> list[Line]:
    """The command, its folder, the commit and the interpreter."""
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


def data_lines(datasets: Sequence[Document], width: int | None = None) -> list[Line]:
    """A table of datasets."""
    rows = [
        [one.get("name"), one.get("size"), one.get("rows"), str(one.get("digest") or "")[:19], one.get("path")]
        for one in datasets
    ]
    columns = [Column("name"), Column("size", "size"), Column("rows", "number"), Column("digest"), Column("path")]
    if any(one.get("registered") for one in datasets):
        columns.insert(1, Column("version"))
        for row, one in zip(rows, datasets, strict=True):
            row.insert(1, ", ".join(one.get("registered", [])) or None)
    return render_table(rows, columns, width=width).lines if rows else []


def artifact_lines(artifacts: Sequence[Document], width: int | None = None, limit: int | None = 20) -> list[Line]:
    """A table of artifacts, of all or of the first `limit`."""
    shown = artifacts[:limit]
    rows = [(one.get("path"), one.get("size"), str(one.get("sha256") or "")[:12]) for one in shown]
    if not rows:
        return []
    columns = [Column("path"), Column("size", "size"), Column("sha256")]
    lines = render_table(rows, columns, width=width).lines
    more = len(artifacts) - len(shown)
    if more:
        lines.append([(f"… {format_number(more)} more, {format_size(total_size(artifacts))} in all", "dim")])
    return lines


def total_size(artifacts: Sequence[Document]) -> int:
    """Bytes of all artifacts together."""
    return sum(one.get("size") or 0 for one in artifacts)


def note_lines(document: Document) -> list[Line]:
    """The note as it was written."""
    return [[(visible(line), "")] for line in str(document.get("note") or "").splitlines()]


def error_line(document: Document) -> str:
    """The last line of the error that ended the run, on which Python names it; empty where there is none."""
    lines = [line for line in str(document.get("error") or "").splitlines() if line.strip()]
    return visible(lines[-1].strip()) if lines else ""


def headline(document: Document, moment_us: int) -> Line:
    """A run in one line: `brave-otter ⚑★  ● running 3m12s`.

    Args:
        document: the run; one that runs needs no `duration_s`.
        moment_us: now, microseconds since the epoch.
    """
    name = visible(str(document.get("name") or "")) or str(document.get("run_id") or "")[:8]
    flags = "".join([FLAG] * bool(document.get("pinned")) + [STAR] * bool(document.get("starred")))
    line: Line = [(name, "bold")]
    line += [(f" {flags}", "accent")] if flags else []
    if document.get("status"):
        mark, style = status_mark(str(document["status"]))
        line.append((f"  {mark} {_state(document, moment_us)}", style))
    if document.get("deleted"):
        line.append(("  in the trash", "warn"))
    return line


def _state(document: Document, moment_us: int) -> str:
    """The status in words, with how long and how long ago."""
    status = visible(str(document["status"]))
    started_us = _microseconds(document.get("started_at"))
    if status == "running":
        lasted = max(0.0, (moment_us - started_us) / 1e6) if started_us is not None else None
        return f"running {format_duration(lasted)}" if lasted is not None else "running"
    duration_s = document.get("duration_s")
    if status in ("crashed", "stale") and started_us is not None and duration_s is not None:
        silent_s = max(0.0, (moment_us - started_us) / 1e6 - duration_s)
        return f"{status} after {format_duration(duration_s)}, last heard of {ago(silent_s)}"
    words = {"finished": "finished in", "failed": "failed after", "killed": "killed after"}
    return f"{words.get(status, status)} {format_duration(duration_s)}" if duration_s is not None else status


def context_line(document: Document, moment_us: int) -> Line:
    """Where a run belongs: experiment, id, when it began, who started it."""
    parts = [as_text(document.get("experiment") or MISSING), str(document.get("run_id") or "")[:8]]
    started_us = _microseconds(document.get("started_at"))
    if started_us is not None:
        when = format_cell(document["started_at"], "time", moment_us)[0]
        parts.append(f"{when[:16]} ({ago(max(0.0, (moment_us - started_us) / 1e6))})")
    who = [visible(str(document[key])) for key in ("user", "host") if document.get(key)]
    parts += [" on ".join(who)] if who else []
    if document.get("parent_run_id"):
        parts.append(f"part of {str(document['parent_run_id'])[:8]}")
    if document.get("exit_code"):
        parts.append(f"exit status {document['exit_code']}")
    return [("  ".join(parts), "dim")]


def ago(age_s: float) -> str:
    """`3m ago`, or `now`."""
    age = format_age(age_s)
    return age if age == "now" else f"{age} ago"


def _microseconds(value: object) -> int | None:
    try:
        return round(as_datetime(value).timestamp() * 1e6)
    except (TypeError, ValueError, OverflowError):
        return None
