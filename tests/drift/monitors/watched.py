"""A project with a reference and a prediction log, and short ways to watch it in tests."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tests.conftest import FakeClock
from workbench.base.project import Project
from workbench.drift.monitors.monitor import Monitor, find_monitor
from workbench.drift.monitors.registering import register
from workbench.drift.monitors.results import Result, result_document, results_of
from workbench.drift.monitors.running import Asked, Outcome, run
from workbench.drift.monitors.settings import Settings
from workbench.store.store import Store

FIRST = date(2026, 9, 15)
DAY_US = 86_400_000_000
ROWS = 200


@dataclass
class Watched:
    """A project that is watched.

    Attributes:
        project: with `train.parquet` in its root.
        clock: stands still until a test moves it.
    """

    project: Project
    clock: FakeClock

    @property
    def reading(self) -> Callable[[], AbstractContextManager[Any]]:
        """Visits to the store."""
        return lambda: Store(self.project).reading()

    @property
    def log(self) -> Path:
        """The folder of the prediction log of `shop`."""
        return Path(self.project.folder) / "predictions" / "shop"

    def add(self, name: str = "shop", *, again: bool = False, **settings: Any) -> Monitor:
        """Register a monitor of the log, against `train.parquet`."""
        wanted = Settings(**{"source": "deployment:shop", "reference": "train.parquet", **settings})
        return register(self.project, self.reading, name, wanted, "ada", again=again).monitor

    def monitor(self, name: str = "shop") -> Monitor:
        """A monitor as it is now."""
        with self.reading() as db:
            return find_monitor(db, name)

    def run(self, name: str = "shop", **asked: Any) -> Outcome:
        """Run a monitor now."""
        outcome = run(self.project, self.reading, self.monitor(name), Asked(**{"now_us": self.clock.now_us, **asked}))
        assert outcome is not None
        return outcome

    def results(self, name: str = "shop") -> list[Result]:
        """What a monitor found, the oldest window first."""
        with self.reading() as db:
            return results_of(db, find_monitor(db, name).id, None)[::-1]

    def columns(self, number: int, name: str = "shop") -> dict[str, Any]:
        """What a monitor found of each column in its window of this number, from 0."""
        result = self.results(name)[number]
        with self.reading() as db:
            return {one["column"]: one for one in result_document(db, result.id)["columns"]}

    def verdicts(self, name: str = "shop") -> dict[str, str]:
        """Verdicts by window, the oldest first."""
        return {one.window: one.verdict for one in self.results(name)}


def rows_of(rows: int = ROWS, *, shift: float = 0.0, seed: int = 0) -> dict[str, list[Any]]:
    """Features of rows: an amount that may have moved, a shop, and a count."""
    random = np.random.default_rng(seed)
    return {
        "amount": random.normal(100 + 20 * shift, 20, rows).tolist(),
        "shop": random.choice(["bakery", "books", "cinema"], rows).tolist(),
        "visits": random.poisson(3, rows).tolist(),
    }


def write_reference(folder: Path, rows: int = 2000) -> None:
    """`train.parquet`, with labels and no predictions."""
    random = np.random.default_rng(7)
    pl.DataFrame({**rows_of(rows, seed=7), "label": random.integers(0, 2, rows)}).write_parquet(
        folder / "train.parquet"
    )


def lines_of(day: date, rows: int = ROWS, *, shift: float = 0.0, seed: int = 0, hour: int = 0) -> list[dict[str, Any]]:
    """Lines of a log, evenly over the rest of a day; request `DAY-N`."""
    features = rows_of(rows, shift=shift, seed=seed)
    random = np.random.default_rng([seed, 1])
    start = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    scores = random.random(rows)
    found = []
    for number in range(rows):
        moment = start + timedelta(hours=24 - hour) * number / rows
        score = float(scores[number])
        found.append(
            {
                "v": 1, "ts": f"{moment:%Y-%m-%dT%H:%M:%S.%f}Z", "rid": f"{day}-{number}", "row": 0, "model": "shop",
                "version": "1", "ms": 0.5, "status": 200, "w": 1.0,
                "x": {name: values[number] for name, values in features.items()},
                "y": int(score >= 0.5), "score": [1 - score, score],
            }
        )  # fmt: skip
    return found


def write_lines(
    folder: Path, day: date, lines: Iterable[Any], *, suffix: str = "", tail: bytes = b"", part: int = 0
) -> Path:
    """A file of a log; texts among the lines are written as they are."""
    place = folder / "shop" / "v1" / f"dt={day}"
    place.mkdir(parents=True, exist_ok=True)
    began_ms = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000) + part
    path = place / f"pred-{began_ms}-host-1.jsonl{suffix}"
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_bytes("".join(f"{text}\n" for text in texts).encode() + tail)
    return path


def write_days(folder: Path, shifts: Iterable[float], first: date = FIRST) -> None:
    """A file for each day, whose amounts have moved by so many standard deviations."""
    for number, shift in enumerate(shifts):
        day = first + timedelta(days=number)
        write_lines(folder, day, lines_of(day, shift=shift, seed=number))


def day_name(number: int) -> str:
    """The window of a day, from `FIRST`."""
    return str(FIRST + timedelta(days=number))
