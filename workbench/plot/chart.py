"""Line charts made of characters: curves in braille, axes, a legend.

    0.69 ┤⡇                                  A ── quiet-lynx   0.1203
         │⢣⡀                                 B ┄┄ brave-otter  0.1187
    0.12 ┤⠀⠑⠤⣀⣀A
         └0──────25──────50──────75──────100

Series differ by colour, by the pattern of their line and by the letter at its end, so that nothing
depends on colour alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.output.cells import cell_width, clip
from workbench.output.spans import Line, plain, to_ascii
from workbench.plot.area import Area, end_marks, plot_line, x_axis
from workbench.plot.axis import Scale, y_ticks
from workbench.plot.legend import Legend, header_line, letter_of, style_of
from workbench.plot.pen import draw_layers
from workbench.plot.series import Series
from workbench.plot.smoothing import smooth

__all__ = ["Chart", "Series", "draw_chart"]


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawn chart.

    Attributes:
        lines: exactly the asked number of lines, each exactly as wide as asked, as styled spans.
        plot_left, plot_columns: first cell and number of cells of the plot area.
        x_range, y_range: values at its edges; None where nothing is drawn.
    """

    lines: list[Line]
    plot_left: int = 0
    plot_columns: int = 0
    x_range: tuple[float, float] | None = None
    y_range: tuple[float, float] | None = None

    def plain(self) -> list[str]:
        """The lines without styles."""
        return [plain(line) for line in self.lines]

    def x_at(self, column: int) -> float | None:
        """The x value under cell `column` of the chart (a mouse position); None outside of the plot area."""
        inside = column - self.plot_left
        if self.x_range is None or not 0 <= inside < self.plot_columns:
            return None
        return Scale(*self.x_range).value(inside / max(1, self.plot_columns - 1))


def draw_chart(
    series: Sequence[Series],
    *,
    width: int,
    height: int,
    title: str = "",
    x: str = "step",
    log_y: bool = False,
    smoothing: float = 0.0,
    ascii: bool = False,
    x_range: tuple[float, float] | None = None,
    y_range: tuple[float, float] | None = None,
    cursor: float | None = None,
    legend: bool = True,
) -> Chart:
    """Draw curves over each other; never raises for any values.

    Args:
        series: the curves; the first is drawn on top.
        width, height: cells, legible from about 20 x 4.
        title: above the chart, with what else one must know to read it (log-y, smoothing, what x is).
        x: "step", or "time" with xs in seconds since the start.
        log_y: logarithmic values; those that are not above zero break the line.
        smoothing: weight of `smooth`, 0 for none; the raw curve stays visible, faint.
        ascii: for terminals without UTF-8.
        x_range, y_range: what to show; None is the range of the data.
        cursor: x of a vertical line; the legend then shows the values there instead of the last ones.
        legend: whether to name the series where there are several.
    """
    width, height = max(width, 0), max(height, 0)
    several = len(series) > 1
    key = Legend(series, width=width, cursor=cursor, ascii=ascii) if legend and several else None
    lines: list[Line] = []
    if height >= 4 and (title or (key and not key.columns)):
        facts = ["log-y"] * log_y + [f"smoothed {smoothing:g}"] * (smoothing > 0) + [f"x: {x}"]
        room = width - cell_width(title) - 6
        details = key.inline(room) if key and not key.columns else [("  ".join(facts), "dim")]
        lines.append(header_line(title, details, width))
    x_scale = _x_scale(series, x_range)
    y_scale = _y_scale(series, x_scale, y_range, log_y)
    if x_scale is None or y_scale is None:
        lines += _message(series, log_y, width, height - len(lines))
        return Chart(_finish(lines, width, height, ascii))
    has_axis = height - len(lines) >= 3
    rows = max(0, height - len(lines) - has_axis)
    labels = y_ticks(y_scale, rows) if rows else {}
    label_width = max(map(len, labels.values()), default=0)
    if label_width + 2 > width // 2:
        labels, label_width = {}, 0
    left = label_width + 2 if label_width else 1
    columns = max(1, width - left - several - (key.columns if key else 0))
    area = Area(x_scale, y_scale, columns, rows, ascii)
    layers = [
        layer
        for index, one in enumerate(series)
        for layer in draw_layers(area, one, index, style_of(index), letter_of(index) if several else "*", smoothing)
    ]
    marks = _letters_at_ends(area, series, smoothing) if several else {}
    for row in range(rows):
        line: Line = [(f"{labels[row]} ┤" if row in labels else " " * (left - 1) + "│", "dim")]
        line += plot_line(area, layers, row, area.column(cursor))
        line += [marks.get(row, (" ", ""))] * several
        line += key.row(row, rows) if key and key.columns else []
        lines.append(line)
    if has_axis:
        lines.append([(" " * (left - 1) + "└", "dim"), *x_axis(area, time=x == "time", cursor=cursor)])
    ranges = (x_scale.low, x_scale.high), (y_scale.low, y_scale.high)
    return Chart(_finish(lines, width, height, ascii), left, columns, *ranges)


