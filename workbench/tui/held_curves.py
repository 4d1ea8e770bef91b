"""The curves that a screen of charts has heard of, so that it can draw before the store has answered."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.plot.window import Range, covers

if TYPE_CHECKING:
    from workbench.tui.questions.curves import CurvesOf, MetricCurves

MAX_HELD = 200
"""Metrics that are remembered."""


class HeldCurves:
    """Curves by metric: those of the whole axis, and those of the part asked for last."""

    def __init__(self) -> None:
        self._whole: dict[str, MetricCurves] = {}
        self._part: dict[str, tuple[Range, MetricCurves]] = {}
        self._best: dict[tuple[str, Range | None], MetricCurves | None] = {}

    def clear(self) -> None:
        """Forget all, because x is another thing now."""
        self._whole.clear()
        self._part.clear()
        self._best.clear()

    def hold(self, question: CurvesOf, answer: Sequence[MetricCurves]) -> None:
        """Remember an answer."""
        self._best.clear()
        for one in answer:
            if question.x_range is None:
                self._whole.pop(one.key, None)
                self._whole[one.key] = one
            else:
                self._part.pop(one.key, None)
                self._part[one.key] = question.x_range, one
        for known in (self._whole, self._part):
            while len(known) > MAX_HELD:
                del known[next(iter(known))]

    def extent(self, key: str) -> Range | None:
        """The x of the ends of a metric; None where that is not known."""
        whole = self._whole.get(key)
        return whole.x_range if whole else None

    def best(self, key: str, x_range: Range | None) -> MetricCurves | None:
        """What draws a metric over a range the finest: the answer for it, or a coarser one with the same extremes."""
        if (key, x_range) not in self._best:
            self._best[key, x_range] = self._find(key, x_range)
        return self._best[key, x_range]

    def _find(self, key: str, x_range: Range | None) -> MetricCurves | None:
        whole = self._whole.get(key)
        if x_range is None:
            return whole or (self._part[key][1] if key in self._part else None)
        of, part = self._part.get(key, (None, None))
        if part is None or not covers(of, x_range):
            if whole is None:
                return part
            return replace(whole, series=tuple(one.between(*x_range) for one in whole.series))
        if whole is None or of != x_range:
            return replace(part, series=tuple(one.between(*x_range) for one in part.series))
        return _joined(part, whole, x_range)


def _joined(part: MetricCurves, whole: MetricCurves, x_range: Range) -> MetricCurves:
    """The part, with the neighbours on either side to which its lines go on."""
    others = dict(zip(whole.uids, whole.series, strict=True))
    series = tuple(
        one.extended(others[uid], *x_range) if uid in others else one
        for uid, one in zip(part.uids, part.series, strict=True)
    )
    return replace(part, series=series)
