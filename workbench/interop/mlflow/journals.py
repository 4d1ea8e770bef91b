"""The journals of the runs that MLflow code of this process writes to, each opened when it is first needed."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from workbench.interop.mlflow.errors import as_mlflow, invalid, missing
from workbench.journal.edited import edited_ns
from workbench.journal.writer import JournalWriter

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.interop.mlflow.place import Place

Event = dict[str, object]
Point = tuple[str, float, int, int]

MAX_OPEN = 128
"""Journals that are open at a time. A server may write to thousands of runs; each open one is a descriptor."""


class RunJournals:
    """Writing to runs, with the check that a run is there and not deleted.

    A journal is `main`, so that the run counts as running while this process lives, where this process began the run,
    goes on with it or logs its numbers; who only adds a tag or a file to a run of others writes as a `worker`.

    Args:
        place: whose runs.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.RLock()
        self._open: OrderedDict[str, JournalWriter] = OrderedDict()
        self._checked: dict[str, int] = {}
        self._durability = "interval"

    def points(self, run_id: str, points: Iterable[Point]) -> None:
        """Append points `(name, value, step, microseconds)` to a run; when this returns, no kill can lose them.

        Raises:
            MlflowException: there is no such run, it is deleted, or nothing can be written.
        """
        self.check(run_id)
        with as_mlflow(), self._lock:
            self._writer(run_id, works=True).points(points)

    def events(self, run_id: str, events: Sequence[Event], *, sync: bool = False, works: bool = False) -> None:
        """Append events to a run that is known to be there.

        Args:
            works: this process works on the run, rather than adding something to what others do or did.

        Raises:
            MlflowException: they cannot be written.
        """
        if events:
            with as_mlflow(), self._lock:
                self._writer(run_id, works=works).events(events, sync=sync)

    def begin(self, run_id: str, events: Sequence[Event]) -> None:
        """Create a run with its first events, on the disk when this returns."""
        with as_mlflow(), self._lock:
            self._checked[run_id] = edited_ns(self._place.project.journal_dir)
            self._writer(run_id, works=True).events(events, sync=True)

    def check(self, run_id: str, db: Connection | None = None, *, deleted: bool = False) -> None:
        """Make sure that a run is there and not deleted; looks into the store only if somebody edited runs since.

        Args:
            deleted: a deleted one will do.

        Raises:
            MlflowException: RESOURCE_DOES_NOT_EXIST or INVALID_PARAMETER_VALUE, as MLflow's own stores say it.
        """
        edited = edited_ns(self._place.project.journal_dir)
        if self._checked.get(run_id) == edited:
            return
        with self._place.visit() as visited:
            rows = (db or visited).execute("SELECT deleted FROM run WHERE uid = ?", [run_id]).fetchall()
        if not rows:
            raise missing(f"Run with id={run_id} not found")
        if rows[0][0]:
            if deleted:
                return
            raise invalid(f"The run {run_id} must be in the 'active' state. Current state is deleted.")
        self._checked[run_id] = edited

    def end(self, run_id: str) -> None:
        """Complete this process's journal of a run, if it has one."""
        with as_mlflow(), self._lock:
            writer = self._open.pop(run_id, None)
            if writer is not None:
                writer.close()

    def close(self) -> None:
        """Complete all journals. What is written later is flushed with its events: no thread begins at the end."""
        with self._lock:
            self._durability = "process"
            while self._open:
                self._open.popitem()[1].close()

    def _writer(self, run_id: str, *, works: bool) -> JournalWriter:
        role = "main" if works and run_id != launched_run_id() else "worker"
        writer = self._open.get(run_id)
        if writer is not None and writer.role == "worker" and role == "main":
            writer.close()
        if writer is None or writer.closed:
            writer = JournalWriter(
                self._place.project.journal_dir, run_id, role=role, durability=self._durability, on_error="raise"
            )
            self._open[run_id] = writer
            self._open.move_to_end(run_id)
            if len(self._open) > MAX_OPEN:
                self._close_one()
        else:
            self._open.move_to_end(run_id)
        return writer

    def _close_one(self) -> None:
        """Complete the journal that was idle longest, of a run of others if possible: ours would seem to have died."""
        of_others = (run_id for run_id, writer in self._open.items() if writer.role == "worker")
        self._open.pop(next(of_others, next(iter(self._open)))).close()


def launched_run_id() -> str | None:
    """The run that `workbench run` started this process for; it owns that run's beginning and end."""
    import os

    from workbench.base.ids import is_run_id

    given = os.environ.get("WORKBENCH_RUN_ID", "")
    return given if is_run_id(given) else None
