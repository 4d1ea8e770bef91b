"""Keys pressed at random, in every screen and dialog, while runs log: nothing breaks, and esc leads back."""

from __future__ import annotations

import asyncio
import os
import random
import threading
import time
import unicodedata
from collections import Counter
from collections.abc import Callable
from contextlib import chdir
from datetime import timedelta
from pathlib import Path

import pytest
from textual import events
from textual.geometry import Size
from textual.keys import REPLACED_KEYS, _character_to_key, _get_unicode_name_from_key

import workbench as wb
from tests.conftest import FakeClock
from tests.tui.data_to_show import Warehouse, transactions
from tests.tui.drift_to_show import Watch, rows
from tests.tui.images_to_show import FakeDocker, Shop, image, row, smoke
from tests.tui.models_to_show import Models
from tests.tui.screen_text import screen_text
from tests.tui.small_project import LYNX, OTTER, add_runs
from workbench.base.project import Project
from workbench.drift.check import check
from workbench.drift.history import save_check
from workbench.drift.source import open_table
from workbench.packaging.building import Progress
from workbench.packaging.source import Source
from workbench.registry import aliases
from workbench.registry import models as registry
from workbench.registry.registering import register_run
from workbench.tui import app as app_module
from workbench.tui.actions import ACTIONS, actions_of
from workbench.tui.app import WorkbenchApp
from workbench.tui.desk import Desk
from workbench.tui.dialogs.confirm import Confirm
from workbench.tui.screens.base import WorkbenchScreen
from workbench.tui.screens.runs import RunsScreen
from workbench.tui.state import State
from workbench.tui.widgets.virtual_table import VirtualTable

N_KEYS = 500
N_KEYS_SLOW = 5_000
BATCH = 5
"""Keys that are pressed at once, as by someone who does not look."""
REST_S = 10.0
MAX_SCREENS = 40
SIZES = ((80, 24), (140, 45), (60, 15), (20, 5), (100, 30), (59, 14), (1, 1), (200, 60))
WRITING = ["slash", "full_stop", "tilde"]
"""Keys that would lead out of the working directory where a file is named."""
ANYWHERE = "up down left right enter escape escape escape tab shift+tab home end pageup pagedown backspace".split()
TEXT = [*"auclr0912 ='>b[]", "界", "é"]
ALL_KEYS = sorted({key for action in ACTIONS for key in action.keys})


@pytest.mark.parametrize("seed", [1])
def test_random_keys_break_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None], seed: int
) -> None:
    """Five hundred keys."""
    record_property("visited", _play(project, monkeypatch, seed, N_KEYS))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 8))
