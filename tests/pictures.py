"""The pictures of the documentation, made from the real app over a project of made-up runs.

python -m tests.pictures     # writes docs/pictures/*.svg
"""

from __future__ import annotations

import asyncio
import html
import math
import os
import random
import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.conftest import FakeClock
from tests.pictures_of_data import add_data, add_monitors
from tests.tui.bare_app import BareApp, settle
from tests.tui.images_to_show import FakeDocker, Shop, image, row, smoke
from tests.tui.models_to_show import Models
from tests.tui.runs_to_show import Runs
from workbench.base.clock import set_clock
from workbench.base.project import Project, create_project
from workbench.packaging.rates import Recent
from workbench.packaging.watching import Traffic
from workbench.registry import aliases, approvals, versions
from workbench.registry import models as registry
from workbench.registry.checks import FAILED, PASSED, GateResult, record_check
from workbench.store.edits import set_note, set_pinned, set_starred
from workbench.tui.desk import Desk
from workbench.tui.screens.runs import RunsScreen

FOLDER = Path(__file__).parents[1] / "docs" / "pictures"
SIZE = (132, 36)
EPOCHS = 120

# Name, learning rate, depth, epochs, what became of it.
_PLAN = (
    ("shy-marten", 0.1, 12, 40, "killed"),
    ("bold-crane", 0.5, 6, 18, "failed"),
    ("dry-falcon", 0.2, 4, EPOCHS, "finished"),
    ("warm-badger", 0.2, 8, EPOCHS, "finished"),
    ("calm-heron", 0.1, 8, EPOCHS, "finished"),
    ("quiet-lynx", 0.1, 6, EPOCHS, "finished"),
    ("mild-otter", 0.05, 6, EPOCHS, "finished"),
    ("keen-swift", 0.02, 10, EPOCHS, "finished"),
    ("brave-otter", 0.05, 8, 64, None),
)
RULES = """
[models.fraud.gates.auc]
kind = "metric"
metric = "valid/auc"
min = 0.9
"""
BASELINE, RUNNING = "quiet-lynx", "brave-otter"


def uid(name: str) -> str:
    """The id of a run in the pictures, the same each time."""
    return name.encode().hex().ljust(32, "0")[:32]


def add_runs(runs: Runs, data: dict[str, Any]) -> None:
    """Runs as a few days of work leave them; some have used `data`."""
    noise = random.Random(7)
    for name, rate, depth, epochs, status in _PLAN:
        speed = 4 * rate**0.5 * (1 if rate < 0.4 else 0.2)
        limit = 0.11 + abs(depth - 8) * 0.004 + rate * 0.02
        loss = [limit + 0.58 * math.exp(-speed * epoch / 12) + noise.uniform(-0.006, 0.006) for epoch in range(epochs)]
        events: list[dict[str, object]] = [
            {"e": "param", "name": "lr", "value": rate},
            {"e": "param", "name": "depth", "value": depth},
            {"e": "param", "name": "model", "value": "gbm"},
            {"e": "tag", "name": "data", "value": "transactions@v4" if depth > 7 else "transactions@v3"},
            {"e": "cap", "name": "git", "value": {"commit": "3f2a91c" + "0" * 33, "branch": "main", "dirty": False}},
        ]
        events += [{"e": "out", "s": 1, "x": f"epoch {epoch:3}  loss {loss[epoch]:.4f}"} for epoch in range(epochs)]
        events += [{**data, "name": "train"}] if name in (BASELINE, "keen-swift") else []
        end: dict[str, Any] = {"error": "FloatingPointError: loss is not finite"} if status == "failed" else {}
        metrics = {
            "loss": loss,
            "valid/loss": [value + 0.02 + noise.uniform(-0.01, 0.01) for value in loss],
            "auc": [0.995 - value / 2 for value in loss],
            "valid/auc": [0.99 - value / 2 + noise.uniform(-0.004, 0.004) for value in loss],
        }
        runs.add(uid(name), name, events, metrics=metrics, status=status, **end)
        runs.clock.advance(1900)
    runs.clock.advance(-1890)
    set_pinned(runs.project, uid(BASELINE))
    set_starred(runs.project, [uid(BASELINE), uid("keen-swift")])
    set_note(runs.project, uid(BASELINE), "in production since Monday")


