"""A ledger for as long as it takes to do something: a command, a call of the SDK."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from workbench.base.project import Project
from workbench.registry.ledger import Ledger
from workbench.store.writing import project_journal


@contextmanager
def open_ledger(project: Project, *, who: str | None = None) -> Iterator[Ledger]:
    """A ledger whose journal is made by the first event and completed at the end of the block.

    Args:
        who: in whose name; default who this process belongs to.
    """
    with project_journal(project) as journal:
        yield Ledger(project, journal.write, who=who)
