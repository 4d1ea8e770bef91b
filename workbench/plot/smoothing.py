"""Smoothing of curves."""

from __future__ import annotations

import math
from collections.abc import Iterable


def smooth(values: Iterable[float], weight: float) -> list[float]:
    """Exponential moving average without the bias towards zero at the start.

    The average is s ← weight·s + (1 − weight)·v, divided by 1 − weight^n after n values (Kingma and Ba,
    Adam, 2015, section 3), which is the mean for the first value and what TensorBoard shows. NaN and
    infinities stay where they are and do not enter the average.

    Args:
        values: in order of their x.
        weight: 0 (no smoothing) to below 1; values outside are clamped to [0, 0.999].
    """
    weight = min(max(weight, 0.0), 0.999) if math.isfinite(weight) else 0.0
    average = 0.0
    remaining = 1.0
    smoothed: list[float] = []
    for value in values:
        if not math.isfinite(value):
            smoothed.append(value)
            continue
        average = weight * average + (1.0 - weight) * value
        remaining *= weight
        smoothed.append(average / (1.0 - remaining))
    return smoothed
