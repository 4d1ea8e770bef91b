"""Writing what monitors are and find: events of entities, on the disk when a call returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.store.entities import Event, entity_events


class Pen:
    """Writes fields of entities to one journal, which is made by the first of them."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._writer: JournalWriter | None = None

    def write(self, *changes: tuple[str, str, Mapping[str, object]], after_us: int = 0) -> None:
        """Set fields, all of them or none.

        Args:
            changes: kind, id and fields of entities; None removes a field.
            after_us: the time of what they replace, which they are later than.

        Raises:
            StoreError: the journal cannot be written.
        """
        events: list[Event] = []
        for kind, entity_id, fields in changes:
            events += entity_events(kind, entity_id, dict(fields), after_us)
        if self._writer is None:
            self._writer = JournalWriter(
                self._project.journal_dir, None, role="meta", durability="process", on_error="raise"
            )
        self._writer.events(events, sync=True)

    def close(self) -> None:
        """Complete the journal."""
        if self._writer is not None:
            self._writer.close()


@contextmanager
def writing(project: Project) -> Iterator[Pen]:
    """A pen for as long as it takes to do something."""
    pen = Pen(project)
    try:
        yield pen
    finally:
        pen.close()
