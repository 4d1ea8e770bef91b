"""A project as MLflow code uses it: visits to the store, and journals that stay open as long as the process.

MLflow keeps one store object for the life of a process, uses it from several threads and takes it across forks. So
there is one `Place` for each project of a process, which a forked child makes anew.
"""

from __future__ import annotations

import atexit
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, TypeVar, cast

from workbench.base.project import Project
from workbench.interop.mlflow.errors import as_mlflow
from workbench.interop.mlflow.journals import RunJournals
from workbench.interop.mlflow.uri import project_of
from workbench.journal.writer import JournalWriter
from workbench.store.file import Version
from workbench.store.store import Store
from workbench.store.visit import reading_anyhow

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Event = dict[str, object]
T = TypeVar("T")

WAIT_S = 30.0
"""How long to wait for another visitor: a training had better be late than fail. MLflow on SQLite waits for 20 s."""


class Place:
    """See the module. Safe to share between threads.

    Attributes:
        project: whose store it is.
        journals: the journals of runs that this process writes.
    """

    def __init__(self, project: Project) -> None:
        self.project = project
        self._begin()

    def _begin(self) -> None:
        self._lock = threading.RLock()
        self._store = Store(self.project, threads=1)
        self._edits: JournalWriter | None = None
        self._visit: Connection | None = None
        self._remembered: tuple[Version | None, dict[object, object]] = (None, {})
        self.journals = RunJournals(self)

    @contextmanager
    def visit(self) -> Iterator[Connection]:
        """A connection to the store with everything that was logged so far, by any process.

        Nobody else writes to the store meanwhile, so what is read here may decide what `edit` and the journals
        write before the block ends. A visit within a visit of the same thread is the same one, and sees what was
        there when that began.

        Raises:
            MlflowException: the store cannot be read.
        """
        with self._lock:
            if self._visit is not None:
                yield self._visit
                return
            with as_mlflow(), reading_anyhow(self._store, WAIT_S) as db:
                self._visit = db
                try:
                    yield db
                finally:
                    self._visit = None

    def remembered(self, key: object, read: Callable[[], T]) -> T:
        """What `read` makes of the store in this visit, or made of it in an earlier one if nothing was written since.

        Args:
            key: stands for `read` and what it depends on besides the store.
            read: its result is shared by all who ask; nobody changes it.
        """
        version = self._store.version
        if version is None:
            return read()
        if version != self._remembered[0]:
            self._remembered = (version, {})
        known = self._remembered[1]
        if key not in known:
            known[key] = read()
        return cast(T, known[key])

    def edit(self, events: Sequence[Event]) -> None:
        """Write events of the project as one block, all or none; they are on the disk when it returns.

        Raises:
            MlflowException: they cannot be written.
        """
        if not events:
            return
        with self._lock, as_mlflow():
            if self._edits is None or self._edits.closed:
                self._edits = JournalWriter(
                    self.project.journal_dir, None, role="meta", durability="process", on_error="raise"
                )
            self._edits.events(events, sync=True)

    def close(self) -> None:
        """Complete the journals and let go of the store; what comes later opens them anew."""
        with self._lock:
            self.journals.close()
            if self._edits is not None:
                self._edits.close()
                self._edits = None
            self._store.close()

    def before_fork(self) -> None:
        """Wait for visits of other threads, and let go of DuckDB: a child that collected it would crash."""
        self._lock.acquire()
        if self._visit is None:
            self._store.close()

    def after_fork(self) -> None:
        """In the parent: go on."""
        self._lock.release()

    def become_child(self) -> None:
        """In the child: begin anew. What a visit that this thread is in holds must never be collected here."""
        if self._visit is not None:
            _left_to_the_parent.append((self._store, self._visit))
        self._begin()


_places: dict[str, Place] = {}
_guard = threading.Lock()
_paused: list[Place] = []
_left_to_the_parent: list[object] = []


def place_of(uri: str) -> Place:
    """The place that a store URI names.

    Raises: as `project_of`.
    """
    return place_at(project_of(uri))


def place_at(project: Project) -> Place:
    """The place of a project, the same for all of the process."""
    root = os.path.realpath(project.root)
    with _guard:
        if root not in _places:
            _places[root] = Place(project)
        return _places[root]


def _close_all() -> None:
    for place in list(_places.values()):
        with suppress(Exception):  # the process ends: journals are complete without it
            place.close()


def _before_fork() -> None:
    _guard.acquire()
    for place in _places.values():
        place.before_fork()
        _paused.append(place)


def _after_fork() -> None:
    while _paused:
        _paused.pop().after_fork()
    _guard.release()


def _begin_anew_in_child() -> None:
    global _guard
    _guard = threading.Lock()
    _paused.clear()
    for place in _places.values():
        place.become_child()


atexit.register(_close_all)
os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_begin_anew_in_child)