def test_many_random_keys_break_nothing(project: Project, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    """Five thousand keys for each seed."""
    _play(project, monkeypatch, seed, N_KEYS_SLOW)


class EndlessApp(WorkbenchApp):
    """The app, which is not left: by a key, by the palette or by the page of keys."""

    CSS_PATH = str(Path(app_module.__file__).with_name("workbench.tcss"))

    async def action_quit(self) -> None:
        """Stay."""


class Monkey:
    """Presses keys.

    Args:
        app: a running app.
        seed: of the choice of keys.

    Attributes:
        pressed: the keys, in order.
        visited: how often each screen was on top.
    """

    def __init__(self, app: WorkbenchApp, seed: int) -> None:
        self.app = app
        self.random = random.Random(seed)
        self.pressed: list[str] = []
        self.visited: Counter[str] = Counter()

    def press(self, key: str) -> None:
        """Press a key, as the terminal would: it does not wait for what the key does."""
        name = _character_to_key(key) if len(key) == 1 and not key.isalnum() else key
        try:
            character: str | None = unicodedata.lookup(_get_unicode_name_from_key(REPLACED_KEYS.get(name, name)))
        except KeyError:
            character = key if len(key) == 1 else None
        self.pressed.append(key)
        self.app.post_message(events.Key(name, character))

    def choose(self) -> str:
        """A key, most often one that does something here."""
        screen, dice = self.app.screen, self.random.random()
        scopes = (*getattr(screen, "SCOPES", ()), *getattr(screen.focused, "SCOPES", ()), "app")
        here = [key for action in actions_of(*scopes) for key in action.keys]
        keys = here if dice < 0.55 else ANYWHERE if dice < 0.75 else TEXT if dice < 0.9 else ALL_KEYS
        names_file = not isinstance(screen, WorkbenchScreen)
        return self.random.choice([key for key in keys if not (names_file and key in WRITING)])

    async def rest(self) -> None:
        """Until the app has handled every key.

        Raises:
            AssertionError: it does not come to rest.
        """
        deadline = time.monotonic() + REST_S
        await asyncio.sleep(0)
        handled = asyncio.Event()
        self.app.call_later(handled.set)
        while not (handled.is_set() and self.app.keys.idle and self.app.screen._compositor.size == self.app.size):
            assert time.monotonic() < deadline, (
                f"no answer: {self.app.screen_stack}, {self.app.desk.mood}, {vars(self.app.keys)}, "
                f"{self.app._then}, {self.app._performing}, {self.app.screen._compositor.size} of {self.app.size}"
            )
            assert self.app._exception is None, self.app._exception
            await asyncio.sleep(0.001)

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        driver = self.app._driver
        assert driver is not None
        driver._size = (width, height)
        size = Size(width, height)
        self.app.post_message(events.Resize(size, size))
        self.pressed.append(f"{width}x{height}")

    def check(self) -> None:
        """What always holds."""
        app = self.app
        assert app._exception is None and app.crash is None
        assert len(app.screen_stack) <= MAX_SCREENS, app.screen_stack
        self.visited[type(app.screen).__name__] += 1
        for table in app.screen.query(VirtualTable):
            assert 0 <= table.cursor_row <= max(0, table.total - 1)
        widths = {strip.cell_length for strip in app.screen._compositor.render_strips()}
        assert widths == {app.size.width}, f"{widths} cells are drawn:\n{screen_text(app)}"

    async def play(self, n_keys: int) -> None:
        """Press so many keys, and go back to the first screen."""
        for _ in range(n_keys // BATCH):
            for _ in range(BATCH):
                self.press(self.choose())
                if self.random.random() < 0.5:
                    await self.rest()
            await self.rest()
            if self.random.random() < 0.06:
                self.resize(*self.random.choice(SIZES))
                await self.rest()
                if self.random.random() < 0.7:
                    self.resize(*self.random.choice(SIZES[:2]))
                    await self.rest()
            self.check()
        self.resize(80, 24)
        await self.rest()
        for _ in range(3 * MAX_SCREENS):
            # A text that was typed is given up after a question only, and esc is its no.
            self.press("y" if isinstance(self.app.screen, Confirm) else "escape")
            await self.rest()
            await asyncio.sleep(0)
            if len(self.app.screen_stack) == 1:
                break
        assert isinstance(self.app.screen, RunsScreen), self.app.screen_stack
        self.check()


class Training:
    """Runs that log while the keys are pressed: three at a time, of which one ends now and then."""

    def __init__(self, project: Project) -> None:
        self.failed: list[BaseException] = []
        self.logged = 0
        self._root = project.root
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._train, name="training")

    def __enter__(self) -> Training:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _train(self) -> None:
        runs: list[wb.Run] = []
        step = 0
        try:
            while not self._stop.wait(0.01):
                while len(runs) < 3:
                    runs.append(
                        wb.start_run(
                            project=self._root, experiment=f"e{step % 2}", params={"lr": step / 100}, capture=False,
                            capture_output=False, system_metrics=False, on_error="raise",
                        )
                    )  # fmt: skip
                for run in runs:
                    run.log({"loss": 1 / (step + 1), "auc": step / (step + 9)}, step=step)
                    self.logged += 1
                step += 1
                if step % 40 == 0:
                    runs.pop(0).end("failed" if step % 80 else "finished")
        except BaseException as error:
            self.failed.append(error)
        for run in runs:
            run.end()


def _add_models(project: Project) -> None:
    """Two models, one with two versions."""
    made = Models(project, FakeClock())
    made.do(registry.register, "empty")
    for uid in (LYNX, OTTER):
        made.do(register_run, f"{uid}:model", "fraud")
    made.do(aliases.point, "fraud", "champion", 1)
    made.close()


def _add_images(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """An image that runs and one that does not; Docker does whatever it is told."""
    docker = FakeDocker(lines=[Progress("Step 1/2 : FROM base", 1, 2), Progress("Step 2/2 : ADD model.tar /", 2, 2)])
    docker.install(monkeypatch)
    made = Models(project, FakeClock())
    now_ms = time.time_ns() // 1_000_000
    shop = Shop(made, docker, [image(number, now_ms - number, run=LYNX, tested=smoke()) for number in (2, 1)])
    for one in shop.images:
        shop.record(one)
    docker.present = {one.image_id for one in shop.images}
    docker.rows = [row(shop.images[0], clock=FakeClock(now_ms * 1000))]
    docker.built = shop.images[0]
    made.close()

    def find(db: object, project: Project, reference: str) -> Source:
        name, _, number = reference.partition("/")
        return Source(name, int(number or 1), "v-1", LYNX, "model", {}, "sha256:0", {})

    monkeypatch.setattr("workbench.tui.questions.images.find_source", find)


def _add_data(project: Project) -> None:
    """Data in two versions, and data that nobody has looked into."""
    made = Warehouse(project, FakeClock())
    for count in (40, 60):
        made.register("data/tx.csv", "transactions", transactions(count), copy=True)
    made.register("data/customers.csv", "customers", transactions(20), profiled=False)
    made.close()


def _add_monitors(project: Project) -> None:
    """A monitor with windows, one that fails, and a check that was kept."""
    made = Watch(project, FakeClock())
    with chdir(project.root):
        first = made.day - timedelta(days=2)
        reference = made.write("reference.csv", rows(first))
        for day in (0, 1):
            made.write(f"logs/{day}.csv", rows(first + timedelta(days=day), dearer=1 + day))
        made.add("live", source="logs/*.csv", reference=reference, every="1d", time="at", columns=("amount", "age"))
        made.run("live")
        made.add("broken", source=made.write("gone.csv", rows(first)), reference=reference, whole=True)
        os.remove("gone.csv")
        save_check(project, check(open_table(reference), open_table("logs/1.csv")), name="weekly")
    made.close()


def _play(project: Project, monkeypatch: pytest.MonkeyPatch, seed: int, n_keys: int) -> str:
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    for variable in ("VISUAL", "EDITOR", "PAGER"):
        monkeypatch.setenv(variable, "")
    add_runs(project)
    _add_models(project)
    _add_images(project, monkeypatch)
    _add_data(project)
    _add_monitors(project)
    before = set(os.listdir(project.root))
    seen: list[Monkey] = []

    async def body(desk: Desk) -> None:
        app = EndlessApp(desk, State())
        app.animation_level = "none"
        async with app.run_test(size=(80, 24)) as pilot:
            await pilot.pause()
            monkey = Monkey(app, seed)
            seen.append(monkey)
            await monkey.play(n_keys)

    with Training(project) as training:
        desk = Desk(project, interval_s=0.1)
        desk.open()
        try:
            asyncio.run(body(desk))
        except BaseException as error:
            keys = " ".join(seen[0].pressed[-40:]) if seen else ""
            error.add_note(f"seed {seed}, after {len(seen[0].pressed) if seen else 0} keys, the last ones: {keys}")
            raise
        finally:
            desk.close()
    assert not training.failed and training.logged > 0
    assert len(seen[0].visited) >= 8, seen[0].visited
    assert before <= set(os.listdir(project.root))
    return str(seen[0].visited)
