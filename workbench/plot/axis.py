"""Scales and ticks: where a value lies on an axis, and which values are written beside it."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.base.numbers import SIGNIFICANT_DIGITS, format_number

MAX_LABEL = 9
"""Cells that a tick label may take before it is written with an exponent."""
FAR = 1_000.0
"""Shares of the axis beyond which a value outside of it is moved nearer, so that drawing towards it stays cheap."""
LARGEST = sys.float_info.max
SMALLEST = math.ulp(0.0)
_SMALLER = 2.0**-14
"""What the numbers of the widest axes are multiplied with, so that none of their differences is infinite."""
GAP = 4
"""Cells between the labels of the x axis."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear or logarithmic range of values.

    Attributes:
        low, high: the ends, `low` < `high`, finite; above zero where `log`.
        log: whether distances are ratios.
        constant: the one value that the range was widened around, or None.
    """

    low: float
    high: float
    log: bool = False
    constant: float | None = None

    @classmethod
    def around(cls, low: float, high: float, *, log: bool = False) -> Scale:
        """The scale from `low` to `high`, widened where they are equal so that a constant lies in the middle."""
        if low > high:
            low, high = high, low
        if log:
            if math.log10(high) > math.log10(low):
                return cls(low, high, True)
            return cls(max(low / 2, SMALLEST), min(high * 2, LARGEST), True, low)
        if high - low > max(abs(low), abs(high)) * 1e-14:
            return cls(low, high)
        margin = abs(low) * 0.1 or 1.0
        return cls(max(low - margin, -LARGEST), min(high + margin, LARGEST), False, low)

    def share(self, value: float) -> float:
        """Where a finite `value` lies: 0 at `low`, 1 at `high`, beyond them for one outside, at most `FAR`."""
        if self.log:
            start = math.log10(self.low)
            share = (math.log10(value) - start) / (math.log10(self.high) - start)
        elif math.isfinite(self.high - self.low):
            share = (value - self.low) / (self.high - self.low)
        else:
            share = (value / 2 - self.low / 2) / (self.high / 2 - self.low / 2)
        return min(max(share, -FAR), FAR)

    def places(self, values: Sequence[float], last: int, *, from_top: bool = False) -> list[int | None]:
        """The nearest of the places 0 to `last` for each value, beyond them for one outside; None where it has none.

        Args:
            last: the place of `high`, or with `from_top` that of `low`.
        """
        if self.log:
            start = math.log10(self.low)
            span = math.log10(self.high) - start
            logs = [math.log10(value) if 0 < value <= LARGEST else math.nan for value in values]
            return _places(logs, start, span, last, from_top)
        span = self.high - self.low
        if math.isfinite(span * FAR * 2):
            return _places(values, self.low, span, last, from_top)
        low, high = self.low * _SMALLER, self.high * _SMALLER
        return _places([value * _SMALLER for value in values], low, high - low, last, from_top)

    def value(self, share: float) -> float:
        """The inverse of `share`."""
        if self.log:
            start = math.log10(self.low)
            return math.pow(10.0, start + share * (math.log10(self.high) - start))
        return self.low * (1 - share) + self.high * share

    def shows(self, value: float) -> bool:
        """Whether the scale can place the value at all."""
        return math.isfinite(value) and (value > 0 or not self.log)


def _places(values: Sequence[float], low: float, span: float, last: int, from_top: bool) -> list[int | None]:
    near, far = max(low - FAR * span, -LARGEST), min(low + FAR * span, LARGEST)

    def moved(value: float) -> int | None:
        if not math.isfinite(value):
            return None
        share = -FAR if value < low else FAR
        return round((1 - share if from_top else share) * last)

    if from_top:
        return [round((1 - (y - low) / span) * last) if near <= y <= far else moved(y) for y in values]
    return [round((x - low) / span * last) if near <= x <= far else moved(x) for x in values]


def y_ticks(scale: Scale, rows: int) -> dict[int, str]:
    """Labels by row (0 at the top): both ends, and round values between them where there is room.

    The labels stand on their decimal points and all have the same width. A constant has one, in its row.
    """
    if scale.constant is not None:
        return {round((1 - scale.share(scale.constant)) * (rows - 1)): tick_label(scale.constant)}
    values = {0: scale.high, rows - 1: scale.low} if rows > 1 else {0: scale.high}
    distance = scale.high / 2 - scale.low / 2
    for step, between in _log_ticks(scale, rows) if scale.log else _linear_ticks(scale, rows):
        if between and all(lower - upper >= 2 for upper, lower in pairwise(sorted([*between, *values]))):
            values |= between
            distance = step
            break
    digits = _digits(scale.low, scale.high, distance)
    return dict(zip(values, aligned([tick_label(value, digits) for value in values.values()]), strict=True))


def x_ticks(scale: Scale, columns: int, *, time: bool = False) -> dict[int, str]:
    """Labels by the column that they begin at: both ends, and round values centred on their columns."""
    label: Callable[[float], str] = duration_label if time else _step_label(scale)
    first, last = label(scale.low), label(scale.high)
    if len(first) + len(last) + GAP > columns:
        return {0: first} if len(first) <= columns else {}
    ends = {0: first, columns - len(last): last}
    for step in _time_steps() if time else _steps(_smallest_step(scale, columns)):
        if step < (scale.high - scale.low) / columns:
            continue
        between = {
            round(scale.share(value) * (columns - 1)) - len(label(value)) // 2: label(value)
            for value in _multiples(step, scale.low, scale.high)
        }
        if _apart(between):
            free = {start: text for start, text in between.items() if start not in ends}
            return ends | {start: text for start, text in free.items() if _apart(ends | {start: text})}
    return ends


def tick_label(value: float, digits: int = SIGNIFICANT_DIGITS) -> str:
    """`value` with `digits` significant digits in few cells: `0.6931`, `1,200`, `2.5e9`."""
    text = format_number(value, digits)
    if len(text) <= max(MAX_LABEL, digits + 2) and "e" not in text:
        return text
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"


def duration_label(duration_s: float) -> str:
    """The shortest exact form of a duration: `0`, `0.5s`, `90s` as `1m30s`, `2h`, `1d12h`."""
    if duration_s < 0:
        return "-" + duration_label(-duration_s)
    if duration_s < 10 and duration_s != int(duration_s):
        return f"{duration_s:.2g}s"
    total = round(duration_s)
    if total == 0:
        return "0"
    if total >= 1000 * 86400:
        return f"{total // 86400:,}d"
    for size, unit, smaller, minor in ((86400, "d", 3600, "h"), (3600, "h", 60, "m"), (60, "m", 1, "s")):
        if total >= size:
            rest = total % size // smaller
            return f"{total // size}{unit}{rest}{minor}" if rest else f"{total // size}{unit}"
    return f"{total}s"


def aligned(labels: list[str]) -> list[str]:
    """The labels padded to one width, their decimal points under each other."""
    tails = [len(text) - text.index(".") if "." in text else 0 for text in labels]
    widest = max(tails, default=0)
    padded = [text + " " * (widest - tail) for text, tail in zip(labels, tails, strict=True)]
    width = max(map(len, padded), default=0)
    return [text.rjust(width) for text in padded]


def _digits(low: float, high: float, step: float) -> int:
    """Significant digits that keep neighbouring ticks apart, at least the usual four."""
    largest = max(abs(low), abs(high))
    if step <= 0 or largest <= 0:
        return SIGNIFICANT_DIGITS
    return min(15, max(SIGNIFICANT_DIGITS, math.ceil(math.log10(largest) - math.log10(step)) + 1))


def _linear_ticks(scale: Scale, rows: int) -> Iterator[tuple[float, dict[int, float]]]:
    """Round values by row, with the distance between them; the closest first."""
    for step, _ in zip(_steps((scale.high - scale.low) / rows), range(12), strict=False):
        yield step, _between(scale, rows, _multiples(step, scale.low, scale.high))


def _log_ticks(scale: Scale, rows: int) -> Iterator[tuple[float, dict[int, float]]]:
    """The same for ratios: 1, 2 and 5 in each decade, then decades, then every nth decade."""
    first, last = math.floor(math.log10(scale.low)), math.floor(math.log10(scale.high))
    for decades, factors in ((1, (1.0, 2.0, 5.0)), *((n, (1.0,)) for n in (1, 2, 5, 10, 20, 50, 100))):
        exponents = range(first - first % decades, last + 1, decades)
        values = [float(f"{factor}e{exponent}") for exponent in exponents for factor in factors]
        yield scale.low, _between(scale, rows, [value for value in values if scale.low < value < scale.high])


def _between(scale: Scale, rows: int, values: list[float]) -> dict[int, float]:
    """Values by row, without those that would touch a label of the ends."""
    placed = ((round((1 - scale.share(value)) * (rows - 1)), value) for value in values)
    return {row: value for row, value in placed if 2 <= row <= rows - 3}


def _steps(smallest: float) -> Iterator[float]:
    """1, 2, 2.5 and 5 times powers of ten, from `smallest` on; below ten without the 2.5."""
    if not (math.isfinite(smallest) and smallest > 0):
        return
    exponent = math.floor(math.log10(smallest))
    while exponent < 308:
        for factor in (1.0, 2.0, 2.5, 5.0):
            step = float(f"{factor}e{exponent}")
            if step >= smallest and (factor != 2.5 or exponent >= 1):
                yield step
        exponent += 1


def _time_steps() -> Iterator[float]:
    """Seconds that people divide time by."""
    yield from (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200)
    yield from (86400.0 * step for step in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000))


def _smallest_step(scale: Scale, columns: int) -> float:
    """Steps of training are whole numbers, and so are ticks between whole ends."""
    smallest = (scale.high - scale.low) / columns
    whole = scale.low == int(scale.low) and scale.high == int(scale.high)
    return max(1.0, smallest) if whole else smallest


def _step_label(scale: Scale) -> Callable[[float], str]:
    digits = _digits(scale.low, scale.high, (scale.high / 2 - scale.low / 2) / 5)
    return lambda value: tick_label(value, digits)


def _multiples(step: float, low: float, high: float) -> list[float]:
    """Multiples of `step` strictly between the ends; none where there would be very many."""
    if not (math.isfinite(low / step) and math.isfinite(high / step)) or (high - low) / step > 1000:
        return []
    multiples = (i * step for i in range(math.floor(low / step), math.ceil(high / step) + 1))
    return [float(f"{value:.12g}") for value in multiples if low < value < high]


def _apart(labels: dict[int, str]) -> bool:
    """Whether neighbouring labels do not run together."""
    return all(start + len(labels[start]) + GAP <= after for start, after in pairwise(sorted(labels)))