def _x_scale(series: Sequence[Series], x_range: tuple[float, float] | None) -> Scale | None:
    if x_range is not None and all(map(math.isfinite, x_range)):
        return Scale.around(*x_range)
    xs = [x for one in series if len(one.xs) for x in (one.xs[0], one.xs[-1]) if math.isfinite(x)]
    if not xs:
        return None
    low, high = min(xs), max(xs)
    return Scale(low, high) if high > low else Scale.around(low, low + 1)


def _y_scale(
    series: Sequence[Series], x_scale: Scale | None, y_range: tuple[float, float] | None, log: bool
) -> Scale | None:
    if y_range is not None and all(map(math.isfinite, y_range)) and (min(y_range) > 0 or not log):
        return Scale.around(*y_range, log=log)
    if x_scale is None:
        return None
    values = [
        value
        for one in series
        for x, low, high in zip(one.xs, one.lows, one.highs, strict=False)
        if x_scale.low <= x <= x_scale.high
        for value in (low, high)
        if math.isfinite(value) and (value > 0 or not log)
    ]
    return Scale.around(min(values), max(values), log=log) if values else None


def _letters_at_ends(area: Area, series: Sequence[Series], smoothing: float) -> dict[int, tuple[str, str]]:
    ends: list[tuple[float, tuple[str, str]]] = []
    for index, one in enumerate(series):
        curve = smooth(one.lasts, smoothing) if smoothing > 0 else one.lasts
        last = next((value for value in reversed(curve) if area.y.shows(value)), math.nan)
        ends.append((last, (letter_of(index), style_of(index))))
    return end_marks(area, ends)


def _message(series: Sequence[Series], log_y: bool, width: int, height: int) -> list[Line]:
    """What to say instead of a chart, in the middle."""
    empty = not any(len(one.xs) for one in series)
    message = "no data" if empty else "nothing above zero" if log_y else "no values"
    lines: list[Line] = [[] for _ in range(height)]
    if lines:
        lines[(height - 1) // 2] = [(clip(message, width).center(width), "dim")]
    return lines


def _finish(lines: list[Line], width: int, height: int, ascii: bool) -> list[Line]:
    """Exactly `height` lines of exactly `width` cells."""
    return [_exactly(line, width, ascii) for line in (lines + [[] for _ in range(height)])[:height]]


def _exactly(line: Line, width: int, ascii: bool) -> Line:
    exact: Line = []
    left = width
    for text, style in line:
        text = to_ascii(text) if ascii else text
        size = cell_width(text)
        if size > left:
            text, size = clip(text, left), min(left, cell_width(clip(text, left)))
        if text:
            exact.append((text, style))
            left -= size
    return [*exact, (" " * left, "")] if left else exact
