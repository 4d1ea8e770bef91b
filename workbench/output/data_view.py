"""A dataset with its versions, and one version in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.clock import now_us as clock_now_us
from workbench.base.numbers import format_number, format_size
from workbench.output.cells import visible
from workbench.output.data_table import version_table
from workbench.output.formats import as_text, format_cell
from workbench.output.marks import status_mark
from workbench.output.run_view import cut, rule
from workbench.output.spans import Line, Span
from workbench.output.table import Column, indented, pairs, render_table

MAX_RUNS = 20
MAX_COLUMNS = 200
Document = Mapping[str, Any]


def dataset_lines(document: Document, *, width: int | None = 100, now_us: int | None = None) -> list[Line]:
    """A dataset, its versions and the runs that used them.

    Args:
        document: as `data.documents.dataset_document` has it.
        width: cells of the terminal; None cuts nothing.
        now_us: microseconds since the epoch that ages count to; None is now.
    """
    room = width and max(1, width - 2)
    rows, columns = version_table(document["versions"])
    lines: list[Line] = [[(visible(document["name"]), "bold")]]
    about: list[tuple[str, Span]] = []
    if document["description"]:
        about.append(("description", (as_text(document["description"]), "")))
    if document["tags"]:
        about.append(("tags", (visible(", ".join(f"{k}={v}" for k, v in document["tags"].items())), "")))
    lines += indented(pairs(about), "  ")
    lines += [
        [],
        rule("versions", width),
        *indented(render_table(rows, columns, width=room, now_us=now_us).lines, "  "),
    ]
    runs = [{**run, "version": f"v{one['version']}"} for one in document["versions"] for run in one["runs"]]
    if runs:
        lines += [[], rule("runs that used them", width), *indented(run_lines(runs, room), "  ")]
    return [cut(line, width) for line in lines]


def version_lines(document: Document, *, width: int | None = 100, now_us: int | None = None) -> list[Line]:
    """One version: where it is from, its columns, and the runs that used it. See `dataset_lines`."""
    moment = clock_now_us() if now_us is None else now_us
    room = width and max(1, width - 2)
    when = format_cell(document["created_at"], "time", moment)[0]
    files = f" in {document['files']:,} files" if document["files"] != 1 else ""
    items: list[tuple[str, Span]] = [("registered", (f"{when} by {visible(document['by'])}", ""))]
    if document["description"]:
        items.append(("description", (as_text(document["description"]), "")))
    if document["rows"] is not None:
        shape = f"{format_number(document['rows'])} rows, {format_number(document['column_count'])} columns"
        items.append(("table", (f"{shape}, {document['format']}", "")))
    items.append(("size", (f"{format_size(document['size_bytes'])}{files}", "")))
    items.append(("digest", (document["digest"], "")))
    items.append(("from", (visible(document["path"]), "")))
    items.append(("copy", ("in the project" if document["copied"] else "none; the bytes are where they came from", "")))
    lines: list[Line] = [[(visible(document["reference"]), "bold")], *indented(pairs(items), "  ")]
    lines += [[("  ! ", "warn"), (visible(note), "")] for note in document["notes"]]
    if document["columns"]:
        shown = [[one["name"], one["type"]] for one in document["columns"][:MAX_COLUMNS]]
        table = render_table(shown, [Column("column", min_width=20), Column("type")], width=room).lines
        lines += [[], rule("columns", width), *indented(table, "  ")]
        if len(document["columns"]) > MAX_COLUMNS:
            lines.append([(f"  … and {len(document['columns']) - MAX_COLUMNS:,} more; --json has all", "dim")])
    if document["runs"]:
        lines += [[], rule("runs that used it", width), *indented(run_lines(document["runs"], room), "  ")]
    return [cut(line, width) for line in lines]


def run_lines(runs: Sequence[Document], width: int | None) -> list[Line]:
    """The runs that used data, with what they call it and the models that came of them."""
    versions = any("version" in run for run in runs)
    rows = [
        [
            *([run["version"]] if versions else []),
            status_mark(run["status"])[0],
            run["name"],
            run["run_id"][:8],
            run["as"],
            ", ".join(run["models"]) or None,
        ]
        for run in runs[:MAX_RUNS]
    ]
    columns = [Column("", min_width=1), Column("run"), Column("id"), Column("as"), Column("models")]
    lines = render_table(rows, [Column("version"), *columns] if versions else columns, width=width).lines
    if len(runs) > MAX_RUNS:
        lines.append([(f"… and {len(runs) - MAX_RUNS:,} more; --json has all", "dim")])
    return lines
