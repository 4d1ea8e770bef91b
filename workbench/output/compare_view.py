"""Runs side by side: what differs, then the metrics with their distance to the baseline."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from workbench.base.numbers import format_duration, format_number
from workbench.output.cells import cell_width, clip, fit, visible
from workbench.output.formats import as_text
from workbench.output.marks import DOWN, FLAG, MISSING, UP, status_mark
from workbench.output.spans import Line
from workbench.tracking.compare import MISSING as NO_VALUE
from workbench.tracking.compare import Comparison, MetricRow, Row

GAP = "  "
MIN_VALUE_WIDTH = 28
"""Cells that hold a metric with its distance to the baseline and its marks."""


def comparison_lines(comparison: Comparison, *, width: int | None = 100) -> list[Line]:
    """The comparison as lines; runs that do not fit beside each other follow in further blocks.

    Args:
        comparison: from `compare_documents`.
        width: cells of the terminal; None cuts nothing.
    """
    texts = _grid(comparison)
    label_width = max((cell_width(label) for label, _ in texts if label), default=0)
    if width is not None:
        label_width = min(label_width, max(12, width // 3))
    indexes = list(range(len(comparison.run_ids)))
    natural = [max((cell_width(_plain(cells[i])) for _, cells in texts if cells), default=0) for i in indexes]
    widths = natural
    if width is not None:
        fair = (width - label_width) // len(indexes) - len(GAP)  # long texts are cut before runs go into another block
        widths = [min(size, max(MIN_VALUE_WIDTH, fair)) for size in natural]
    lines: list[Line] = []
    for block in _blocks(indexes, widths, comparison.baseline, None if width is None else width - label_width):
        lines += [[]] if lines else []
        lines += [_line(label, cells, block, label_width, widths) for label, cells in texts]
    return lines


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


def _blocks(indexes: Sequence[int], widths: Sequence[int], baseline: int, room: int | None) -> list[list[int]]:
    """The runs of each block; the baseline leads every one."""
    if room is None:
        return [[baseline, *(index for index in indexes if index != baseline)]]
    needs: Callable[[list[int]], int] = lambda block: sum(widths[i] + len(GAP) for i in block)  # noqa: E731
    blocks: list[list[int]] = [[baseline]]
    for index in indexes:
        if index == baseline:
            continue
        if len(blocks[-1]) > 1 and needs([*blocks[-1], index]) > room:
            blocks.append([baseline])
        blocks[-1].append(index)
    return blocks


def _line(label: str, cells: _Cells, block: Sequence[int], label_width: int, widths: Sequence[int]) -> Line:
    if not cells:
        total = label_width + sum(widths[i] + len(GAP) for i in block)
        return [(clip(label, total), "heading"), (" " + "─" * max(0, total - cell_width(label) - 1), "faint")]
    line: Line = [(fit(label, label_width), "bold" if label == "run" else "")]
    for position, index in enumerate(block):
        line.append((GAP, ""))
        line += _fitted(cells[index], widths[index], last=position == len(block) - 1)
    return line


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


def _plain(cell: Line) -> str:
    return "".join(text for text, _ in cell)
