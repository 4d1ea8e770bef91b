"""Bins for numbers: deciles of the reference for what is compared, equal widths for what is drawn."""

from __future__ import annotations

import math

import numpy as np

from workbench.drift.sample import Counts, Floats, Sample

DECILES = np.arange(1, 10) / 10


def decile_edges(reference: Sample) -> Floats:
    """The inner edges of at most ten bins, each with about a tenth of the reference.

    The outer bins are open. Where a value is so frequent that edges coincide, the bins between them are one.
    """
    return np.unique(reference.quantiles(DECILES))


def decile_counts(sample: Sample, edges: Floats) -> Counts:
    """Rows in each bin; a value that equals an edge belongs to the bin below it."""
    return np.diff(sample.at_most(edges), prepend=0, append=sample.n)


def sturges_edges(low: float, high: float, rows: int, *, whole: bool = False) -> Floats:
    """Edges of bins of equal width by Sturges' rule, as `numpy.histogram_bin_edges(…, "sturges")` has them.

    Args:
        low, high: the least and the greatest value.
        rows: how many values.
        whole: the values are whole numbers: no bin is narrower than 1.
    """
    if low == high:
        low, high = low - 0.5, high + 0.5
        return np.linspace(low, high, 2)
    width = (high - low) / (math.log2(rows) + 1)
    if whole:
        width = max(width, 1.0)
    return np.linspace(low, high, math.ceil((high - low) / width) + 1)


def histogram(sample: Sample, edges: Floats) -> Counts:
    """Rows in each bin as `numpy.histogram` counts them: closed on the left, the last one on both sides."""
    upto = sample.below(edges)
    upto[-1] = sample.at_most(edges[-1:])[0]
    return np.diff(upto)


def drawn_edges(reference: Sample, current: Sample, bins: int = 20) -> Floats:
    """Edges for a picture of both: what lies beyond either side's outer percent is in the outer bins.

    Each bin has as many whole numbers as any other where all values are whole.
    """
    ends = [sample.quantiles([0.01, 0.99]) for sample in (reference, current) if sample.n]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    if not low < high:
        low, high = low - 0.5, high + 0.5
    if _whole(reference) and _whole(current) and high / 2 - low / 2 < 2**52:
        step = max(1.0, math.ceil((high - low + 1) / bins))
        return np.arange(low, high + step + 1, step)[: bins + 1] - 0.5
    with np.errstate(over="ignore", invalid="ignore"):
        edges = np.linspace(low / 2, high / 2, bins + 1) * 2
    return edges if np.all(np.diff(edges) > 0) else np.array([low - 0.5, high + 0.5])


def drawn_counts(sample: Sample, edges: Floats) -> Counts:
    """Rows in each bin of a picture; the outer ones are open."""
    return np.diff(sample.below(edges[1:-1]), prepend=0, append=sample.n)


def _whole(sample: Sample) -> bool:
    """Whether the values are whole numbers, told from some of them."""
    some = sample.values[:: max(1, len(sample.values) // 1000)]
    return bool(np.all(some == np.floor(some)))
