"""Runs side by side: what differs, then the metrics with their distance to the baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace

from workbench.base.numbers import format_duration, format_number
from workbench.output.cells import cell_width, clip, fit, visible
from workbench.output.formats import as_text
from workbench.output.marks import DOWN, FLAG, MISSING, UP, status_mark
from workbench.output.spans import Line, plain
from workbench.tracking.compare import MISSING as NO_VALUE
from workbench.tracking.compare import Comparison, MetricRow, Row

GAP = "  "
MIN_VALUE_WIDTH = 28
"""Cells that hold a metric with its distance to the baseline and its marks."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Runs that stand beside each other.

    Attributes:
        label_width: cells of the labels before them.
        runs: indices, from left to right.
        widths: cells of each of them.
    """

    label_width: int
    runs: list[int]
    widths: list[int]


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """Runs side by side as cells, before it is known how wide the paper is.

    Attributes:
        baseline: index of the run that stands first.
        rows: label and one cell per run; a row without cells is a heading. The first one names the runs.
        label_width, widths: cells that the labels and each run take uncut.
    """

    baseline: int
    rows: list[tuple[str, list[Line]]]
    label_width: int
    widths: list[int]

    @property
    def order(self) -> list[int]:
        """The runs as they stand: the baseline, then the others as they were asked for."""
        return [self.baseline, *(index for index in range(len(self.widths)) if index != self.baseline)]

    def blocks(self, width: int | None) -> list[Columns]:
        """All runs, in as many blocks as it takes; the baseline leads every one.

        Args:
            width: cells of a block; None cuts nothing.
        """
        if width is None:
            return [Columns(self.label_width, self.order, [self.widths[index] for index in self.order])]
        blocks: list[Columns] = []
        rest = self.order[1:]
        while rest or not blocks:
            blocks.append(self.columns(width, rest[0] if rest else self.baseline))
            rest = rest[len(blocks[-1].runs) - 1 :]
        return blocks

    def columns(self, width: int, first: int, *, least: int = MIN_VALUE_WIDTH, fill: bool = False) -> Columns:
        """The baseline and as many runs from `first` on as fit; at least `first` itself, whether it fits or not.

        Args:
            width: cells of the labels and the runs.
            first: index of a run; all others follow where it is the baseline's.
            least: long texts are cut to so many cells before runs have to go elsewhere.
            fill: give the room that is left to the texts that are cut.
        """
        label_width = min(self.label_width, max(12, width // 3))
        fair = (width - label_width) // len(self.widths) - len(GAP)
        limit = max(least, fair)
        others = self.order[1:]
        runs, left = [self.baseline], width - label_width
        left -= min(self.widths[self.baseline], limit) + len(GAP)
        for index in others[others.index(first) :] if first in others else others:
            left -= min(self.widths[index], limit) + len(GAP)
            if left < 0 and len(runs) > 1:
                break
            runs.append(index)
        if fill:
            limit = max(limit, (width - label_width) // len(runs) - len(GAP))
        return Columns(label_width, runs, [min(self.widths[index], limit) for index in runs])

    def line(self, row: int, columns: Columns, *, selected: int | None = None) -> Line:
        """One row; the name of the run `selected` is lit."""
        label, cells = self.rows[row]
        if not cells:
            total = columns.label_width + sum(width + len(GAP) for width in columns.widths)
            return [(clip(label, total), "heading"), (" " + "─" * max(0, total - cell_width(label) - 1), "faint")]
        line: Line = [(fit(label, columns.label_width), "bold" if row == 0 else "")]
        for index, width in zip(columns.runs, columns.widths, strict=True):
            line.append((GAP, ""))
            if row == 0 and index == selected:
                line.append((fit(plain(cells[index]), width), "cursor"))
            else:
                line += _fitted(cells[index], width, last=index == columns.runs[-1])
        return line


def comparison_table(comparison: Comparison) -> ComparisonTable:
    """The comparison as cells."""
    rows = _grid(comparison)
    count = range(len(comparison.run_ids))
    widths = [max((cell_width(plain(cells[index])) for _, cells in rows if cells), default=0) for index in count]
    return ComparisonTable(comparison.baseline, rows, max((cell_width(label) for label, _ in rows), default=0), widths)


def comparison_lines(comparison: Comparison, *, width: int | None = 100) -> list[Line]:
    """The comparison as lines; runs that do not fit beside each other follow in further blocks.

    Args:
        comparison: from `compare_documents`.
        width: cells of the terminal; None cuts nothing.
    """
    table = comparison_table(comparison)
    lines: list[Line] = []
    for columns in table.blocks(width):
        lines += [[]] if lines else []
        lines += [table.line(row, columns) for row in range(len(table.rows))]
    return lines


def comparison_records(comparison: Comparison) -> tuple[list[str], list[list[object]]]:
    """The comparison for programs: the columns, what is compared and each run's name, and the rows below them.

    The first cell of a row is a name such as `params.lr`; None stands for what a run does not have.
    """
    groups = (
        ("params.", comparison.params),
        ("tags.", comparison.tags),
        ("code.", comparison.code),
        ("datasets.", comparison.data),
        ("environment.", comparison.environment),
        ("attributes.", comparison.attributes),
    )
    rows: list[list[object]] = [["run_id", *comparison.run_ids]]
    for prefix, group in groups:
        rows += [[prefix + row.name, *(None if value is NO_VALUE else value for value in row.values)] for row in group]
    rows += [[f"metrics.{row.name}", *row.values] for row in comparison.metrics]
    return ["name", *comparison.names], rows


_Cells = list[Line]


def _grid(comparison: Comparison) -> list[tuple[str, _Cells]]:
    """Label and one cell per run, row by row; a row without cells is a heading."""
    count = len(comparison.run_ids)
    header: _Cells = []
    for index, (name, status) in enumerate(zip(comparison.names, comparison.statuses, strict=True)):
        flag: Line = [(f"{FLAG} ", "accent")] if index == comparison.baseline else []
        header.append([status_mark(status), (" ", ""), *flag, (visible(name), "bold")])
    rows: list[tuple[str, _Cells]] = [("run", header)]
    data = [replace(row, values=[_short_digest(value) for value in row.values]) for row in comparison.data]
    differing: list[tuple[str, _Cells]] = []
    for prefix, group in (
        ("params.", comparison.params),
        ("tags.", comparison.tags),
        ("", comparison.code),
        ("data ", data),
        ("env ", comparison.environment),
        ("", [row for row in comparison.attributes if row.name not in ("status", "duration_s")]),
    ):
        differing += [(visible(prefix + row.name), _cells(row, comparison.baseline)) for row in group]
    rows += [("─ what differs", []), *differing] if differing else [("─ nothing differs but the results", [])]
    metrics = [(visible(row.name), _metric_cells(row, comparison.baseline)) for row in comparison.metrics]
    durations = next((row for row in comparison.attributes if row.name == "duration_s"), None)
    if durations is not None:
        metrics.append(("duration", [_duration(value) for value in durations.values]))
    if metrics:
        rows += [("─ metrics (✓ best)" if count > 1 else "─ metrics", []), *metrics]
    return rows


def _cells(row: Row, baseline: int) -> _Cells:
    """The values; long ones that are the baseline's are `=`."""
    texts = [MISSING if value is NO_VALUE else "null" if value is None else as_text(value) for value in row.values]
    cells: _Cells = []
    for index, text in enumerate(texts):
        same = index != baseline and text == texts[baseline]
        cells.append([("=" if same and len(text) > 8 else text, "dim" if same or text == MISSING else "")])
    return cells


