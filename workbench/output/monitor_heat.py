"""Verdicts of columns over windows as a strip of marks: a row for each column, a cell for each window."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.base.numbers import format_number
from workbench.output.cells import clip, pad, visible
from workbench.output.run_view import cut
from workbench.output.spans import Line, Span

CELLS: Mapping[str | None, Span] = {
    "ok": ("·", "good"),
    "warn": ("!", "warn"),
    "drift": ("✗", "bad"),
    "insufficient": ("–", "dim"),
    "not tested": (" ", ""),
    "failed": ("?", "bad"),
    None: (" ", ""),
}
"""A mark for each verdict, so that a strip can be read without colours."""
NAME_CELLS = 24
SHOWN_COLUMNS = 20


def strip(verdicts: Sequence[str | None]) -> Line:
    """Verdicts in order, a cell for each."""
    return [CELLS.get(one, CELLS[None]) for one in verdicts]


def heat_lines(heat: Mapping[str, Any], *, width: int | None = 100, columns: int = SHOWN_COLUMNS) -> list[Line]:
    """The strip of every column, the loudest first, the newest window on the right.

    Args:
        heat: `{"windows": [names], "columns": {name: [verdicts]}}`.
        width: cells of the terminal; None cuts nothing.
        columns: at most so many.
    """
    shown = dict(list(heat["columns"].items())[:columns])
    if not shown or not heat["windows"]:
        return []
    label = min(NAME_CELLS, max(len(visible(name)) for name in shown))
    room = len(heat["windows"]) if width is None else max(1, width - label - 3)
    lines: list[Line] = [
        [(pad(clip(visible(name), label), label), "dim"), ("  ", ""), *strip(row[-room:])]
        for name, row in shown.items()
    ]
    first, last = (visible(str(heat["windows"][-room:][place])) for place in (0, -1))
    span = first if first == last else f"{first} … {last}"
    lines.append([(" " * (label + 2), ""), (clip(span, max(10, (width or 200) - label - 3)), "dim")])
    more = len(heat["columns"]) - len(shown)
    if more > 0:
        lines.append([(f"{format_number(more)} more columns", "dim")])
    return [cut(line, width) for line in lines]
