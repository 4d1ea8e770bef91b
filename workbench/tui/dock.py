"""The dock: the threads that talk to the Docker engine, so that neither the screen nor the store waits for it.

One thread looks every two seconds at what runs, while a screen shows it (`watch`). What people do with the engine, an
`Errand`, has a thread of its own, for it may take minutes; so has what reads data, which needs no engine. The dock
visits the store through the desk: it borrows a visit (`governing`), which is short; none is open while Docker works.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from workbench.base.errors import StoreInterruptedError, WorkbenchError
from workbench.base.project import Project
from workbench.tui.asking import Asker
from workbench.tui.desk import Desk, unexpected

if TYPE_CHECKING:
    from workbench.packaging.building import Progress
    from workbench.packaging.engine import Engine
    from workbench.packaging.rates import Recent
    from workbench.packaging.watching import Row
    from workbench.tui.questions.engine import Looks

INTERVAL_S = 2.0
"""How often the engine is looked at."""
PATIENCE_S = 5.0
"""How long the end of the app waits for what was given up."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What the engine said at the last look.

    Attributes:
        rows: containers of deployments.
        present: ids of the images that it has; None where it did not answer.
        recent: what servers were asked in the last minute, by ids of containers.
        error: why it did not answer; None where it did.
    """

    rows: tuple[Row, ...] = ()
    present: frozenset[str] | None = None
    recent: Mapping[str, Recent] = field(default_factory=dict)
    error: WorkbenchError | None = None


class Task(Protocol):
    """Something that takes a while; with the engine, unless it has a `NEEDS_ENGINE` that is False."""

    @property
    def WRITES(self) -> bool:  # noqa: N802  (of the class, as deeds have it)
        """Whether it changes something."""

    @property
    def title(self) -> str:
        """What is under way, such as `stop fraud`."""

    def do(self, engine: Any, errand: Errand) -> Any:
        """Do it, in a thread of its own; returns what `ErrandDone` carries. `engine` is None where it needs none.

        Raises:
            WorkbenchError: it could not be done.
        """


class Errand:
    """A task under way.

    Attributes:
        task: what is done.
        cancelled: set to have it given up, where the task heeds it.
        waits: whether it goes on only when somebody agrees.
    """

    def __init__(self, task: Task, asker: Asker, dock: Dock) -> None:
        self.task = task
        self.cancelled = threading.Event()
        self.waits = False
        self._asker = asker
        self._dock = dock

    @property
    def project(self) -> Project:
        """Whose images."""
        return self._dock.project

    def governing(self) -> Any:
        """A visit to the store with a ledger, as functions of `packaging` take it."""
        return self._dock.governing()

    def reading(self) -> AbstractContextManager[Any]:
        """A visit to the store."""
        return self._dock.reading()

    def say(self, stage: str, text: str) -> None:
        """Tell the asker what is done."""
        from workbench.tui.messages import ErrandSaid

        self.tell(ErrandSaid(self, stage, text))

    def listen(self, progress: Progress) -> None:
        """Tell the asker a line of the engine."""
        from workbench.tui.messages import ErrandHeard

        self.tell(ErrandHeard(self, progress))

    def tell(self, message: Any) -> None:
        """Post a message to the asker, unless it is gone."""
        with suppress(RuntimeError):
            self._asker.post_message(message)


class Dock:
    """The engine's threads.

    Args:
        desk: visits the store.
        interval_s: seconds between looks.

    Attributes:
        seen: what the last look has shown; None before the first.
    """

    def __init__(self, desk: Desk, *, interval_s: float = INTERVAL_S) -> None:
        self.seen: Seen | None = None
        self._desk = desk
        self._interval_s = interval_s
        self._wake = threading.Condition()
        self._watchers: dict[int, Asker] = {}
        self._errands: dict[Errand, threading.Thread] = {}
        self._closing = False
        self._look_now = False
        self._busy = False
        self._looking: threading.Thread | None = None

    @property
    def project(self) -> Project:
        """Whose images."""
        return self._desk.project

    @property
    def idle(self) -> bool:
        """Whether nothing is under way, and whoever watches has seen something."""
        with self._wake:
            under_way = [errand for errand in self._errands if not errand.waits]
            return not (under_way or self._look_now or self._busy or (self._watchers and self.seen is None))

    def close(self) -> None:
        """Give up what can be given up, and wait for it a little."""
        with self._wake:
            self._closing = True
            self._watchers.clear()
            errands = dict(self._errands)
            self._wake.notify_all()
        for errand in errands:
            errand.cancelled.set()
        deadline = time.monotonic() + PATIENCE_S
        for thread in errands.values():
            thread.join(timeout=max(0.0, deadline - time.monotonic()))

    # looking

    def watch(self, asker: Asker) -> None:
        """Have an asker hear `EngineSeen` soon, and then again and again."""
        with self._wake:
            self._watchers[id(asker)] = asker
            self._look_now = True
            if self._looking is None and not self._closing:
                self._looking = threading.Thread(target=self._look_on, name="workbench-dock", daemon=True)
                self._looking.start()
            self._wake.notify_all()

    def forget(self, asker: Asker) -> None:
        """Tell an asker nothing any more."""
        with self._wake:
            self._watchers.pop(id(asker), None)

    def refresh(self) -> None:
        """Look now, if anybody watches."""
        with self._wake:
            self._look_now = bool(self._watchers)
            self._wake.notify_all()

    def _look_on(self) -> None:
        from workbench.tui.questions.engine import Looks

        looks = Looks()
        engine: Engine | None = None
        while True:
            with self._wake:
                if not (self._look_now or self._closing):
                    self._wake.wait(self._interval_s if self._watchers else None)
                if self._closing:
                    break
                watchers, self._look_now = list(self._watchers.values()), False
                self._busy = True
            if watchers:
                try:
                    engine = engine or _connect()
                    self.seen = _look(looks, engine, self.project)
                except Exception as error:
                    _closed(engine)
                    engine = None
                    self.seen = Seen(error=error if isinstance(error, WorkbenchError) else unexpected(error))
                self._tell(watchers)
            with self._wake:
                self._busy = False
        _closed(engine)

    def _tell(self, watchers: list[Asker]) -> None:
        from workbench.tui.messages import EngineSeen

        assert self.seen is not None
        for asker in watchers:
            with suppress(RuntimeError):
                asker.post_message(EngineSeen(self.seen))

    # doing

    def begin(self, asker: Asker, task: Task) -> Errand:
        """Do something; the asker hears `ErrandSaid` and `ErrandHeard`, then `ErrandDone` or `ErrandFailed`."""
        errand = Errand(task, asker, self)
        thread = threading.Thread(target=self._do, args=[errand], name="workbench-errand", daemon=True)
        with self._wake:
            self._errands[errand] = thread
        thread.start()
        return errand

    def _do(self, errand: Errand) -> None:
        from workbench.tui.messages import ErrandDone, ErrandFailed

        engine: Engine | None = None
        message: Any
        try:
            engine = _connect() if getattr(errand.task, "NEEDS_ENGINE", True) else None
            message = ErrandDone(errand, errand.task.do(engine, errand))
        except WorkbenchError as error:
            message = ErrandFailed(errand, error)
        except Exception as error:
            message = ErrandFailed(errand, unexpected(error))
        finally:
            _closed(engine)
        errand.tell(message)
        with self._wake:
            self._errands.pop(errand, None)
            self._look_now = bool(self._watchers)
            self._wake.notify_all()

    # the store

    @contextmanager
    def governing(self) -> Iterator[tuple[Any, Any]]:
        """A visit of the desk's with a ledger, for as long as the block lasts. The desk does nothing else meanwhile.

        Raises:
            StoreError: the store cannot be visited; StoreInterruptedError: the app ends.
        """
        from workbench.tui.questions.engine import ledger

        loan = Loan()
        self._desk.perform(loan, loan)
        with ledger(self.project) as opened, loan.taken(self._desk) as db:
            yield db, opened

    @contextmanager
    def reading(self) -> Iterator[Any]:
        """A visit of the desk's, for as long as the block lasts. Raises as `governing`."""
        loan = Loan()
        self._desk.perform(loan, loan)
        with loan.taken(self._desk) as db:
            yield db


