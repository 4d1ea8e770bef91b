"""The desk: answers that come and change, deeds, errors, and a store that somebody else holds."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import pytest

import workbench as wb
from tests.conftest import FakeClock
from workbench.base.errors import InputError, StoreBusyError, StoreInterruptedError
from workbench.base.project import Project
from workbench.store.store import Store
from workbench.tracking.run import Run
from workbench.tui.asking import Mood
from workbench.tui.desk import Desk
from workbench.tui.messages import Answered, NotPerformed, Performed, Unanswered
from workbench.tui.questions.edits import Star, ToggleStar
from workbench.tui.questions.store import Documents, RunningCount

DEADLINE_S = 10.0


@dataclass
class Listener:
    """An asker that remembers what it hears."""

    heard: list[Any] = field(default_factory=list)

    def post_message(self, message: Any) -> bool:
        """Called in the desk's thread."""
        self.heard.append(message)
        return True

    def answers(self) -> list[Any]:
        """What was answered, in order."""
        return [message.answer for message in self.heard if isinstance(message, Answered)]


@dataclass(frozen=True)
class Asking:
    """A question made of two functions."""

    name: str
    on_ask: Callable[[Any], Any] = field(compare=False)
    on_work: Callable[[Any], Any] = field(compare=False, default=lambda found: found)

    def ask(self, db: Any) -> Any:
        """The first."""
        return self.on_ask(db)

    def work(self, found: Any) -> Any:
        """The second."""
        return self.on_work(found)


@dataclass(frozen=True)
class Doing:
    """A deed made of a function."""

    act: Callable[[Project], Any]

    def do(self, project: Project, db: Any) -> Any:
        """Do it."""
        return self.act(project)


@contextmanager
def desk_of(project: Project) -> Iterator[Desk]:
    """A desk that looks for news often."""
    desk = Desk(project, interval_s=0.01)
    desk.open()
    try:
        yield desk
    finally:
        desk.close()


def wait(until: Callable[[], bool]) -> None:
    """Give the desk's thread the time that it needs."""
    deadline = time.monotonic() + DEADLINE_S
    while not until():
        assert time.monotonic() < deadline, "the desk did not do it"
        time.sleep(0.002)


def _started(project: Project) -> Run:
    """A run that goes on."""
    return wb.start_run(experiment="fraud")


def counted(asked: list[int], answer: object) -> object:
    """The answer; that it was asked for is noted."""
    asked.append(1)
    return answer


def second(number: int, db: object) -> int:
    """The number, whatever the store."""
    return number


def test_an_answer_comes_and_comes_again_when_it_is_another_one(project: Project) -> None:
    """What is watched is asked again when journals grow, and told only where it differs."""
    listener = Listener()
    with desk_of(project) as desk:
        desk.watch(listener, "running", RunningCount())
        wait(lambda: listener.answers() == [0])
        run = _started(project)
        wait(lambda: listener.answers() == [0, 1])
        run.finish("finished")
        wait(lambda: listener.answers() == [0, 1, 0])


def test_an_answer_that_stays_the_same_is_told_once(project: Project) -> None:
    """A refresh by itself is no news."""
    asked: list[int] = []
    listener = Listener()
    with desk_of(project) as desk:
        desk.watch(listener, "x", Asking("x", lambda db: counted(asked, "same")))
        wait(lambda: len(asked) == 1)
        desk.refresh()
        wait(lambda: len(asked) >= 2)
        wait(lambda: desk.idle)

    assert listener.answers() == ["same"]


def test_a_question_in_the_same_slot_takes_the_place_of_the_one_before(project: Project) -> None:
    """An asker hears the answer to what it asked last."""
    listener = Listener()
    with desk_of(project) as desk:
        for number in range(50):
            desk.watch(listener, "slot", Asking(str(number), partial(second, number)))
        wait(lambda: listener.answers()[-1:] == [49])
        wait(lambda: desk.idle)

    assert listener.answers()[-1] == 49


def test_who_has_been_forgotten_hears_nothing(project: Project) -> None:
    """A screen that is gone gets no messages."""
    listener, other = Listener(), Listener()
    gate = threading.Event()
    with desk_of(project) as desk:
        desk.watch(listener, "slow", Asking("slow", lambda db: gate.wait(DEADLINE_S)))
        desk.forget(listener)
        gate.set()
        desk.watch(other, "x", Asking("x", lambda db: 1))
        wait(lambda: other.answers() == [1])
        wait(lambda: desk.idle)

    assert listener.heard == []