def add_models(runs: Runs) -> None:
    """Two models: one with a version in use, one that waits for approval, and two from before."""
    now_us = runs.clock.now_us
    Path(runs.project.root, "workbench.toml").write_text(RULES)
    made = Models(runs.project, runs.clock)
    day = 0.0

    def do(action: Callable[..., Any], *arguments: Any, who: str = "ana", days: float = 0.01, **options: Any) -> None:
        nonlocal day
        day += days
        runs.clock.now_us = now_us - int((30 - day) * 86_400_000_000)
        made.do(action, *arguments, who=who, **options)

    do(registry.register, "churn", description="who leaves within a quarter")
    do(versions.register, "churn", source=f"runs:/{uid('dry-falcon')}/model", run=uid("dry-falcon"))
    do(registry.register, "fraud", description="payments that a person should look at")
    for number, name in enumerate(("dry-falcon", "calm-heron", BASELINE, "keen-swift"), 1):
        who = "bo" if number % 2 else "ana"
        do(
            versions.register,
            "fraud",
            source=f"runs:/{uid(name)}/model",
            run=uid(name),
            who=who,
            days=9 if number > 1 else 1,
        )
        slow = number == 4
        results = [
            GateResult("auc", "metric", PASSED, "valid/auc is at least 0.9"),
            GateResult("latency", "latency", FAILED if slow else PASSED, f"p99 {41 if slow else 22} ms, at most 30 ms"),
        ]
        do(record_check, made.ask(versions.get, "fraud", number), results)
        do(approvals.request, "fraud", number, "cheaper features" if slow else "better on new merchants", who=who)
        if number == 1:
            do(approvals.reject, "fraud", number, "it leaks the label", who="cy")
        elif not slow:
            do(approvals.approve, "fraud", number, "holds on last week's payments", who="cy")
            do(aliases.point, "fraud", "champion", number, reason="release")
    do(aliases.point, "fraud", "challenger", 4)
    made.close()
    runs.clock.now_us = now_us


def add_images(runs: Runs, docker: FakeDocker) -> None:
    """Images of three versions: one runs, one has failed its test; and one of another model, which runs as well."""
    made = Models(runs.project, runs.clock)
    now_ms = runs.clock.now_us // 1000

    def of(model: str, number: int, days: float, **more: Any) -> Any:
        version = made.ask(versions.get, model, number)
        name, digits = f"{model}:{number}", f"{model}{number}".encode().hex().ljust(64, "7")[:64]
        return image(
            number, now_ms - round(days * 86_400_000), version=version.id, run=version.run, model=model, name=name,
            id=digits[:32], image_id=f"sha256:{digits}", **more,
        )  # fmt: skip

    failed = of("fraud", 4, 0.1, tested=smoke(ok=False, ready_s=2.3))
    champion = of("fraud", 3, 2, tested=smoke())
    churn = of("churn", 1, 6, tested=smoke(ready_s=1.6))
    before = of("fraud", 2, 11, tested=smoke(ready_s=2.0))
    shop = Shop(made, docker, [failed, champion, churn, before])
    for one in shop.images[::-1]:
        shop.record(one)
    docker.present = {one.image_id for one in shop.images}
    docker.rows = [
        row(
            churn, clock=runs.clock, name="churn", port=8081, traffic=Traffic(305, 0.2817, True), requests_per_hour=61.0
        ),
        row(champion, clock=runs.clock, traffic=Traffic(6020, 0.3142, True, 3), requests_per_hour=1204.0),
    ]
    course = (0.3, 0.3, 0.2, 0.4, 0.3, 0.5, 0.4, 0.6, 0.9, 0.7, 0.4, 0.3)
    docker.recent = {"churn-1": Recent(0.0, (0.0, 0.1, 0.0, 0.0, 0.1, 0.0)), "fraud-1": Recent(0.44, course)}
    made.close()


