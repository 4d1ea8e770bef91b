"""Datasets in every state that the app shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.conftest import FakeClock
from tests.tui.models_to_show import Models
from tests.tui.runs_to_show import Runs, course, full_events
from tests.tui.showcase import MERCHANTS, Showcase
from workbench.base.project import create_project
from workbench.data.datasets import add, read_content
from workbench.data.profiles import profile
from workbench.registry import aliases
from workbench.registry.registering import register_run

HOUR_S = 3600
CALM, QUICK = "c1" * 16, "d2" * 16


def transactions(count: int, *, dearer: float = 1.0) -> str:
    """A CSV file; the same for the same arguments."""
    lines = ["id,amount,merchant,mail,currency,night,day"]
    for n in range(count):
        amount = f"{dearer * (3 + (n * 37) % 101 * ((n * 13) % 17) / 20):.2f}" if n % 12 else ""
        mail = f"c{n % 40}@example.org"
        lines.append(
            f"{1000 + n},{amount},{MERCHANTS[n % 10]},{mail},EUR,{str(n % 5 == 0).lower()},2026-10-{n % 28 + 1:02d}"
        )
    return "\n".join(lines) + "\n"


class Warehouse(Showcase):
    """A project with data."""

    def path(self, name: str) -> Path:
        """A file of the project."""
        return Path(self.project.root, name)

    def register(
        self, path: str, name: str, text: str | None = None, *, profiled: bool = True, **more: Any
    ) -> dict[str, Any]:
        """Write a file where there is a text, and register it an hour later; returns what runs record of it."""
        place = self.path(path)
        if text is not None:
            place.parent.mkdir(exist_ok=True)
            place.write_text(text)
        self.clock.advance(HOUR_S)
        content = read_content(self.project, str(place))
        found = profile(str(place)) if profiled else None
        with self.reading() as db:
            add(db, self.project, content, name, profile=found, **more)
        return {"e": "data", "digest": content.digest, "path": path, "size": content.size_bytes, "format": "csv"}


def build(root: str, clock: FakeClock) -> None:
    """A project with transactions in three versions, and data that was not looked into, is gone, or is no table."""
    made = Warehouse(create_project(root), clock)
    made.register("data/prices.csv", "prices", "price\n1\n2\n", profiled=False)
    made.path("data/prices.csv").unlink()
    made.register("data/readme.txt", "notes", "hello\n", profiled=False)
    made.register("data/customers.csv", "customers", transactions(60), profiled=False)
    made.register("data/tx.csv", "transactions", transactions(120), description="October")
    used = made.register("data/tx.csv", "transactions", transactions(240), copy=True, description="two months")
    made.register("data/tx.csv", "transactions", transactions(300, dearer=2.0), description="dearer")
    made.close()
    runs = Runs(made.project, clock)
    for uid, name in ((CALM, "calm-heron"), (QUICK, "quick-lynx")):
        clock.advance(HOUR_S)
        events = [event for event in full_events(made.project) if event["e"] != "data"]
        runs.add(uid, name, [*events, {**used, "name": "train"}], metrics={"auc": course(0.6, 0.93, 3)})
    models = Models(made.project, clock)
    clock.advance(1)
    models.do(register_run, f"{QUICK}:model", "fraud")
    clock.advance(1)
    models.do(aliases.point, "fraud", "champion", 1)
    models.close()
    clock.advance(HOUR_S)
