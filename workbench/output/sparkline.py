"""A curve in one line of text."""

from __future__ import annotations

import math
from collections.abc import Sequence

BLOCKS = "▁▂▃▄▅▆▇█"
ASCII_BLOCKS = "_.-:=+*#"


def sparkline(values: Sequence[float | None], width: int, *, ascii: bool = False) -> str:
    """The values as blocks, low to high, exactly `width` cells.

    Fewer values than cells leave spaces on the right. More values are put into `width` buckets; a bucket
    shows its value that lies farthest from the mean of all, so that a spike up or down survives.
    NaN, infinities and None are gaps; a constant series is a line in the middle.
    """
    if width <= 0:
        return ""
    count = len(values)
    finite = [float(value) for value in values if value is not None and math.isfinite(value)]
    if not finite:
        return " " * width
    mean = sum(value / len(finite) for value in finite)
    buckets = min(count, width)
    shown: list[float | None] = []
    for i in range(buckets):
        bucket = values[i * count // buckets : (i + 1) * count // buckets]
        present = [float(value) for value in bucket if value is not None and math.isfinite(value)]
        shown.append(max(present, key=lambda value: abs(value - mean), default=None))
    low, high = min(finite), max(finite)
    blocks = ASCII_BLOCKS if ascii else BLOCKS
    return "".join(" " if value is None else blocks[_level(value, low, high)] for value in shown).ljust(width)


def _level(value: float, low: float, high: float) -> int:
    """0 to 7."""
    if low == high:
        return 3
    if math.isinf(high - low):
        value, low, high = value / 2, low / 2, high / 2
    return min(7, math.floor((value - low) / (high - low) * 8))
