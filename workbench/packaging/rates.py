"""How much servers are asked at the moment, from what they count: they are looked at again and again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.packaging.watching import Row

WINDOW_S = 60.0
"""A rate is over so long."""


@dataclass(frozen=True, slots=True)
class Recent:
    """What a server was asked lately.

    Attributes:
        per_second: requests a second over the last minute, or since it is looked at.
        course: requests a second between each two looks, the oldest first.
    """

    per_second: float
    course: tuple[float, ...]


class Rates:
    """The counts of servers in the last minute.

    Args:
        window_s: counts that are older are forgotten.
    """

    def __init__(self, window_s: float = WINDOW_S) -> None:
        self._window_s = window_s
        self._counts: dict[str, deque[tuple[float, int]]] = {}

    def add(self, rows: Iterable[Row], now_s: float) -> dict[str, Recent]:
        """Take what servers say now; returns what follows, by the ids of containers that were looked at twice or more.

        Args:
            rows: as `watching.list_rows` returns them; one that does not answer is forgotten.
            now_s: seconds on a clock that does not go back.
        """
        said = {row.container.id: row.traffic.requests for row in rows if row.traffic is not None}
        self._counts = {one: self._counts.get(one, deque()) for one in said}
        for one, requests in said.items():
            counts = self._counts[one]
            if counts and requests < counts[-1][1]:
                counts.clear()  # it was started again
            counts.append((now_s, requests))
            while counts[0][0] < now_s - self._window_s and len(counts) > 2:
                counts.popleft()
        return {one: _recent(list(counts)) for one, counts in self._counts.items() if len(counts) > 1}


def _recent(counts: Sequence[tuple[float, int]]) -> Recent:
    course = tuple(_rate(before, after) for before, after in pairwise(counts))
    return Recent(_rate(counts[0], counts[-1]), course)


def _rate(before: tuple[float, int], after: tuple[float, int]) -> float:
    return (after[1] - before[1]) / max(after[0] - before[0], 1e-3)
