"""Distributions made of characters: one as bars that stand, two over each other as outlines, values as bars that lie.

31 % ┤   ▂█▅
     │  ▃███▆▂
   0 ┤▁▆██████▇▄▂▁▁
     └8────────────96
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from workbench.base.numbers import format_number
from workbench.output.cells import cell_width, clip, fit, visible
from workbench.output.spans import Line
from workbench.plot.chart import draw_chart
from workbench.plot.legend import key_of, letter_of, style_of
from workbench.plot.series import Series

UPWARD = " ▁▂▃▄▅▆▇█"
RIGHTWARD = " ▏▎▍▌▋▊▉█"
LEAST_SHARE = 1e-4
MAX_LABEL = 24
"""Cells of a value's name."""


def draw_histogram(
    edges: Sequence[object], counts: Sequence[float], *, width: int, height: int, style: str = "series0"
) -> list[Line]:
    """Bins as bars beside each other, with the share of the tallest one and the first, middle and last edge.

    Args:
        edges: numbers or texts, one more than there are bins; bins are drawn equally wide, whatever their edges.
        counts: of the bins.
        width, height: cells; neighbouring bins are drawn as one where there are more bins than cells.
    """
    total = sum(counts)
    rows = height - 1
    if not counts or not total or rows < 1 or width < 12:
        return []
    most_label = f"{_percent(max(counts) / total)} ┤"
    left = len(most_label)
    room = width - left
    n = min(len(counts), room)
    sums = [sum(counts[i * len(counts) // n : (i + 1) * len(counts) // n]) for i in range(n)]
    cells = [(i + 1) * room // n - i * room // n for i in range(n)]
    most = max(sums)
    lines: list[Line] = []
    for row in range(rows):
        below = (rows - row - 1) * 8
        blocks = [UPWARD[max(0, min(8, _eighths(one / most, rows) - below))] for one in sums]
        bars = "".join(block * size for block, size in zip(blocks, cells, strict=True))
        label = most_label if row == 0 else f"{'0 ┤' if row == rows - 1 and rows > 1 else '│':>{left}}"
        lines.append([(label, "dim"), (bars, style)])
    return [*lines, [(" " * (left - 1) + "└", "dim"), *_edge_line(edges, room)]]


def draw_over_each_other(
    edges: Sequence[float], shares: Sequence[tuple[str, Sequence[float]]], *, width: int, height: int
) -> list[Line]:
    """Several distributions over the same bins as outlines, told by colour, line pattern and letter.

    Args:
        edges: ascending, one more than there are bins.
        shares: a name and the shares of rows in the bins.
    """
    outlines = []
    for place, (name, values) in enumerate(shares):
        xs = [x for low, high in pairwise(edges) for x in (low, high)]
        ys = [100 * value for value in values for _ in range(2)]
        xs, ys = [xs[0], *xs, xs[-1]], [0.0, *ys, 0.0]
        outlines.append(Series(name, xs, ys, ys, ys, place))
    most = max((max(one.highs) for one in outlines), default=0.0)
    chart = draw_chart(
        outlines, width=width, height=height, title="% of rows", x="value", y_range=(0.0, most or 1.0), legend=False
    )
    return [[*_key([name for name, _ in shares]), ("% of rows", "dim")], *chart.lines[1:]]


def draw_bars(
    values: Sequence[str], shares: Sequence[tuple[str, Sequence[float]]], *, width: int, legend: bool = True
) -> list[Line]:
    """For each value a bar of every distribution, below each other.

    Args:
        values: names, control characters in them are shown as escapes.
        shares: a name and the share of each value.
    """
    names = [visible(value) for value in values]
    label_width = min(MAX_LABEL, max(map(cell_width, names), default=0), max(4, width // 3))
    several = len(shares) > 1
    room = max(1, width - label_width - 2 - 2 * several - len(" 0.012 %"))
    most = max((one for _, values_ in shares for one in values_), default=0.0) or 1.0
    lines: list[Line] = [_key([name for name, _ in shares])] if several and legend else []
    for index, name in enumerate(names):
        for place, (_, own) in enumerate(shares):
            style = style_of(place)
            label = fit(name, label_width, "right") if place == 0 else " " * label_width
            letter: Line = [(f"{letter_of(place)} ", style)] if several else []
            lines.append(
                [
                    (f" {label} ", ""),
                    *letter,
                    (_bar(own[index] / most, room), style),
                    (f" {_percent(own[index])}", "dim"),
                ]
            )
    return lines


def _bar(share: float, room: int) -> str:
    """A bar with eighths of a cell at its end; what is there at all is seen."""
    eighths = max(round(share * room * 8), 1 if share > 0 else 0)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (RIGHTWARD[rest] if rest else "")


def _eighths(share: float, rows: int) -> int:
    return max(round(share * rows * 8), 1 if share > 0 else 0)


def _edge_line(edges: Sequence[object], width: int) -> Line:
    """The first, the middle and the last edge below a histogram, as far as there is room."""
    first, middle, last = (_edge(edges[place]) for place in (0, len(edges) // 2, -1))
    first, last = clip(first, width), clip(last, width)
    if len(edges) < 3 or cell_width(first) + cell_width(last) + 2 > width:
        return [(first, "dim"), ("─" * max(0, width - cell_width(first)), "faint")]
    start = round(width * (len(edges) // 2) / (len(edges) - 1)) - cell_width(middle) // 2
    gap = width - cell_width(first) - cell_width(last)
    before = start - cell_width(first)
    after = gap - before - cell_width(middle)
    if before < 2 or after < 2:
        return [(first, "dim"), ("─" * gap, "faint"), (last, "dim")]
    return [(first, "dim"), ("─" * before, "faint"), (middle, "dim"), ("─" * after, "faint"), (last, "dim")]


def _edge(value: object) -> str:
    if isinstance(value, str):
        return value[:16].replace("T", " ")
    return format_number(value) if isinstance(value, (int, float)) else str(value)


def _key(names: Sequence[str]) -> Line:
    line: Line = [(" ", "")]
    for place, name in enumerate(names):
        line += [(key_of(place), style_of(place)), (f" {visible(name)}   ", "")]
    return line


def _percent(share: float) -> str:
    if 0 < share < LEAST_SHARE:
        return "<0.01 %"
    return f"{format_number(100 * share, 2 if share < 0.0995 else 3)} %"
