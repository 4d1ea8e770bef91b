"""Verdicts of rows over time as a strip of marks; each mark means the same without its colour."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.output.cells import cell_width, clip, fit, visible
from workbench.output.spans import Line, Span

MAX_LABEL = 24
CELLS: dict[str | None, Span] = {
    "drift": ("✗", "bad"),
    "warn": ("!", "warn"),
    "ok": ("·", "good"),
    "insufficient": ("?", "dim"),
    "not tested": ("–", "faint"),
    None: (" ", ""),
}
"""The mark of each verdict."""


def draw_heat(
    rows: Mapping[str, Sequence[str | None]], windows: Sequence[str], *, width: int, chosen: int | None = None
) -> list[Line]:
    """A line for each row, under the names of the first and the last window.

    Args:
        rows: for each name its verdict in every window, the oldest first.
        windows: names; where they do not fit, the newest are shown.
        width: cells.
        chosen: the window that is marked.
    """
    if not rows or not windows:
        return []
    names = [visible(name) for name in rows]
    label_width = min(MAX_LABEL, max(map(cell_width, names)), max(6, width // 3))
    room = width - label_width - 2
    named = max(cell_width(visible(name)) for name in windows) + 2
    size = next((size for size in (named, 2) if size * len(windows) <= room), 1)
    shown = min(len(windows), max(1, room // size))
    first = len(windows) - shown
    if size == named:
        titles: Line = [(fit(visible(name), size), "dim") for name in windows]
    else:
        titles = _ends(windows[first], windows[-1], shown * size)
    lines: list[Line] = [[(" " * (label_width + 2), ""), *titles]]
    if chosen is not None and chosen >= first:
        lines.append([(" " * (label_width + 2 + (chosen - first) * size), ""), ("▼", "accent")])
    for name, verdicts in zip(names, rows.values(), strict=True):
        line: Line = [(fit(name, label_width), ""), ("  ", "")]
        for verdict in verdicts[first:]:
            mark, style = CELLS.get(verdict, ("–", "faint"))
            line.append((mark + " " * (size - 1), style))
        lines.append(line)
    return lines


def legend_line(rows: Mapping[str, Sequence[str | None]]) -> Line:
    """What the marks of these rows mean."""
    seen = {verdict for verdicts in rows.values() for verdict in verdicts}
    line: Line = []
    for verdict, (mark, style) in CELLS.items():
        if verdict is not None and verdict in seen:
            line += [(mark, style), (f" {verdict}   ", "dim")]
    return line


def _ends(first: str, last: str, width: int) -> Line:
    if first == last or cell_width(first) + cell_width(last) + 3 > width:
        return [(clip(visible(last), max(width, cell_width(last))), "dim")]
    gap = width - cell_width(first) - cell_width(last) - 2
    return [(f"{visible(first)} ", "dim"), ("─" * gap, "faint"), (f" {visible(last)}", "dim")]
