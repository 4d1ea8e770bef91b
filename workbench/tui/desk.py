"""The desk: the one thread that visits the store, so that the screen never waits for it.

Screens say what they want to know (`watch`) and hear the answer as a message, at once and again
whenever it changes. The thread looks every second whether journals have grown, which costs next to
nothing, and visits the store only then. A visit answers everything that is asked at the time and
lets go of the store before anything is drawn. What people do to runs (`perform`) goes the same way.

The thread touches no widget; it posts messages. It starts before Textual is loaded, so that the
first page is there when the first screen is.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workbench.base.errors import (
    DiskFullError,
    StoreBusyError,
    StoreError,
    StoreInterruptedError,
    StoreUnusableError,
    WorkbenchError,
)
from workbench.base.project import Project
from workbench.tui.asking import Asker, Deed, Mood, Question, Wish

if TYPE_CHECKING:
    from workbench.store.store import Store

INTERVAL_S = 1.0
"""How often the journals are looked at."""
BUSY_WAIT_S = 0.5
"""How long a visit waits for another visitor before the screen says who it is."""
BUG_HINT = "this looks like a bug; the command line says more with WORKBENCH_DEBUG=1"
THREADS = 2
"""Threads of DuckDB: more would take cores from trainings."""
VISITS = 100
"""So many visits of a store leave some MB in DuckDB; then it begins anew."""
SLOW_S = 0.25
"""A question that nobody waits for any more is interrupted once it has run so long."""


class Desk:
    """The store's thread.

    Args:
        project: whose store.
        read_only: never write anything below `.workbench`.
        interval_s: seconds between looks at the journals.

    Attributes:
        project: whose store.
        read_only: whether nothing may be changed.
        mood: how the store was at the last visit.
    """

    def __init__(self, project: Project, *, read_only: bool = False, interval_s: float = INTERVAL_S) -> None:
        self.project = project
        self.read_only = read_only
        self.mood = Mood()
        self._interval_s = interval_s
        self._wishes: dict[tuple[int, str], Wish] = {}
        self._deeds: list[tuple[Asker, Deed]] = []
        self._prepared: dict[Question, Any] = {}
        self._rework: set[tuple[int, str]] = set()
        self._preparing: list[Question] = []
        self._answering: tuple[tuple[int, str], float] | None = None
        self._wake = threading.Condition()
        self._closing = False
        self._paused = False
        self._look_now = False
        self._on_mood: Callable[[Mood], Any] | None = None
        self._store: Store | None = None
        self._visits = 0
        self._full = ""
        self._busy = 0
        self._thread = threading.Thread(target=self._run, name="workbench-desk", daemon=True)

    def open(self) -> None:
        """Start the thread."""
        self._thread.start()

    def close(self) -> None:
        """Stop the thread after what it is doing; a running question is interrupted."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        store = self._store
        if store is not None and self._answering is not None:
            store.interrupt()
        if self._thread.is_alive():
            self._thread.join(timeout=2.0)

    def on_mood(self, hear: Callable[[Mood], Any]) -> None:
        """Have changes of `mood` told to `hear`, from the desk's thread."""
        self._on_mood = hear

    @property
    def is_open(self) -> bool:
        """Whether questions are still answered."""
        return self._thread.is_alive() and not self._closing

    @property
    def paused(self) -> bool:
        """Whether what arrives is not looked at."""
        return self._paused

    def pause(self, paused: bool) -> None:
        """Stop looking at what arrives, or go on."""
        with self._wake:
            self._paused = paused
            self._look_now = self._look_now or not paused
            self._wake.notify_all()

    def refresh(self) -> None:
        """Visit the store now, whatever the journals look like."""
        with self._wake:
            self._look_now = True
            self._wake.notify_all()

    def prepare(self, question: Question) -> None:
        """Answer a question before anyone asks it: the next `watch` of an equal one hears the answer at once."""
        with self._wake:
            self._preparing.append(question)
            self._wake.notify_all()

    def prepared(self, question: Question, wait_s: float) -> Any:
        """The answer to what is being prepared, or None where it takes longer than `wait_s` or fails."""
        deadline = time.monotonic() + wait_s
        with self._wake:
            while question not in self._prepared and self._thread.is_alive():
                left = deadline - time.monotonic()
                if left <= 0 or self.mood.kind in ("busy", "lost"):
                    return None
                self._wake.wait(left)
            found = self._prepared.get(question)
        return None if found is None or isinstance(found, WorkbenchError) else question.work(found)

    def watch(self, asker: Asker, slot: str, question: Question, *, once: bool = False) -> None:
        """Ask a question, in the place of what the asker asked in this slot before.

        The asker hears `Answered` or `Unanswered` soon, and again whenever the answer is another one.

        Args:
            asker: who hears.
            slot: names one of the asker's questions.
            question: what to know.
            once: forget it after the first answer.
        """
        key = (id(asker), slot)
        with self._wake:
            before = self._wishes.get(key)
            if before is not None and before.question == question and not once:
                return
            self._wishes[key] = Wish(asker, slot, question, once)
            self._interrupt_superseded(key)
            self._wake.notify_all()

    def forget(self, asker: Asker, slot: str | None = None) -> None:
        """Stop answering an asker, in one slot or in all."""
        with self._wake:
            for key in [key for key in self._wishes if key[0] == id(asker) and slot in (None, key[1])]:
                del self._wishes[key]
                self._interrupt_superseded(key)

    def rework(self, asker: Asker, slot: str) -> None:
        """Make the answer anew of what the store said last: what it shows depends on the time, as ages do."""
        with self._wake:
            self._rework.add((id(asker), slot))
            self._wake.notify_all()

    def perform(self, asker: Asker, deed: Deed) -> None:
        """Do something; the asker hears `Performed` or `NotPerformed`, after which every answer is looked at again."""
        with self._wake:
            self._deeds.append((asker, deed))
            self._wake.notify_all()

    @property
    def idle(self) -> bool:
        """Whether everything asked is answered and everything told is done."""
        with self._wake:
            waiting = self._preparing or self._rework or self._deeds or self._look_now or self._busy
            return not waiting and all(wish.asked for wish in self._wishes.values())

    def _interrupt_superseded(self, key: tuple[int, str]) -> None:
        running = self._answering
        if running is not None and running[0] == key and time.monotonic() - running[1] > SLOW_S and self._store:
            self._store.interrupt()

    def _run(self) -> None:
        from workbench.store.changes import Changes

        changes = Changes(self.project)
        next_look = 0.0
        while True:
            with self._wake:
                while not (self._closing or self._has_work()):
                    left = next_look - time.monotonic()
                    if left <= 0:
                        break
                    self._wake.wait(left)
                if self._closing:
                    break
                look = self._look_now or (time.monotonic() >= next_look and not self._paused)
                forced, self._look_now = self._look_now, False
                self._busy += 1
            try:
                changed = forced
                if look or next_look == 0.0:
                    changed = changes.happened() or forced
                    next_look = time.monotonic() + self._interval_s
                elif self._paused:
                    next_look = time.monotonic() + self._interval_s
                if changed or self._must_visit():
                    self._visit(changed)
                self._make_anew()
            except StoreInterruptedError:
                pass  # what was interrupted is asked again, unless nobody waits for it any more
            except DiskFullError as error:
                self._read_into_memory(error)
            except StoreBusyError as error:
                self._set_mood(Mood("busy", error.message, error.hint or ""))
                self._retry()
            except WorkbenchError as error:
                self._set_mood(Mood("lost", error.message, error.hint or ""))
                self._fail_all(error)
                next_look = time.monotonic() + self._interval_s
            except Exception as error:
                self._set_mood(Mood("lost", unexpected(error).message, BUG_HINT))
                self._fail_all(unexpected(error))
                next_look = time.monotonic() + self._interval_s
            finally:
                with self._wake:
                    self._busy -= 1
        if self._store is not None:
            self._store.close()

    def _has_work(self) -> bool:
        return bool(self._look_now or self._rework) or self._must_visit()

    def _must_visit(self) -> bool:
        asked = all(wish.asked for wish in list(self._wishes.values()))
        return bool(self._preparing or self._deeds) or not asked

    def _make_anew(self) -> None:
        """Answers that depend on the time, of what is known."""
        with self._wake:
            keys, self._rework = self._rework, set()
            wishes = [(key, wish) for key in keys if (wish := self._wishes.get(key)) is not None and wish.asked]
        for key, wish in wishes:
            if wish.failed is None:
                self._tell(key, wish, wish.found)

    def _read_into_memory(self, error: DiskFullError) -> None:
        """Where no space is left for the store, what journals hold is still shown; trainings need it most now."""
        if self._store is not None:
            self._store.close()
        self._full = f"{error.message}; reading the journals into memory instead"
        self._store = self._open_store()
        self._retry()

    def _retry(self) -> None:
        """What was not answered because the store is busy is asked again at the next look."""
        with self._wake:
            if not self._closing:
                self._wake.wait(0.2)
            self._look_now = True

    def _visit(self, changed: bool) -> None:
        """One visit to the store: one deed, which so knows of those before it, or questions; the newest first."""
        if not os.path.exists(self.project.settings_path):  # a visit would make a new store in its place
            raise StoreUnusableError(
                f"{self.project.folder} is gone", "what was read stays on the screen until it is back"
            )
        if self._store is None:
            self._store = self._open_store()
        store = self._store
        with self._wake:
            deeds, self._deeds = self._deeds[:1], self._deeds[1:]
            preparing, self._preparing = self._preparing, []
            wishes = [(key, wish) for key, wish in self._wishes.items() if changed or deeds or not wish.asked]
        outcomes: list[tuple[Asker, Deed, Any]] = []
        found: list[tuple[tuple[int, str], Wish, Any]] = []
        try:
            with store.reading(ingest=changed or bool(deeds), wait_s=BUSY_WAIT_S) as db:
                for asker, deed in deeds:
                    outcomes.append((asker, deed, self._attempt(deed, db)))
                for question in preparing:
                    self._prepared[question] = self._guard(lambda question=question: question.ask(db))  # type: ignore[misc]
                    with self._wake:
                        self._wake.notify_all()
                if not deeds:
                    for key, wish in reversed(wishes):
                        if self._wishes.get(key) is wish:
                            found.append((key, wish, self._answer(key, wish, db)))
        except StoreError:
            with self._wake:  # nothing was done: all of it is still to do
                self._deeds = [pair for pair in deeds if pair not in [(a, d) for a, d, _ in outcomes]] + self._deeds
                self._preparing = preparing + self._preparing
            raise
        finally:
            for asker, deed, outcome in outcomes:
                asker.post_message(_told(deed, outcome))
        self._set_mood(self._mood_of(store))
        if deeds:  # their journal is read by the next visit, so that the answers know of it
            self.refresh()
        for key, wish, value in found:
            self._tell(key, wish, value)
        self._visits += 1
        if self._visits % VISITS == 0:
            store.renew()

    def _open_store(self) -> Store:
        from workbench.store.connection import SMALL_MEMORY_BYTES
        from workbench.store.store import Store

        if self.read_only or self._full:
            return Store(self.project, read_only=True, threads=THREADS)  # in memory, as much as it takes
        return Store(self.project, threads=THREADS, memory_limit_bytes=SMALL_MEMORY_BYTES)

    def _answer(self, key: tuple[int, str], wish: Wish, db: Any) -> Any:
        if not wish.asked and wish.question in self._prepared:
            return self._prepared.pop(wish.question)
        self._answering = (key, time.monotonic())
        try:
            return self._guard(lambda: wish.question.ask(db))
        finally:
            self._answering = None

    def _attempt(self, deed: Deed, db: Any) -> Any:
        """What a deed returns, or its error as a value: that a disk is full is to be told, not to be tried again."""
        try:
            return self._guard(lambda: deed.do(self.project, db))
        except StoreInterruptedError:
            raise
        except StoreError as error:
            return error

    def _guard(self, act: Callable[[], Any]) -> Any:
        """What `act` returns, or the error that it raises as a value: one bad question does not stop the others."""
        try:
            return act()
        except StoreError:
            raise
        except WorkbenchError as error:
            return error
        except Exception as error:
            if type(error).__module__.partition(".")[0] in ("duckdb", "_duckdb"):
                raise  # the store says what it means
            return unexpected(error)

    def _tell(self, key: tuple[int, str], wish: Wish, value: Any) -> None:
        """Post the answer, unless it is the one that the asker has."""
        from workbench.tui.messages import Answered, Unanswered

        found = value
        if not isinstance(value, WorkbenchError):
            value = self._guard(lambda: wish.question.work(found))
        failed = value if isinstance(value, WorkbenchError) else None
        with self._wake:
            if self._wishes.get(key) is not wish:
                return
            if wish.asked and failed is None and wish.failed is None and wish.answer == value:
                wish.found = found
                return
            wish.asked, wish.found, wish.answer, wish.failed = True, found, value, failed
            if wish.once:
                del self._wishes[key]
        message = Unanswered(wish.slot, wish.question, failed) if failed else Answered(wish.slot, wish.question, value)
        with suppress(RuntimeError):
            wish.asker.post_message(message)

    def _fail_all(self, error: WorkbenchError) -> None:
        """Tell everyone who waits that the store cannot be read."""
        from workbench.tui.messages import NotPerformed

        with self._wake:
            waiting = [(key, wish) for key, wish in self._wishes.items() if not wish.asked]
            deeds, self._deeds = self._deeds, []
            self._preparing = []
        for asker, deed in deeds:
            asker.post_message(NotPerformed(deed, error))
        for key, wish in waiting:
            self._tell(key, wish, error)

    def _mood_of(self, store: Store) -> Mood:
        notices, store.notices = store.notices, []
        if self._full:
            return Mood("memory", self._full, "free some space, then open the app again")
        held = next((notice for notice in notices if "into memory" in notice), "")
        if held:
            return Mood("memory", held)
        if notices:
            return Mood("live", notices[0])
        return Mood()

    def _set_mood(self, mood: Mood) -> None:
        if mood != self.mood:
            self.mood = mood
            if self._on_mood is not None:
                self._on_mood(mood)


def unexpected(error: Exception) -> WorkbenchError:
    """An error of the product's own, as people are told of it."""
    return WorkbenchError(f"unexpected {type(error).__name__}: {error}", BUG_HINT)


def _told(deed: Deed, outcome: Any) -> Any:
    from workbench.tui.messages import NotPerformed, Performed

    return NotPerformed(deed, outcome) if isinstance(outcome, WorkbenchError) else Performed(deed, outcome)
