"""One process's way into a run's journals: opened when it is first needed, replaced after a fork."""

from __future__ import annotations

import threading

from workbench.base.errors import RefusedError
from workbench.journal.writer import JournalWriter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from workbench.base.project import Project
    from workbench.tracking.notices import Notices


class Channel:
    """Appends to a run from this process. Threads may share it.

    Args:
        project: where the run is stored; None records nothing.
        run_id: the run.
        notices: where trouble is said.
        durability: a level of the journal.
        on_open: called when a journal has been opened.

    Attributes:
        write: appends metrics, `write(values, step)`; it changes with the state, so take it anew for each call.
        write_one: the same for one metric, `write_one(name, value, step)`.
        owner: this process ends the run.
        ended: nothing more may be appended by the training.
    """

    def __init__(
        self,
        project: Project | None,
        run_id: str,
        notices: Notices,
        durability: str,
        on_open: Callable[[], None],
    ) -> None:
        self.project = project
        self.run_id = run_id
        self.durability = durability
        self.owner = False
        self.ended = False
        self._notices = notices
        self._on_open = on_open
        self._lock = threading.RLock()
        self._writer: JournalWriter | None = None
        self.write: Callable[[Mapping[str, float], int], None]
        self.write_one: Callable[[str, float, int], None]
        self._write_through(None)

    def open(self, role: str) -> JournalWriter | None:
        """The journal, opened in this role if it is not open; None where there is no project.

        Raises:
            RefusedError: the run has ended.
            StoreError: the journal cannot be created.
        """
        with self._lock:
            if self.ended:
                raise RefusedError("the run has ended; what is logged now is lost", "start or resume a run")
            if self._writer is None and self.project is not None:
                self._writer = JournalWriter(
                    self.project.journal_dir,
                    self.run_id,
                    role=role,
                    durability=self.durability,
                    on_error=self._notices.on_error,
                    warn=self._notices.say,
                )
                self.owner = role == "main"
                self._write_through(self._writer)
                self._on_open()
            return self._writer

    def append(self, events: Sequence[Mapping[str, object]], *, role: str = "worker", sync: bool = False) -> None:
        """Append events as one block.

        Raises:
            RefusedError: the run has ended.
            StoreError: the journal cannot be created, or with `on_error="raise"` not written.
        """
        writer = self.open(role)
        if writer is not None:
            writer.events(events, sync=sync)

    def emit(self, events: Sequence[Mapping[str, object]]) -> None:
        """Append what the background found, while the run is ending too; never opens a journal, never raises."""
        writer = self._writer
        try:
            if writer is not None and not writer.closed:
                writer.events(events)
        except Exception as error:
            self._notices.say(f"not recorded: {error}", "background")

    def emit_metrics(self, values: Mapping[str, float], step: int) -> None:
        """The same for metrics."""
        writer = self._writer
        try:
            if writer is not None and not writer.closed:
                writer.metrics(values, step)
        except Exception as error:
            self._notices.say(f"not recorded: {error}", "background")

    def refuse(self) -> bool:
        """Let the training append nothing more; False where it was so already."""
        with self._lock:
            before, self.ended = self.ended, True
            self._write_through(None)
        return not before

    def close(self, last: Mapping[str, object]) -> None:
        """Close the journal, after the event `last` if this process owns the run."""
        writer = self._writer
        if writer is not None:
            if self.owner:
                writer.events([last], sync=True)
            writer.close()

    def become_worker(self) -> None:
        """In a forked child: leave the parent's journal alone and open another when something is logged."""
        self._lock = threading.RLock()
        self._writer = None
        self.owner = False
        self._write_through(None)

    def _write_through(self, writer: JournalWriter | None) -> None:
        """Let `write` and `write_one` be the writer's own methods, so that a call passes through nothing else."""
        self.write = writer.metrics if writer else self._open_and_write
        self.write_one = writer.metric if writer else self._open_and_write_one

    def _open_and_write_one(self, name: str, value: float, step: int) -> None:
        self._open_and_write({name: value}, step)

    def _open_and_write(self, values: Mapping[str, float], step: int) -> None:
        writer = self.open("worker")
        if writer is not None:
            writer.metrics(values, step)
