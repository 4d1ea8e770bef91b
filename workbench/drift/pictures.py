"""Both distributions of a column over the same bins or values, small enough to be kept and drawn."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.drift.binning import drawn_counts, drawn_edges
from workbench.drift.categories import Pair
from workbench.drift.divergences import shares
from workbench.drift.sample import Sample

MOST_VALUES = 20


@dataclass(frozen=True)
class Picture:
    """Two histograms.

    Attributes:
        edges: of the bins of numbers, one more than there are bins; empty for values.
        values: what is counted where it is no number; the last one may be `…` for the rest.
        reference, current: shares of rows.
        others: how many values `…` stands for.
    """

    reference: list[float]
    current: list[float]
    edges: list[float]
    values: list[str]
    others: int = 0

    def as_document(self) -> dict[str, Any]:
        """As JSON has it."""
        return {
            "edges": self.edges or None,
            "values": self.values or None,
            "others": self.others,
            "reference": self.reference,
            "current": self.current,
        }


def picture_of_numbers(reference: Sample, current: Sample) -> Picture:
    """Bins of equal width."""
    edges = drawn_edges(reference, current)
    counts = [shares(drawn_counts(sample, edges)).tolist() for sample in (reference, current)]
    return Picture(counts[0], counts[1], edges.tolist(), [])


def picture_of_pair(pair: Pair, *, in_order: bool = False) -> Picture:
    """The values that are most frequent on either side, and the rest as one.

    Args:
        in_order: by the values themselves, as for days of the week, not by frequency.
    """
    p, q = shares(pair.reference), shares(pair.current)
    order = range(len(pair.values))
    chosen = sorted(order, key=lambda i: -max(p[i], q[i]))[:MOST_VALUES]
    rest = [i for i in order if i not in set(chosen)] if len(pair.values) <= 100_000 else None
    chosen.sort(key=(lambda i: _place(pair.values[i])) if in_order else None)
    values = [pair.values[i] for i in chosen]
    left = [p[chosen].tolist(), q[chosen].tolist()]
    others = len(pair.values) - len(chosen)
    if others and rest != []:
        values.append("…")
        left[0].append(max(0.0, 1 - sum(left[0])))
        left[1].append(max(0.0, 1 - sum(left[1])))
    return Picture(left[0], left[1], [], values, others)


def _place(value: str) -> tuple[float, str]:
    from workbench.drift.datetimes import WEEKDAYS

    if value in WEEKDAYS:
        return float(WEEKDAYS.index(value)), value
    try:
        return float(value), value
    except ValueError:
        return float("inf"), value
