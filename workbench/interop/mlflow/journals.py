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

    Args:
        place: whose runs.
    """

    def __init__(self, place: Place) -> None:
        self._place = place
        self._lock = threading.RLock()
        self._open: OrderedDict[str, JournalWriter] = OrderedDict()
        self._checked: dict[str, int] = {}

    def points(self, run_id: str, points: Iterable[Point]) -> None:
        """Append points `(name, value, step, microseconds)` to a run; when this returns, no kill can lose them.

        Raises:
            MlflowException: there is no such run, it is deleted, or nothing can be written.
        """
        self.check(run_id)
        with as_mlflow(), self._lock:
            self._writer(run_id).points(points)

    def events(self, run_id: str, events: Sequence[Event], *, sync: bool = False) -> None:
        """Append events to a run that is known to be there.

        Raises:
            MlflowException: they cannot be written.
        """
        if events:
            with as_mlflow(), self._lock:
                self._writer(run_id).events(events, sync=sync)

    def begin(self, run_id: str, events: Sequence[Event]) -> None:
        """Create a run with its first events, on the disk when this returns."""
        with as_mlflow(), self._lock:
            self._checked[run_id] = edited_ns(self._place.project.journal_dir)
            self._writer(run_id).events(events, sync=True)

    def check(self, run_id: str, db: Connection | None = None) -> None:
        """Make sure that a run is there and not deleted; looks into the store only if somebody edited runs since.

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
            raise invalid(f"The run {run_id} must be in the 'active' state. Current state is deleted.")
        self._checked[run_id] = edited

    def end(self, run_id: str) -> None:
        """Complete this process's journal of a run, if it has one."""
        with as_mlflow(), self._lock:
            writer = self._open.pop(run_id, None)
            if writer is not None:
                writer.close()

    def close(self) -> None:
        """Complete all journals."""
        with self._lock:
            while self._open:
                self._open.popitem()[1].close()

    def _writer(self, run_id: str) -> JournalWriter:
        writer = self._open.get(run_id)
        if writer is None or writer.closed:
            role = "worker" if run_id == launched_run_id() else "main"
            writer = JournalWriter(self._place.project.journal_dir, run_id, role=role, on_error="raise")
            self._open[run_id] = writer
            if len(self._open) > MAX_OPEN:
                self._open.popitem(last=False)[1].close()
        else:
            self._open.move_to_end(run_id)
        return writer


def launched_run_id() -> str | None:
    """The run that `workbench run` started this process for; it owns that run's beginning and end."""
    import os

    from workbench.base.ids import is_run_id

    given = os.environ.get("WORKBENCH_RUN_ID", "")
    return given if is_run_id(given) else None
