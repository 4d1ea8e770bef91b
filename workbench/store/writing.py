"""Writing what belongs to no run: edits, models, datasets, checks, monitors. On the disk when a call returns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.store.entities import entity_events


class ProjectJournal:
    """A journal of the project as a whole, which is made by the first event.

    Args:
        project: whose.
    """

    def __init__(self, project: Project) -> None:
        self._project = project
        self._writer: JournalWriter | None = None

    def write(self, events: Sequence[Mapping[str, object]]) -> None:
        """Append events, all of them or none.

        Raises:
            StoreError: the journal cannot be written.
        """
        if not events:
            return
        if self._writer is None:
            self._writer = JournalWriter(
                self._project.journal_dir, None, role="meta", durability="process", on_error="raise"
            )
        self._writer.events([dict(event) for event in events], sync=True)

    def set_fields(self, *changes: tuple[str, str, Mapping[str, object]], after_us: int = 0) -> None:
        """Set fields of entities, all of them or none.

        Args:
            changes: kind, id and fields of entities; None removes a field.
            after_us: the time of what they replace, which they are later than; microseconds since the epoch.

        Raises:
            StoreError: the journal cannot be written.
        """
        self.write([e for kind, key, fields in changes for e in entity_events(kind, key, dict(fields), after_us)])

    def close(self) -> None:
        """Complete the journal, where there is one."""
        if self._writer is not None:
            self._writer.close()


@contextmanager
def project_journal(project: Project) -> Iterator[ProjectJournal]:
    """A journal for as long as it takes to do something: a command, a call of the SDK."""
    journal = ProjectJournal(project)
    try:
        yield journal
    finally:
        journal.close()


def write_events(project: Project, events: Sequence[Mapping[str, object]]) -> None:
    """Write events to a journal of their own; nothing happens where there are none.

    Raises:
        StoreError: it cannot be written; nothing of it is.
    """
    with project_journal(project) as journal:
        journal.write(events)