def test_a_question_asked_once_is_answered_once(project: Project) -> None:
    """Also when the store changes afterwards, and also when the same is asked again."""
    listener = Listener()
    with desk_of(project) as desk:
        for count in (1, 2):
            desk.watch(listener, "x", Asking("x", lambda db: 7), once=True)
            wait(partial(lambda count: listener.answers() == [7] * count, count))
        desk.refresh()
        wait(lambda: desk.idle)

    assert listener.answers() == [7, 7]


def test_an_error_of_a_question_goes_to_who_asked_and_to_nobody_else(project: Project) -> None:
    """One bad filter does not stop the rest."""
    good, bad = Listener(), Listener()

    def fail(db: Any) -> None:
        raise InputError("no such thing")

    with desk_of(project) as desk:
        desk.watch(bad, "bad", Asking("bad", fail))
        desk.watch(good, "good", Asking("good", lambda db: 1))
        wait(lambda: good.answers() == [1] and len(bad.heard) == 1)

    assert isinstance(bad.heard[0], Unanswered)
    assert bad.heard[0].error.message == "no such thing"
    assert desk.mood == Mood()


def test_what_a_deed_does_is_known_to_the_answers_that_follow(project: Project) -> None:
    """Nobody sees the state of before after having heard that it is changed."""
    with_run = _started(project)
    with_run.finish("finished")
    uid = with_run.run_id
    listener = Listener()
    with desk_of(project) as desk:
        desk.watch(listener, "run", Documents((uid,)))
        wait(lambda: len(listener.answers()) == 1)
        desk.perform(listener, Star((uid,), True))
        wait(lambda: len(listener.answers()) == 2)

    assert [documents[0]["starred"] for documents in listener.answers()] == [False, True]
    assert [message.outcome.text for message in listener.heard if isinstance(message, Performed)] == ["starred 1 run"]


def test_deeds_that_wait_together_know_of_each_other(project: Project) -> None:
    """Starring twice leaves no star: the second one sees the first."""
    with_run = _started(project)
    with_run.finish("finished")
    listener = Listener()
    desk = Desk(project, interval_s=0.01)
    desk.perform(listener, ToggleStar((with_run.run_id,)))
    desk.perform(listener, ToggleStar((with_run.run_id,)))
    desk.open()
    try:
        wait(lambda: len(listener.heard) == 2)
    finally:
        desk.close()

    assert [message.outcome.text for message in listener.heard] == ["starred 1 run", "took the star from 1 run"]


def test_a_deed_that_fails_says_so(project: Project) -> None:
    """Its author hears why."""
    listener = Listener()

    def fail(project: Project) -> None:
        raise InputError("not like this")

    with desk_of(project) as desk:
        desk.perform(listener, Doing(fail))
        wait(lambda: bool(listener.heard))

    assert isinstance(listener.heard[0], NotPerformed)
    assert listener.heard[0].error.message == "not like this"


