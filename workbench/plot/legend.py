"""Which curve is which: beside the chart where there is room, in its title line where there is not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, fit, visible
from workbench.output.spans import Line
from workbench.plot.axis import aligned
from workbench.plot.series import Series

SAMPLES = ("──", "┄┄", "··", "─·")
"""How the pen's line patterns look, in their order."""
MIN_WIDTH = 60
"""Cells of a chart from which on the legend stands beside it."""
MARGIN = "  "


def letter_of(index: int) -> str:
    """The letter of the series at `index`."""
    return chr(ord("A") + index % 26)


def style_of(index: int) -> str:
    """The style of the series at `index`."""
    return f"series{index % 8}"


class Legend:
    """Names, line patterns and values of several series.

    Attributes:
        columns: cells that it takes beside the chart; 0 where the chart is too narrow.
    """

    def __init__(self, series: Sequence[Series], *, width: int, cursor: float | None, ascii: bool) -> None:
        keys = [_key(index, ascii) for index in range(len(series))]
        names = [visible(one.name) for one in series]
        values = aligned([format_number(value) if value is not None else "" for value in _values(series, cursor)])
        self._entries = list(zip(keys, names, values, strict=True))
        self.columns = 0
        if width >= MIN_WIDTH:
            self._name_width = min(max(map(cell_width, names)), max(8, width // 4))
            fixed = len(MARGIN) + cell_width(keys[0]) + 1 + 2 + len(values[0])
            self.columns = fixed + self._name_width

    def row(self, row: int, rows: int) -> Line:
        """The part of the legend beside row `row` of `rows`."""
        if row >= len(self._entries):
            return [(" " * self.columns, "")]
        hidden = len(self._entries) - rows
        if row == rows - 1 and hidden > 0:
            return [(fit(f"{MARGIN}… {hidden + 1} more", self.columns), "dim")]
        key, name, value = self._entries[row]
        return [
            (MARGIN, ""),
            (key, style_of(row)),
            (" " + fit(name, self._name_width), ""),
            ("  " + value, "bold"),
        ]

    def inline(self, width: int) -> Line:
        """The legend for a title line in at most about `width` cells; names are cut to equal shares."""
        share = width // len(self._entries) - cell_width(self._entries[0][0]) - 3
        spans: Line = []
        for index, (key, name, _) in enumerate(self._entries):
            spans += [("  " if spans else "", ""), (key, style_of(index)), (f" {clip(name, max(share, 1))}", "")]
        return spans


def header_line(title: str, details: Line, width: int) -> Line:
    """A rule with the title and, where they fit, the details: `─ loss ───── log-y  x: step ─`."""
    name = clip(visible(title), max(0, width - 4))
    lead: Line = [("─ ", "faint"), (name, "heading"), (" ", "")] if name else [("─", "faint")]
    room = width - sum(cell_width(text) for text, _ in lead)
    size = sum(cell_width(text) for text, _ in details) + 3
    if size > room:
        return [*lead, ("─" * room, "faint")]
    return [*lead, ("─" * (room - size), "faint"), (" ", ""), *details, (" ─", "faint")]


def _key(index: int, ascii: bool) -> str:
    letter = letter_of(index)
    return letter if ascii else f"{letter} {SAMPLES[index % len(SAMPLES)]}"


def _values(series: Sequence[Series], cursor: float | None) -> list[float | None]:
    if cursor is not None and math.isfinite(cursor):
        found = [one.value_at(cursor) for one in series]
        return [entry[1] if entry else None for entry in found]
    return [next((value for value in reversed(one.lasts) if math.isfinite(value)), None) for one in series]
