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
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.output.cells import cell_width, clip
from workbench.output.spans import Line, plain, to_ascii
from workbench.plot.area import Area, end_marks, plot_line, plot_rows, x_axis
from workbench.plot.axis import Scale, y_ticks
from workbench.plot.legend import Legend, header_line, letter_of, place_of, style_of
from workbench.plot.pen import draw_layers
from workbench.plot.series import Series
from workbench.plot.smoothing import smooth

__all__ = ["Chart", "Drawing", "Series", "draw_chart"]


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
        return _x_at(column - self.plot_left, self.plot_columns, self.x_range)


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
    drawing = Drawing(
        series,
        width=width,
        height=height - len(lines),
        x=x,
        log_y=log_y,
        smoothing=smoothing,
        ascii=ascii,
        x_range=x_range,
        y_range=y_range,
        legend_columns=key.columns if key else 0,
    )
    chart = drawing.at(cursor, key)
    lines = [_exactly(line, width, ascii) for line in lines] + chart.lines
    return Chart(lines[:height], chart.plot_left, chart.plot_columns, chart.x_range, chart.y_range)


class Drawing:
    """The curves of a chart, drawn once: a crosshair moves over them at the cost of a few lines.

    Args: as those of `draw_chart`, but
        legend_columns: cells to leave free for a legend beside the chart.

    Attributes:
        width, height: as asked for, at least 0.
        plot_left, plot_columns: first cell and number of cells of the plot area; no columns where nothing is drawn.
        x_range: values at its edges; None where nothing is drawn.
    """

    def __init__(
        self,
        series: Sequence[Series],
        *,
        width: int,
        height: int,
        x: str = "step",
        log_y: bool = False,
        smoothing: float = 0.0,
        ascii: bool = False,
        x_range: tuple[float, float] | None = None,
        y_range: tuple[float, float] | None = None,
        legend_columns: int = 0,
    ) -> None:
        self.width, self.height = max(width, 0), max(height, 0)
        self.plot_left = self.plot_columns = 0
        self.x_range: tuple[float, float] | None = None
        self._ascii = ascii
        self._time = x == "time"
        self._area: Area | None = None
        x_scale = _x_scale(series, x_range)
        y_scale = _y_scale(series, x_scale, y_range, log_y)
        if x_scale is None or y_scale is None:
            self._message = _message(series, log_y, x_range is not None, self.width, self.height)
            return
        self._has_axis = self.height >= 3
        rows = max(0, self.height - self._has_axis)
        labels = y_ticks(y_scale, rows) if rows else {}
        label_width = max(map(len, labels.values()), default=0)
        if label_width + 2 > self.width // 2:
            labels, label_width = {}, 0
        lettered = len(series) > 1 or any(one.place is not None for one in series)
        self.plot_left = label_width + 2 if label_width else 1
        self.plot_columns = max(1, self.width - self.plot_left - lettered - legend_columns)
        self.x_range, self._y_range = (x_scale.low, x_scale.high), (y_scale.low, y_scale.high)
        self._area = area = Area(x_scale, y_scale, self.plot_columns, rows, ascii)
        curves = [smooth(one.lasts, smoothing) if smoothing > 0 else None for one in series]
        layers = [
            layer
            for index, (one, curve) in enumerate(zip(series, curves, strict=True))
            for place in (place_of(one, index),)
            for layer in draw_layers(area, one, curve, place, style_of(place), letter_of(place) if lettered else "*")
        ]
        self._layers = [layer for layer in layers if not layer.below] + [layer for layer in layers if layer.below]
        self._rows = plot_rows(area, self._layers)
        marks = _letters_at_ends(area, series, curves) if lettered else {}
        self._lefts = [f"{labels[row]} ┤" if row in labels else " " * (self.plot_left - 1) + "│" for row in range(rows)]
        self._rights: list[Line] = [[marks.get(row, (" ", ""))] * lettered for row in range(rows)]

    def at(self, cursor: float | None, legend: Legend | None = None) -> Chart:
        """The chart with a vertical line at x `cursor`, and with a legend in the columns left free for it."""
        if self._area is None:
            return Chart(self._finish(self._message))
        beside = legend if legend and legend.columns else None
        column = self._area.column(cursor)
        lines: list[Line] = []
        for row, (left, right) in enumerate(zip(self._lefts, self._rights, strict=True)):
            line: Line = [(left, "dim"), *plot_line(self._rows[row], self._layers, column), *right]
            lines.append(line + beside.row(row, len(self._rows)) if beside else line)
        if self._has_axis:
            corner = " " * (self.plot_left - 1) + "└"
            lines.append([(corner, "dim"), *x_axis(self._area, time=self._time, cursor=cursor)])
        return Chart(self._finish(lines), self.plot_left, self.plot_columns, self.x_range, self._y_range)

    def column(self, x: float) -> int | None:
        """The cell of an x in the plot area, 0 its first; None where it is not shown."""
        return None if self._area is None else self._area.column(x)

    def x_at(self, column: int) -> float | None:
        """As `Chart.x_at`."""
        return _x_at(column - self.plot_left, self.plot_columns, self.x_range)

    def _finish(self, lines: list[Line]) -> list[Line]:
        """Exactly `height` lines of exactly `width` cells."""
        filled = (lines + [[] for _ in range(self.height)])[: self.height]
        return [_exactly(line, self.width, self._ascii) for line in filled]