def _short_digest(value: object) -> object:
    return value.removeprefix("sha256:")[:12] if isinstance(value, str) else value


def _metric_cells(row: MetricRow, baseline: int) -> _Cells:
    numbers = _padded([format_number(value) for value in row.values])
    deltas = _padded([_signed(delta) if delta is not None else "" for delta in row.deltas])
    cells: _Cells = []
    for index, (number, delta) in enumerate(zip(numbers, deltas, strict=True)):
        better = row.is_better(index)
        style = "" if better is None else "good" if better else "bad"
        cell: Line = [(number, "bold" if row.best[index] else "")]
        if index != baseline and any(text.strip() for text in deltas):
            arrow = " " if better is None else UP if better else DOWN
            cell += [(f"{GAP}{delta} {arrow}", style)]
        if row.best[index]:
            cell.append((" ✓", "good"))
        cells.append(cell)
    return cells


def _signed(delta: float) -> str:
    return "=" if delta == 0 else ("+" if delta > 0 else "−") + format_number(abs(delta))


def _padded(texts: list[str]) -> list[str]:
    """The texts at one width, decimal points under each other."""
    tails = [len(text) - text.index(".") if "." in text else 0 for text in texts]
    filled = [
        text + " " * (max(tails) - tail) if text[-1:].isdigit() else text
        for text, tail in zip(texts, tails, strict=True)
    ]
    width = max(map(len, filled))
    return [text.rjust(width) for text in filled]


def _duration(value: object) -> Line:
    return [(format_duration(value) if isinstance(value, (int, float)) else MISSING, "")]


def _fitted(cell: Line, width: int, *, last: bool) -> Line:
    fitted: Line = []
    left = width
    for text, style in cell:
        text = clip(text, left)
        left -= cell_width(text)
        if text:
            fitted.append((text, style))
    if not last:
        return [*fitted, (" " * left, "")]
    while fitted and not fitted[-1][0].strip():
        fitted.pop()
    return [*fitted[:-1], (fitted[-1][0].rstrip(), fitted[-1][1])] if fitted else []
