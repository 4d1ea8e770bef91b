"""Monitors and stored drift checks in every state that the app shows."""

from __future__ import annotations

import os
from contextlib import chdir
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.conftest import FakeClock
from tests.tui.showcase import MERCHANTS, Showcase
from workbench.base.project import create_project
from workbench.drift.check import TableReference, check
from workbench.drift.history import save_check
from workbench.drift.monitors.decisions import acknowledge, mute
from workbench.drift.monitors.monitor import Monitor, find_monitor
from workbench.drift.monitors.registering import register
from workbench.drift.monitors.running import Asked, Outcome, run
from workbench.drift.monitors.settings import Settings
from workbench.drift.options import Options
from workbench.drift.source import open_table
from workbench.drift.windows import Windows, check_windows

DAY_S = 86_400
ROWS = 240


def rows(day: datetime, *, dearer: float = 1.0, new: bool = False, labels: bool = True) -> str:
    """A CSV file of one day; the same for the same arguments."""
    lines = ["at,id,amount,merchant,age,score,prediction,label"]
    for n in range(ROWS):
        amount = dearer * (5 + (n * 37) % 101 / 2)
        merchant = "crypto" if new and n % 5 == 0 else MERCHANTS[(n * 7) % 10]
        score = (n * 61) % 97 / 97
        label = int((n * 29) % 100 < 100 * score) if labels else ""
        moment = day + timedelta(minutes=6 * n)
        lines.append(
            f"{moment:%Y-%m-%dT%H:%M:%S},{day:%j}{n:03d},{amount:.2f},{merchant},{18 + (n * 31) % 60},{score:.4f},"
            f"{int(score > 0.5)},{label}"
        )
    return "\n".join(lines) + "\n"


class Watch(Showcase):
    """A project with monitors."""

    @property
    def day(self) -> datetime:
        """The beginning of the clock's day, UTC."""
        return datetime.fromtimestamp(self.clock.now_us // 1_000_000 // DAY_S * DAY_S, UTC).replace(tzinfo=None)

    def write(self, path: str, text: str) -> str:
        """Write a file of the project; returns where."""
        place = Path(self.project.root, path)
        place.parent.mkdir(exist_ok=True)
        place.write_text(text)
        os.utime(place, (self.clock.now_us // 1_000_000,) * 2)
        return path

    def add(self, name: str, **settings: Any) -> Monitor:
        """Register a monitor a second later."""
        self.clock.advance(1)
        return register(self.project, self.reading, name, Settings(**settings), "ana", again=True).monitor

    def run(self, name: str) -> Outcome | None:
        """Look at what is due."""
        self.clock.advance(1)
        return run(self.project, self.reading, self.find(name), Asked(self.clock.now_us))

    def find(self, name: str) -> Monitor:
        """The monitor."""
        with self.reading() as db:
            return find_monitor(db, name)

    def decide(self, decision: Any, name: str, *arguments: Any, **more: Any) -> None:
        """Acknowledge or mute."""
        self.clock.advance(1)
        with self.reading() as db:
            decision(db, self.project, find_monitor(db, name), "ana", *arguments, **more)


def build(root: str, clock: FakeClock) -> None:
    """Monitors: one with an alert and a day that is due, one quiet and muted, one that will fail, one that never ran.

    And checks that were kept: two of one name, one over windows.
    """
    made = Watch(create_project(root), clock)
    with chdir(root):  # files are named as people in the project name them
        _fill(made)
    made.close()


def _fill(made: Watch) -> None:
    clock = made.clock
    first = made.day - timedelta(days=4)
    reference = made.write("reference.csv", rows(first - timedelta(days=30)))
    logs = [
        rows(first),
        rows(first + timedelta(days=1)),
        rows(first + timedelta(days=2), dearer=1.8, labels=False),
        rows(first + timedelta(days=3), dearer=1.8, new=True, labels=False),
    ]
    for day, text in enumerate(logs[:3]):
        made.write(f"logs/{day}.csv", text)
    columns = ("amount", "merchant", "age", "id")
    clock.now_us -= DAY_S * 1_000_000
    made.add(
        "fraud-live", source="logs/*.csv", reference=reference, every="1d", time="at", columns=columns, label="label",
        prediction="prediction", score={"": "score"}, positive="1", after=1,
    )  # fmt: skip
    made.run("fraud-live")
    made.write("logs/3.csv", logs[3])
    clock.now_us += DAY_S * 1_000_000
    made.add("ages", source="logs/0.csv", reference=reference, whole=True, columns=("age", "merchant"))
    made.run("ages")
    made.decide(mute, "ages", "the source moves")
    made.write("gone.csv", logs[0])
    made.add("broken", source="gone.csv", reference=reference, whole=True, columns=("age",))
    Path("gone.csv").unlink()
    made.add("fresh", source="logs/1.csv", reference=reference, whole=True, columns=("age",))
    table, last = open_table(reference), open_table(made.write("last.csv", logs[3]))
    for one in (open_table(made.write("first.csv", logs[0])), last):
        clock.advance(600)
        save_check(made.project, check(table, one), name="weekly")
    clock.advance(600)
    every = open_table(made.write("all.csv", logs[0] + "".join(log.partition("\n")[2] for log in logs[1:])))
    save_check(
        made.project,
        check_windows(TableReference(table), every, Windows.parsed("period=1d", "at"), Options()),
        name="by day",
    )
    clock.advance(600)


def see(made: Watch, name: str) -> None:
    """Acknowledge an alert."""
    made.decide(acknowledge, name, "known")