class Loan:
    """A visit of the desk's that another thread uses: a deed that lasts as long as it does, and who hears of it."""

    def __init__(self) -> None:
        self._given = threading.Event()
        self._back = threading.Event()
        self._db: Any = None
        self._error: WorkbenchError | None = None

    def do(self, project: Project, db: Any) -> None:
        """Called by the desk: lend the visit, and wait until it is given back."""
        self._db = db
        self._given.set()
        self._back.wait()

    def post_message(self, message: Any) -> bool:
        """Called by the desk: it is over, or there will be no visit."""
        self._error = getattr(message, "error", None)
        self._given.set()
        return True

    @contextmanager
    def taken(self, desk: Desk) -> Iterator[Any]:
        """The visit."""
        try:
            while not self._given.wait(0.1):
                if not desk.is_open:
                    raise StoreInterruptedError("the app ends")
            if self._db is None:
                raise self._error or StoreInterruptedError("the app ends")
            yield self._db
        finally:
            self._back.set()


def _connect() -> Engine:
    from workbench.tui.questions.engine import connect

    return connect()


def _look(looks: Looks, engine: Engine, project: Project) -> Seen:
    return looks.look(engine, project)


def _closed(engine: Engine | None) -> None:
    """Let go of an engine, if there is one."""
    if engine is not None:
        with suppress(Exception):  # it is gone already
            engine.close()
