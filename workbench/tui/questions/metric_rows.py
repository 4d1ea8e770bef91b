"""Metrics of a run as texts that stand under each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from workbench.base.direction import better_direction
from workbench.base.numbers import format_number
from workbench.output.cells import cell_width
from workbench.output.run_sections import clipped_name, machine_pairs
from workbench.plot.axis import aligned

if TYPE_CHECKING:
    from workbench.store.metrics import MetricSummary


@dataclass(frozen=True, slots=True)
class MetricRows:
    """Metrics as texts; a line is put together when it is drawn, since a run may have 10,000 and more.

    Attributes:
        keys: full names.
        names: names as they are shown.
        lasts, bests: last and best values, each list of one width in cells, decimal points under each other.
    """

    keys: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    lasts: tuple[str, ...] = ()
    bests: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.keys)


def metric_rows(metrics: Sequence[MetricSummary]) -> MetricRows:
    """The metrics of a run: the best value is the lowest or the highest, whichever is better."""
    ways = [better_direction(one.name) for one in metrics]
    bests = [
        (one.min, one.min_step) if way == "min" else (one.max, one.max_step)
        for one, way in zip(metrics, ways, strict=True)
    ]
    told = [one.points > 1 and best is not None for one, (best, _) in zip(metrics, bests, strict=True)]
    values = aligned([_number(best) if tell else "" for (best, _), tell in zip(bests, told, strict=True)])
    steps = [f"@{format_number(step)}" if tell else "" for (_, step), tell in zip(bests, told, strict=True)]
    width = max(map(len, steps), default=0)
    return MetricRows(
        keys=tuple(one.name for one in metrics),
        names=tuple(clipped_name(one.name) for one in metrics),
        lasts=tuple(aligned([_number(one.last) for one in metrics])),
        bests=tuple(
            f"{way} {value} {step:<{width}}" if tell else " " * (len(value) + width + 5)
            for way, value, step, tell in zip(ways, values, steps, told, strict=True)
        )
        if any(told)
        else ("",) * len(metrics),
    )


def machine_rows(values: Mapping[str, float]) -> MetricRows:
    """What a run uses of its machine, with units."""
    items = machine_pairs(values)
    width = max((cell_width(text) for _, text in items), default=0)
    return MetricRows(
        keys=tuple(values),
        names=tuple(name for name, _ in items),
        lasts=tuple(" " * (width - cell_width(text)) + text for _, text in items),
        bests=("",) * len(items),
    )


@lru_cache(maxsize=100_000)
def _number(value: float | None) -> str:
    """The values of a live run's metrics are mostly those of a second ago."""
    return format_number(value)
