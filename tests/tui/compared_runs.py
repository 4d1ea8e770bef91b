"""Runs to compare, many and few, alike and different."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tests.tui.runs_to_show import Runs

ADJECTIVES = "quiet brave calm bold shy swift wise keen mild proud warm cool".split()


def uid(number: int) -> str:
    """The id of a run by its number; ids begin alike in no two runs."""
    return f"{number + 1:x}" * 32


def add_numbered(runs: Runs, count: int, **more: Any) -> list[str]:
    """So many finished runs, ten minutes apart, with a parameter and two metrics that differ; their ids."""
    for number in range(count):
        add_one(runs, number, **more)
    return [uid(number) for number in range(count)]


def add_one(
    runs: Runs,
    number: int,
    *,
    name: str | None = None,
    params: Mapping[str, object] | None = None,
    metrics: Mapping[str, Sequence[float]] | None = None,
    **more: Any,
) -> str:
    """One run; its id."""
    values = {"lr": 0.1 / (number + 1), "depth": 6 + number, "model": "gbm"} if params is None else params
    last = 0.2 - 0.01 * number
    curves = {
        "loss": [last + 0.5 * 0.8**step for step in range(30)],
        "auc": [0.95 - last / 2 - 0.3 * 0.8**step for step in range(30)],
    }
    events = [{"e": "param", "name": key, "value": value} for key, value in values.items()]
    shown = name or f"{ADJECTIVES[number]}-otter"
    runs.add(uid(number), shown, events, metrics=curves if metrics is None else metrics, **more)
    runs.clock.advance(600)
    return uid(number)
