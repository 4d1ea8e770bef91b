"""The threads that talk to the engine: what they borrow of the desk, and that they end with the app."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.tui.bare_app import open_desk
from tests.tui.images_to_show import FakeDocker
from tests.tui.models_to_show import Models
from workbench.base.errors import DockerError, StoreError, StoreUnusableError
from workbench.packaging.engine import check_cancelled
from workbench.registry import models as registry
from workbench.registry.overview import model_rows
from workbench.store.store import Store
from workbench.tui.desk import Desk
from workbench.tui.dock import Dock
from workbench.tui.messages import EngineSeen, ErrandDone, ErrandFailed, ErrandSaid


class Ear:
    """Whoever hears."""

    def __init__(self) -> None:
        self.heard: list[Any] = []

    def post_message(self, message: Any) -> bool:
        """Remember it."""
        self.heard.append(message)
        return True

    def of(self, kind: type) -> list[Any]:
        """Messages of a kind."""
        return [one for one in self.heard if isinstance(one, kind)]


class Task:
    """A task that does what a test says."""

    WRITES = True
    title = "a task"

    def __init__(self, act: Callable[[Any, Any], Any]) -> None:
        self._act = act

    def do(self, engine: Any, errand: Any) -> Any:
        """Do it."""
        return self._act(engine, errand)


def soon(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    deadline = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.005)


@pytest.fixture
def desk(models: Models) -> Iterator[Desk]:
    with open_desk(models.project) as opened:
        yield opened


@pytest.fixture
def dock(desk: Desk, docker: FakeDocker) -> Iterator[Dock]:
    made = Dock(desk, interval_s=0.02)
    yield made
    made.close()


def test_a_task_changes_the_store_in_a_visit_of_the_desks(dock: Dock, models: Models) -> None:
    """What it records is there afterwards, in the person's name."""
    ear = Ear()

    def register(engine: Any, errand: Any) -> str:
        errand.say("store", "registering")
        with errand.governing() as (db, ledger):
            return str(registry.register(db, ledger, "from-the-dock").name)

    dock.begin(ear, Task(register))
    soon(lambda: dock.idle)

    assert [one.text for one in ear.of(ErrandSaid)] == ["registering"]
    assert ear.of(ErrandDone)[0].outcome == "from-the-dock"
    assert models.ask(registry.get, "from-the-dock").name == "from-the-dock"


def test_a_task_that_needs_no_engine_gets_none_and_may_visit_the_store(
    dock: Dock, models: Models, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is done where Docker is not installed."""

    def connect() -> Any:
        raise AssertionError("nobody asked for an engine")

    monkeypatch.setattr("workbench.tui.dock._connect", connect)

    def read(engine: Any, errand: Any) -> tuple[Any, int]:
        with errand.reading() as db:
            return engine, len(model_rows(db))

    task, ear = Task(read), Ear()
    task.NEEDS_ENGINE = False  # type: ignore[attr-defined]
    dock.begin(ear, task)
    soon(lambda: dock.idle)
    assert ear.of(ErrandDone)[0].outcome == (None, len(models.ask(model_rows)))


def test_the_desk_answers_while_a_task_works_outside_of_a_visit(dock: Dock, desk: Desk) -> None:
    """Docker may take minutes."""
    gate = threading.Event()
    ear = Ear()
    dock.begin(Ear(), Task(lambda engine, errand: gate.wait(10)))

    from workbench.tui.questions.models import ModelNames

    desk.watch(ear, "names", ModelNames(), once=True)
    soon(lambda: bool(ear.heard))
    assert not dock.idle
    gate.set()
    soon(lambda: dock.idle)


def test_a_store_that_cannot_be_visited_is_the_tasks_error(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rather than a wait without end."""

    def lost(store: Store, **more: Any) -> Any:
        raise StoreUnusableError("the folder is gone")

    monkeypatch.setattr(Store, "reading", lost)
    ear = Ear()

    def visit(engine: Any, errand: Any) -> None:
        with errand.governing():
            raise AssertionError("there is no visit")

    dock.begin(ear, Task(visit))
    soon(lambda: dock.idle)

    assert ear.of(ErrandFailed)[0].error.message == "the folder is gone"


def test_an_error_within_a_visit_gives_the_visit_back(dock: Dock, desk: Desk) -> None:
    """The desk goes on."""
    ear = Ear()

    def fail(engine: Any, errand: Any) -> None:
        with errand.governing():
            raise StoreError("no space left")

    dock.begin(ear, Task(fail))
    soon(lambda: dock.idle and desk.idle)

    assert ear.of(ErrandFailed)[0].error.message == "no space left"
    dock.begin(ear, Task(lambda engine, errand: 1))
    soon(lambda: dock.idle)
    assert ear.of(ErrandDone)[0].outcome == 1


def test_an_unexpected_error_is_told_as_one(dock: Dock) -> None:
    """The thread does not end without a word."""
    ear = Ear()
    dock.begin(ear, Task(lambda engine, errand: 1 // 0))
    soon(lambda: dock.idle)

    assert "ZeroDivisionError" in ear.of(ErrandFailed)[0].error.message


def test_closing_gives_up_what_can_be_given_up(dock: Dock) -> None:
    """And waits until it is."""
    ear = Ear()

    def build(engine: Any, errand: Any) -> None:
        while True:
            check_cancelled(errand.cancelled)
            time.sleep(0.005)

    dock.begin(ear, Task(build))
    dock.close()

    assert ear.of(ErrandFailed)


def test_whoever_watches_sees_the_engine_until_they_are_forgotten(dock: Dock, docker: FakeDocker) -> None:
    """Its errors too, and its return."""
    ear = Ear()
    docker.error = DockerError("no Docker engine answers")
    dock.watch(ear)
    soon(lambda: bool(ear.heard))
    assert ear.of(EngineSeen)[0].seen.error.message == "no Docker engine answers"
    docker.error = None
    soon(lambda: ear.heard[-1].seen.error is None)
    dock.forget(ear)
    soon(lambda: dock.idle)
    count = len(ear.heard)
    dock.refresh()
    soon(lambda: dock.idle)
    assert len(ear.heard) == count


def test_what_the_engine_shows_is_read_by_the_features(dock: Dock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of `package ps`, and the images that are there."""
    monkeypatch.undo()
    from workbench.packaging import inspecting, watching
    from workbench.tui.questions.engine import Looks

    monkeypatch.setattr(watching, "list_rows", lambda engine, project: [])
    monkeypatch.setattr(inspecting, "present_images", lambda engine: {"sha256:1"})

    seen = Looks().look(object(), dock.project)  # type: ignore[arg-type]

    assert seen.present == frozenset({"sha256:1"}) and seen.rows == () and seen.error is None