def _x_at(inside: int, columns: int, x_range: tuple[float, float] | None) -> float | None:
    """The x of a cell of the plot area."""
    if x_range is None or not 0 <= inside < columns:
        return None
    return Scale(*x_range).value(inside / max(1, columns - 1))


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
    ends: list[float] = []
    for one in series:
        shown = slice(bisect_left(one.xs, x_scale.low), bisect_right(one.xs, x_scale.high))
        ends += _extremes(one.lows[shown], one.highs[shown], log)
    if not ends:  # between two points: the line that passes through
        for one in series:
            near = one.between(x_scale.low, x_scale.high)
            if len(near.xs) > 1:
                ends += _extremes(near.lasts, near.lasts, log)
    return Scale.around(min(ends), max(ends), log=log) if ends else None


def _extremes(lows: Sequence[float], highs: Sequence[float], log: bool) -> list[float]:
    """The least and the greatest value that can be shown; none where no value can."""
    if len(lows) and math.isfinite(sum(lows)) and math.isfinite(sum(highs)):
        low, high = min(lows), max(highs)
        if low > 0 or not log:
            return [low, high]
    known = [value for value in (*lows, *highs) if math.isfinite(value) and (value > 0 or not log)]
    return [min(known), max(known)] if known else []


def _letters_at_ends(
    area: Area, series: Sequence[Series], curves: Sequence[Sequence[float] | None]
) -> dict[int, tuple[str, str]]:
    ends: list[tuple[float, tuple[str, str]]] = []
    for index, (one, curve) in enumerate(zip(series, curves, strict=True)):
        shown = slice(bisect_left(one.xs, area.x.low), bisect_right(one.xs, area.x.high))
        values = (curve or one.lasts)[shown]
        last = next((value for value in reversed(values) if area.y.shows(value)), math.nan)
        place = place_of(one, index)
        ends.append((last, (letter_of(place), style_of(place))))
    return end_marks(area, ends)


def _message(series: Sequence[Series], log_y: bool, in_part: bool, width: int, height: int) -> list[Line]:
    """What to say instead of a chart, in the middle."""
    empty = not any(len(one.xs) for one in series)
    message = "no data" if empty else "nothing above zero" if log_y else "no values"
    if in_part:
        message += " in this part"
    lines: list[Line] = [[] for _ in range(height)]
    if lines:
        lines[(height - 1) // 2] = [(clip(message, width).center(width), "dim")]
    return lines


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
