"""The runs that a command line names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.cli import session
from workbench.output.cells import visible


@dataclass(frozen=True)
class ChosenRun:
    """A run that a command line names.

    Attributes:
        uid: the run's full id.
        name: its name.
    """

    uid: str
    name: str

    def __str__(self) -> str:
        return f"{visible(self.name)} ({self.uid[:8]})"


def chosen_runs(references: Sequence[str], *, deleted: bool = False) -> list[ChosenRun]:
    """The runs that the references name, each once; nothing is done to any of them unless all can be found.

    Args:
        references: ids, prefixes, names, @latest.
        deleted: look in the trash as well.

    Raises:
        RunNotFoundError, AmbiguousNameError: a reference names no run, or several.
    """
    store = session.store()
    from workbench.store.runs import resolve_runs, run_documents

    with session.reading(store) as db:
        documents = run_documents(db, resolve_runs(db, references, deleted=deleted))
    return [ChosenRun(document["run_id"], document["name"]) for document in documents]


def runs_in_trash() -> list[ChosenRun]:
    """Every run in the trash, newest first."""
    store = session.store()
    from workbench.store.runs import RunQuery, list_runs

    with session.reading(store) as db:
        page = list_runs(db, RunQuery(columns=("attributes.name",), deleted=True))
    return [ChosenRun(uid, str(name)) for uid, (name,) in zip(page.run_ids, page.rows, strict=True)]
