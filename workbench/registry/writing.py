"""A ledger for as long as it takes to do something: a command, a call of the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.registry.ledger import Event, Ledger


@contextmanager
def open_ledger(project: Project, *, who: str | None = None) -> Iterator[Ledger]:
    """A ledger whose journal is made by the first event and completed at the end of the block.

    Args:
        who: in whose name; default who this process belongs to.
    """
    writers: list[JournalWriter] = []

    def write(events: list[Event]) -> None:
        if not writers:
            writers.append(
                JournalWriter(project.journal_dir, None, role="meta", durability="process", on_error="raise")
            )
        writers[0].events(events, sync=True)

    try:
        yield Ledger(project, write, who=who)
    finally:
        for writer in writers:
            writer.close()
