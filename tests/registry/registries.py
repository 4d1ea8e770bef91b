"""A project's registry as a program uses it: visits, and a journal that changes are written to."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from duckdb import DuckDBPyConnection as Connection

from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.registry.ledger import Ledger
from workbench.store.store import Store


class Registry:
    """One machine's view of a project.

    Attributes:
        written: every event that was written through it.
    """

    def __init__(self, project: Project, who: str | None = None) -> None:
        self.project = project
        self.ledger = Ledger(project, self.write, who=who)
        self.store = Store(project)
        self.written: list[dict[str, object]] = []
        self._journal = JournalWriter(project.journal_dir, None, role="meta", durability="process", on_error="raise")

    def visit(self) -> AbstractContextManager[Connection]:
        """An open visit, however long others take."""
        return self.store.reading(wait_s=60.0)

    def write(self, events: list[dict[str, object]]) -> None:
        """What the ledger writes with."""
        self._journal.events(events, sync=True)
        self.written += events

    def do(self, action: Callable[..., Any], *arguments: Any, **options: Any) -> Any:
        """Call a function that changes something, in a visit of its own."""
        with self.visit() as db:
            return action(db, self.ledger, *arguments, **options)

    def ask(self, question: Callable[..., Any], *arguments: Any) -> Any:
        """Call a function that only reads, in a visit of its own."""
        with self.visit() as db:
            return question(db, *arguments)

    def close(self) -> None:
        """Complete the journal and let go of the store."""
        self._journal.close()
        self.store.close()


def copy_journals(source: Project, target: Project) -> None:
    """Add what `source` holds to `target`, as a synchronised folder does."""
    for folder in ("live", "sealed"):
        path = f"/journal/{folder}"
        shutil.copytree(source.folder + path, target.folder + path, dirs_exist_ok=True)
