"""What is asked of one version of a dataset: everything that its panes show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from workbench.base.clock import now_us
from workbench.base.errors import WorkbenchError
from workbench.base.numbers import format_age, format_number, format_size
from workbench.base.project import Project
from workbench.data.materialising import glance, read_profile
from workbench.data.references import resolve_data
from workbench.data.versions import DatasetVersion, versions_of
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.formats import as_text, format_cell
from workbench.output.lineage_view import data_lineage_lines
from workbench.output.profile_view import COLUMNS, column_items, profile_row, remarks
from workbench.output.spans import Line, Span, plain
from workbench.output.table import column_cells, indented, pairs, render_table
from workbench.plot.histogram import draw_bars, draw_histogram
from workbench.registry.lineage import lineage_of_data
from workbench.tui.questions.models import drawn
from workbench.tui.questions.pane_texts import PaneText
from workbench.tui.widgets.table_model import TableColumn, TableRow

Document = Mapping[str, Any]

HISTOGRAM_ROWS = 8
LABEL_WIDTH = 9
QUANTILES = 3
"""In a line."""
SHAPE = 4
"""The place of the histogram among `profile_view.COLUMNS`."""
_FIRST = (0, SHAPE, 1, 10, 2, 3, 5, 6, 7, 8, 9)
"""The order of those columns where they drop from the right."""
_STATES: dict[str, Span] = {
    "there": ("✓ still there", "good"),
    "gone": ("✗ gone", "bad"),
    "changed": ("! of another size now", "warn"),
    "remote": ("on another machine", "dim"),
}


@dataclass(frozen=True, slots=True)
class DataVersionPanes:
    """Everything that is known of a version without reading its data.

    Attributes:
        version: with columns, notes and files.
        numbers: of all versions of the dataset, the newest first.
        head: the lines about it.
        panes: texts of panes by their keys, without those that would be empty.
        profile: that was made when it was registered; None where none was.
    """

    version: DatasetVersion
    numbers: tuple[int, ...]
    head: list[Line]
    panes: Mapping[str, PaneText]
    profile: Document | None = field(compare=False)


@dataclass(frozen=True, slots=True)
class DataVersionQuestion:
    """A version of a dataset: `DataVersionPanes`.

    Attributes:
        project: where its profile is.
        reference: `transactions@v3`.
    """

    project: Project
    reference: str

    def ask(self, db: Any) -> tuple[DatasetVersion, tuple[int, ...], Document]:
        """All that is recorded of it.

        Raises:
            DatasetNotFoundError: there is no such version any more.
        """
        version = resolve_data(db, self.reference)
        numbers = [one.number for one in versions_of(db, version.dataset_id)]
        return version, tuple(numbers[::-1]), lineage_of_data(db, version.digest)

    def work(self, found: tuple[DatasetVersion, tuple[int, ...], Document]) -> DataVersionPanes:
        """Lines of all panes."""
        version, numbers, lineage = found
        profile, problem = _profile(self.project, version)
        panes = {
            "facts": PaneText(_facts(version, glance(self.project, version))),
            "lineage": _lineage(lineage),
            "schema": _schema(version),
            "remarks": remarks_pane(version, profile, problem),
        }
        shown = {
            key: one if key == "remarks" else PaneText(indented(one.lines), one.summary, one.gist)
            for key, one in panes.items()
            if one.lines
        }
        return DataVersionPanes(version, numbers, _head(version), shown, profile)


def columns_table(profile: Document) -> tuple[tuple[TableColumn, ...], tuple[TableRow, ...]]:
    """The columns of a profile as rows whose keys are their names."""
    rows = [profile_row(one, profile["rows"]) for one in profile["columns"]]
    moment_us = now_us()
    cells: list[tuple[Column, list[Span]]] = []
    for place in _FIRST:
        column = COLUMNS[place]
        spans = column_cells(column, [row[place] for row in rows], moment_us)
        if place == SHAPE:
            column, spans = Column("distribution"), [(text, "series0") for text, _ in spans]
        elif column.name == "remarks":
            spans = [
                ("", "") if row[place] is None else (text, "warn") for (text, _), row in zip(spans, rows, strict=True)
            ]
        elif not place:
            spans = [(text, "bold") for text, _ in spans]
        cells.append((column, spans))
    return drawn(cells, [one["name"] for one in profile["columns"]])


def profile_pane(profile: Document, width: int) -> PaneText:
    """A line for each column of a profile, in so many cells."""
    order = [COLUMNS[place] for place in _FIRST]
    rows = [profile_row(one, profile["rows"]) for one in profile["columns"]]
    shown = [["" if row[place] is None else row[place] for place in _FIRST] for row in rows]
    table = render_table(shown, order, width=max(20, width - 2))
    return PaneText(indented(table.lines), _count(len(rows), "column"))


def column_pane(profile: Document, name: str, width: int) -> PaneText:
    """One column of a profile in full: its distribution, its numbers, its most frequent values."""
    column = next((one for one in profile["columns"] if one["name"] == name), None)
    if column is None:
        return PaneText([])
    rows, room = profile["rows"], max(20, width - 2)
    lines: list[Line] = []
    histogram = column.get("histogram")
    if histogram and len(histogram["counts"]) > 1:
        lines += draw_histogram(histogram["edges"], histogram["counts"], width=room, height=HISTOGRAM_ROWS)
    top = column["top"]
    if top and column["kind"] != "numeric" and rows:
        shares = [one["count"] / rows for one in top]
        lines += draw_bars([as_text(one["value"]) for one in top], [("share", shares)], width=room)
    if lines:
        lines.append([])
    items = column_items(column, rows)
    lines += pairs([item for item in items if item[0] != "quantiles"], label_width=LABEL_WIDTH)
    quantiles = [f"{float(q):.0%} {as_text(value)}" for q, value in column.get("quantiles", {}).items()]
    for first in range(0, len(quantiles), QUANTILES):
        label = "" if first else "quantiles"
        lines += pairs([(label, ("   ".join(quantiles[first : first + QUANTILES]), ""))], label_width=LABEL_WIDTH)
    if top and column["kind"] == "numeric":
        often = "   ".join(f"{as_text(one['value'])} ({format_number(one['count'])})" for one in top[:5])
        lines += pairs([("often", (often, ""))], label_width=LABEL_WIDTH)
    summary = f"{visible(name)}  {remarks(column)}".rstrip()
    return PaneText(indented(lines), summary)


def remarks_pane(version: DatasetVersion, profile: Document | None, problem: str = "") -> PaneText:
    """What a person should know of a version: why it has no profile, warnings of the profile, how it was read."""
    lines: list[Line] = [[("✗ ", "bad"), (visible(problem), "")]] if problem else []
    lines += [[("! ", "warn"), (visible(said), "")] for said in (profile or {}).get("warnings", ())]
    lines += [[("  ", ""), (visible(note), "dim")] for note in version.notes]
    return PaneText(indented(lines), gist=plain(lines[0]) if lines else "")


_stored = lru_cache(maxsize=16)(read_profile)


def _profile(project: Project, version: DatasetVersion) -> tuple[Document | None, str]:
    """The stored profile, or None and why it cannot be read; no reason where there is none."""
    if version.profile is None:
        return None, ""
    try:
        return _stored(project, version.profile), ""
    except WorkbenchError as error:
        return None, error.message


def _head(version: DatasetVersion) -> list[Line]:
    age = format_age(max(0.0, (now_us() - version.created_us) / 1e6))
    shape = ""
    if version.rows is not None:
        shape = f"  {_count(version.rows, 'row')}, {_count(version.column_count, 'column')}"
    said = f"  {visible(version.description)}" if version.description else ""
    return [
        [
            (visible(version.reference), "bold"),
            (shape, ""),
            (f"  {format_size(version.size_bytes)}  registered {age} ago by {visible(version.who)}", "dim"),
            (said, ""),
        ]
    ]


def _facts(version: DatasetVersion, state: str) -> list[Line]:
    when = format_cell(version.created_us, "time", now_us())[0]
    files = f" in {format_number(version.file_count)} files" if version.file_count != 1 else ""
    items: list[tuple[str, Span]] = [
        ("registered", (f"{when} by {visible(version.who)}", "")),
        ("size", (f"{format_size(version.size_bytes)}{files}, {visible(version.format)}", "")),
        ("from", (visible(version.path), "")),
        ("original", _STATES[state]),
        ("copy", ("in the project", "") if version.copied else ("none", "dim")),
        ("digest", (version.digest, "")),
    ]
    if state in ("gone", "changed") and not version.copied:
        items.insert(4, ("", ("its columns cannot be read again", "dim")))
    if version.description:
        items.insert(0, ("about", (visible(version.description), "")))
    return pairs(items)


def _lineage(lineage: Document) -> PaneText:
    if not lineage["count"]:
        return PaneText([[("no run has used it: ", "dim"), ("run.log_dataset(PATH)", "accent")]], "not used")
    models = {one["version"] for run in lineage["runs"] for one in run["versions"]}
    summary = _count(lineage["count"], "run") + (f", {_count(len(models), 'model version')}" if models else "")
    return PaneText(data_lineage_lines(lineage, width=None), summary)


def _schema(version: DatasetVersion) -> PaneText:
    columns: Sequence[Mapping[str, str]] = version.columns
    items: list[tuple[str, Span]] = [(visible(one["name"])[:24], (visible(one["type"]), "")) for one in columns]
    return PaneText(pairs(items), _count(len(columns), "column"))


def _count(count: int, noun: str) -> str:
    return f"{format_number(count)} {noun}{'s' * (count != 1)}"