def test_a_busy_store_is_said_and_everything_is_answered_when_it_is_free(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever holds the store delays answers and deeds; none is lost."""
    holding, free = threading.Event(), threading.Event()
    reading = Store.reading

    @contextmanager
    def held(store: Store, **more: Any) -> Iterator[Any]:
        if not free.is_set():
            holding.set()
            raise StoreBusyError("pid 42 (workbench store compact) holds the store", "wait for it")
        with reading(store, **more) as db:
            yield db

    monkeypatch.setattr(Store, "reading", held)
    listener = Listener()
    done: list[int] = []
    with desk_of(project) as desk:
        desk.watch(listener, "x", Asking("x", lambda db: 1))
        desk.perform(listener, Doing(lambda project: done.append(1)))
        assert holding.wait(DEADLINE_S)
        wait(lambda: desk.mood.kind == "busy")
        assert "pid 42" in desk.mood.text
        assert listener.heard == []
        free.set()
        wait(lambda: listener.answers() == [1] and done == [1])
        wait(lambda: desk.mood == Mood())


def test_a_project_that_is_gone_is_said_and_comes_back(project: Project, tmp_path: Any) -> None:
    """Moved away and back: the desk goes on where it was."""
    listener = Listener()
    with desk_of(project) as desk:
        desk.watch(listener, "running", RunningCount())
        wait(lambda: listener.answers() == [0])
        os.rename(project.folder, str(tmp_path / "away"))
        wait(lambda: desk.mood.kind == "lost")
        os.rename(str(tmp_path / "away"), project.folder)
        wait(lambda: desk.mood == Mood())
        run = _started(project)
        wait(lambda: listener.answers() == [0, 1])
        run.finish("finished")


def test_paused_it_answers_but_does_not_look_at_what_arrives(project: Project) -> None:
    """The screen stands still until it goes on."""
    listener, other = Listener(), Listener()
    with desk_of(project) as desk:
        desk.watch(listener, "running", RunningCount())
        wait(lambda: listener.answers() == [0])
        desk.pause(True)
        wait(lambda: desk.idle)
        run = _started(project)
        desk.watch(other, "x", Asking("x", lambda db: 1))
        wait(lambda: other.answers() == [1])
        assert listener.answers() == [0]
        desk.pause(False)
        wait(lambda: listener.answers() == [0, 1])
        run.finish("finished")


def test_what_was_prepared_is_asked_of_the_store_once(project: Project) -> None:
    """The first page is read before there is a screen."""
    asked: list[int] = []
    question = Asking("first", lambda db: counted(asked, 5), lambda found: found + 1)
    listener = Listener()
    with desk_of(project) as desk:
        desk.prepare(question)
        assert desk.prepared(question, DEADLINE_S) == 6
        desk.watch(listener, "page", question)
        wait(lambda: listener.answers() == [6])

    assert asked == [1]


def test_a_slow_question_that_nobody_waits_for_is_interrupted(project: Project) -> None:
    """A wide sort does not keep the next page waiting."""
    listener = Listener()
    running = threading.Event()

    def endless(db: Any) -> Any:
        running.set()
        return db.execute("SELECT count(*) FROM range(100_000_000) a, range(100_000) b").fetchall()

    with desk_of(project) as desk:
        desk.watch(listener, "page", Asking("endless", endless))
        assert running.wait(DEADLINE_S)
        time.sleep(0.3)  # longer than SLOW_S, which is what counts
        desk.watch(listener, "page", Asking("quick", lambda db: 1))
        wait(lambda: listener.answers() == [1])

    assert not any(isinstance(getattr(message, "error", None), StoreInterruptedError) for message in listener.heard)


def test_an_answer_that_depends_on_the_time_is_made_anew_without_a_visit(project: Project, clock: FakeClock) -> None:
    """Ages grow while nothing happens in the store."""
    asked: list[int] = []
    listener = Listener()
    question = Asking("age", lambda db: counted(asked, 0), lambda found: clock.now_us)
    with desk_of(project) as desk:
        desk.watch(listener, "age", question)
        wait(lambda: len(listener.answers()) == 1)
        clock.advance(60)
        before = len(asked)
        desk.rework(listener, "age")
        wait(lambda: len(listener.answers()) == 2)

    assert len(asked) == before


def test_a_read_only_desk_writes_nothing_below_the_project(project: Project) -> None:
    """Also not the store's cache."""

    def files() -> set[str]:
        return {os.path.join(folder, name) for folder, _, names in os.walk(project.folder) for name in names}

    run = _started(project)
    run.finish("finished")
    before = files()
    listener = Listener()
    desk = Desk(project, read_only=True)
    desk.open()
    try:
        desk.watch(listener, "running", RunningCount())
        wait(lambda: listener.answers() == [0])
    finally:
        desk.close()

    assert files() == before


def test_after_so_many_visits_the_store_begins_anew(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.tui.desk.VISITS", 2)
    connections: list[Any] = []  # kept, so that none has the identity of one before
    listener = Listener()

    def opened(number: int, db: Any) -> int:
        connections.append(db)
        return number

    with desk_of(project) as desk:
        for number in range(4):
            desk.watch(listener, "slot", Asking(str(number), partial(opened, number)))
            wait(lambda number=number: listener.answers()[-1:] == [number] and desk.idle)  # type: ignore[misc]
    assert len({id(connection) for connection in connections}) > 1
    assert listener.answers() == [0, 1, 2, 3]
