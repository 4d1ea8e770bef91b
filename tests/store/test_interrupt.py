"""Visits that are given up from another thread: they end at once, and nothing is half done."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.store.journals import held_by_another_process, log_run, points, statuses
from workbench.base.errors import FilterError, StoreInterruptedError
from workbench.base.project import Project
from workbench.store import sql, state
from workbench.store.store import Store

ENDLESS = "SELECT count(*) FROM range(1000000000) a(i), range(1000000000) b(j) WHERE hash(i * j) % 7 = 3"


@contextmanager
def interrupting(store: Store, longest_pause_s: float = 0.01) -> Iterator[None]:
    """Another thread that interrupts the store again and again, at moments that nobody can foresee."""
    done = threading.Event()
    pauses = random.Random(1)

    def interrupt() -> None:
        while not done.wait(pauses.uniform(0, longest_pause_s)):
            store.interrupt()

    thread = threading.Thread(target=interrupt)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def test_an_interrupted_query_ends_the_visit_and_the_next_one_goes_on(project: Project) -> None:
    uid = log_run(project)
    with Store(project, threads=1) as store:
        for _ in range(2):
            with interrupting(store), pytest.raises(StoreInterruptedError), store.reading(ingest=False) as db:
                db.execute(ENDLESS)
        assert statuses(store) == {uid: "finished"}
        assert store.notices == []


def test_an_interrupt_of_nothing_is_nothing(project: Project) -> None:
    with Store(project) as store:
        store.interrupt()
        statuses(store)
        store.interrupt()
        with store.reading() as db:
            store.interrupt()
            assert db.execute("SELECT 1").fetchall() == [(1,)]
    store.interrupt()


def test_interrupted_ingest_is_as_if_it_had_not_begun(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with Store(project) as store:
        statuses(store)
        uid = log_run(project, params={"lr": 0.1})
        with monkeypatch.context() as patched:
            patched.setattr(state, "refresh_status", lambda db, now_us: db.execute(ENDLESS))
            with interrupting(store), pytest.raises(StoreInterruptedError):
                store.ingest()
        with store.reading(ingest=False) as db:
            assert db.execute("SELECT * FROM run").fetchall() == []
        assert statuses(store) == {uid: "finished"}


def test_interrupts_at_any_moment_lose_and_double_nothing(project: Project) -> None:
    uids = []
    with Store(project) as store:
        for _ in range(20):
            uids.append(log_run(project, params={"lr": 0.1}))
            with interrupting(store, 0.005):
                for _ in range(5):
                    try:
                        statuses(store)
                    except StoreInterruptedError:
                        continue
        assert statuses(store) == dict.fromkeys(uids, "finished")
        assert len(points(store, uids[0])) == len(points(Store(project, read_only=True), uids[0]))
        assert store.notices == []
        assert not [name for name in os.listdir(os.path.join(project.folder, "cache")) if "aside" in name]


def test_a_users_own_query_is_interrupted_not_wrong(project: Project) -> None:
    with Store(project) as store:
        with interrupting(store), pytest.raises(StoreInterruptedError), store.reading(ingest=False) as db:
            sql.query(db, ENDLESS)
        with pytest.raises(FilterError), store.reading(ingest=False) as db:
            sql.query(db, "SELECT 1 / 'x'::INTEGER")


def test_a_store_in_memory_is_interrupted_too(project: Project) -> None:
    uid = log_run(project)
    with Store(project) as store:
        path = store.visible_path()
        assert path is not None
        statuses(store)
        with held_by_another_process(path):
            for _ in range(2):
                with interrupting(store), pytest.raises(StoreInterruptedError), store.reading() as db:
                    db.execute(ENDLESS)
            assert statuses(store) == {uid: "finished"}