async def _runs(app: BareApp, pilot: Pilot[None]) -> None:
    """The list with two marks, and the run that goes on beside it."""
    app.marks.add([uid(BASELINE), uid(RUNNING)])
    screen = app.screen
    assert isinstance(screen, RunsScreen)
    screen.state.view.columns = [
        "name",
        "status",
        "started_at",
        "lr",
        "depth",
        "max(auc) as auc",
        "min(loss) as loss",
    ]
    screen.state.view.sort = ["-max(auc)"]
    screen.change_view()
    await settle(pilot)
    screen.table.move_to(0)
    screen.marks_changed()
    await settle(pilot)


async def _charts(app: BareApp, pilot: Pilot[None]) -> None:
    """Three runs over each other, with the crosshair."""
    app.show_charts([uid(name) for name in (BASELINE, RUNNING, "keen-swift")])
    await settle(pilot)
    for _ in range(3):
        await pilot.press("L")
    await settle(pilot)


async def _compare(app: BareApp, pilot: Pilot[None]) -> None:
    """Three runs side by side."""
    uids = [uid(name) for name in (BASELINE, RUNNING, "keen-swift")]
    app.marks.add(uids)
    app.compare(uids)
    await settle(pilot)


async def _models(app: BareApp, pilot: Pilot[None]) -> None:
    """A model with a version that waits, one in use and the one before."""
    app.action_show_models()
    await settle(pilot)
    await pilot.press("enter")
    await settle(pilot)


async def _images(app: BareApp, pilot: Pilot[None]) -> None:
    """What was built, what runs, and the image that is in use."""
    app.action_show_images()
    await settle(pilot)
    await pilot.press("j")
    await settle(pilot)


async def _data(app: BareApp, pilot: Pilot[None]) -> None:
    """A version with its columns, and one of them in full."""
    app.open_data("transactions@v3")
    await settle(pilot)
    for key in ("j", "j"):
        await pilot.press(key)
    await settle(pilot)


async def _drift(app: BareApp, pilot: Pilot[None]) -> None:
    """Monitors, the columns of the newest window, the one that drifts most, and the course of all."""
    app.action_show_drift()
    await settle(pilot)
    await pilot.press("enter")
    await settle(pilot)


PICTURES = {
    "runs": _runs,
    "charts": _charts,
    "compare": _compare,
    "models": _models,
    "images": _images,
    "data": _data,
    "drift": _drift,
}


def draw(name: str, project: Project) -> str:
    """One picture as SVG."""

    async def body(desk: Desk) -> str:
        app = BareApp(desk, lambda: RunsScreen(id="_default"))
        app.animation_level = "none"
        async with app.run_test(size=SIZE) as pilot:
            await settle(pilot)
            await PICTURES[name](app, pilot)
            return app.export_screenshot(title="workbench")

    desk = Desk(project)
    desk.open()
    try:
        return asyncio.run(body(desk))
    finally:
        desk.close()


def draw_all(names: Sequence[str] = tuple(PICTURES)) -> dict[str, str]:
    """The pictures by name, each of the same runs at the same moment."""
    clock = FakeClock()
    set_clock(clock)
    patch = pytest.MonkeyPatch()
    patch.setattr("workbench.data.datasets.user_name", lambda: "ana")
    try:
        with tempfile.TemporaryDirectory() as folder:
            root = os.path.join(folder, "fraud-detection")
            os.mkdir(root)
            runs = Runs(create_project(root), clock)
            add_runs(runs, add_data(runs.project, clock))
            add_models(runs)
            docker = FakeDocker()
            docker.install(patch)
            add_images(runs, docker)
            add_monitors(runs.project, clock)
            try:
                return {name: draw(name, runs.project) for name in names}
            finally:
                runs.close()
    finally:
        patch.undo()
        set_clock(None)


def text_of(svg: str) -> list[str]:
    """What a picture says: its words by line, whatever their places and colours."""
    lines: dict[float, list[tuple[float, str]]] = {}
    for x, y, text in re.findall(r'<text [^>]*x="([\d.]+)" y="([\d.]+)"[^>]*>([^<]*)</text>', svg):
        lines.setdefault(float(y), []).append((float(x), html.unescape(text).replace("\xa0", " ")))
    return ["".join(text for _, text in sorted(parts)).strip() for _, parts in sorted(lines.items())]


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    for picture, svg in draw_all().items():
        (FOLDER / f"{picture}.svg").write_text(svg)
