"""Which curve is which: beside the chart where there is room, in its title line where there is not."""

from __future__ import annotations

import math
from collections.abc import Sequence

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, fit, visible
from workbench.output.spans import Line, Span
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


def place_of(one: Series, index: int) -> int:
    """Which letter, colour and pattern the series at `index` of a chart has."""
    return index if one.place is None else one.place


class Legend:
    """Names, line patterns and values of several series.

    Args:
        series: the curves.
        width: cells of the chart.
        cursor: where the values are taken from; None takes the last ones.
        ascii: for terminals without UTF-8.
        value_width: at least so many cells for values, so that a moving cursor does not change the chart's width.

    Attributes:
        columns: cells that it takes beside the chart; 0 where the chart is too narrow.
    """

    def __init__(
        self, series: Sequence[Series], *, width: int, cursor: float | None, ascii: bool, value_width: int = 0
    ) -> None:
        self._places = [place_of(one, index) for index, one in enumerate(series)]
        keys = [key_of(place, ascii=ascii) for place in self._places]
        names = [visible(one.name) for one in series]
        nothing = "" if cursor is None else "–"
        bare = [format_number(value) if value is not None else nothing for value in _values(series, cursor)]
        values = aligned(bare)
        if value_width:
            on_points = max(map(len, values)) <= value_width
            values = [fit(value, value_width, "right") for value in (values if on_points else bare)]
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
            (key, style_of(self._places[row])),
            (" " + fit(name, self._name_width), ""),
            ("  " + value, "bold"),
        ]

    def inline(self, width: int) -> Line:
        """The legend for a title line in at most about `width` cells; names are cut to equal shares."""
        share = width // len(self._entries) - cell_width(self._entries[0][0]) - 3
        spans: Line = []
        for place, (key, name, _) in zip(self._places, self._entries, strict=True):
            spans += [("  " if spans else "", ""), (key, style_of(place)), (f" {clip(name, max(share, 1))}", "")]
        return spans


def values_line(series: Sequence[Series], cursor: float | None, width: int) -> Line:
    """The last values, or those at the cursor, each behind its letter, in at most `width` cells: `A 0.12  B 0.34`.

    A series without a letter of its own shows the bare value. What does not fit is left out, which `…` says.
    """
    spans: Line = []
    left = width
    for index, (one, value) in enumerate(zip(series, _values(series, cursor), strict=True)):
        place = place_of(one, index)
        letter = f"{letter_of(place)} " if len(series) > 1 or one.place is not None else ""
        text = "–" if value is None else format_number(value)
        size = (2 if spans else 0) + len(letter) + len(text)
        last = index == len(series) - 1
        if size > left - (0 if last else 3):
            return [*spans, ("  …", "dim")] if spans and left >= 3 else spans
        spans += [("  ", "")] * bool(spans) + [(letter, style_of(place))] * bool(letter) + [(text, "bold")]
        left -= size
    return spans


def header_line(
    title: str,
    details: Line,
    width: int,
    *,
    style: str = "heading",
    mark: Sequence[Span] = (),
    room: int | None = None,
) -> Line:
    """A rule with the title and, where they fit, the details: `─ loss ───── log-y  x: step ─`.

    Args:
        style: of the title.
        mark: spans before the title.
        room: at most so many cells for the title; None is all that there are.
    """
    marks = [*mark, (" ", "")] if mark else []
    taken = sum(cell_width(text) for text, _ in marks)
    most = width - 4 - taken
    name = clip(visible(title), max(0, most if room is None else min(room, most)))
    lead: Line = [("─ ", "faint"), *marks, (name, style), (" ", "")] if name else [("─", "faint")]
    left = width - sum(cell_width(text) for text, _ in lead)
    size = sum(cell_width(text) for text, _ in details) + 3
    if size > left or not details:
        return [*lead, ("─" * left, "faint")]
    return [*lead, ("─" * (left - size), "faint"), (" ", ""), *details, (" ─", "faint")]


def legend_lines(names: Sequence[str], width: int, max_lines: int, marks: Sequence[Span | None] = ()) -> list[Line]:
    """Letters, line samples and names of runs in at most so many lines; names are cut as far as that takes.

    Args:
        marks: what stands before each name, or None.
    """
    items = [(name, marks[place] if place < len(marks) else None) for place, name in enumerate(names)]
    lines: list[Line] = []
    for room in (32, 24, 16, 12, 8, 5, 0):
        lines = _wrapped([_item(place, *item, room) for place, item in enumerate(items)], width)
        if len(lines) <= max_lines:
            return lines
    lines = lines[:max_lines]
    if lines:
        lines[-1] = [*lines[-1], ("…", "dim")]
    return lines


def _item(place: int, name: str, mark: Span | None, room: int) -> Line:
    item: Line = [(key_of(place), style_of(place))]
    if room:
        item += [(" ", ""), mark] if mark else []
        item.append((" " + clip(visible(name), room), ""))
    return item


def _wrapped(items: Sequence[Line], width: int) -> list[Line]:
    lines: list[Line] = []
    left = 0
    for item in items:
        size = sum(cell_width(text) for text, _ in item) + 3
        if size > left or not lines:
            lines.append([(" ", "")])
            left = width - 1
        lines[-1] += [*item, ("   ", "")]
        left -= size
    return lines


def key_of(place: int, *, ascii: bool = False) -> str:
    """The letter and a sample of the line: `A ──`."""
    letter = letter_of(place)
    return letter if ascii else f"{letter} {SAMPLES[place % len(SAMPLES)]}"


def _values(series: Sequence[Series], cursor: float | None) -> list[float | None]:
    if cursor is not None and math.isfinite(cursor):
        found = [one.value_at(cursor) for one in series]
        return [entry[1] if entry else None for entry in found]
    return [next((value for value in reversed(one.lasts) if math.isfinite(value)), None) for one in series]
