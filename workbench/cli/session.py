"""Which project this command line is about, and visits to its store."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError
from workbench.base.project import Project, find_project, require_project
from workbench.cli import console

if TYPE_CHECKING:
    from workbench.registry.ledger import Ledger
    from workbench.store.store import Store

_start: str | None = None


def start_in(path: str | None) -> None:
    """Work as if started in `path`, as `git -C` does; None keeps the working directory and `WORKBENCH_DIR`.

    Raises:
        InputError: there is no such folder.
    """
    global _start
    _start = None
    if path is None:
        return
    try:
        os.chdir(path)
    except OSError as error:
        raise InputError(f"cannot work in {path}: {(error.strerror or str(error)).lower()}") from None
    _start = os.curdir


def start() -> str | None:
    """Where `-C` points, else None."""
    return _start


def project() -> Project:
    """The project; ProjectNotFoundError where there is none."""
    return require_project(_start)


def project_if_any() -> Project | None:
    """The project, or None."""
    return find_project(_start)


def store() -> Store:
    """The project's store."""
    from workbench.store.store import Store

    return Store(project())


@contextmanager
def reading(visited: Store | None = None) -> Iterator[Any]:
    """A visit to the store: the connection that query functions take.

    Nothing is drawn during a visit, for others wait for its end. What the store has to say about its state goes to
    stderr afterwards.
    """
    visited = visited or store()
    from workbench.store.visit import reading_anyhow

    try:
        with reading_anyhow(visited) as db:
            yield db
    finally:
        while visited.notices:
            console.note(f"note: {visited.notices.pop(0)}")


@contextmanager
def ledger() -> Iterator[Ledger]:
    """Where what is done to models is recorded; its journal is complete at the end of the block."""
    from workbench.registry.writing import open_ledger

    with open_ledger(project()) as opened:
        yield opened


@contextmanager
def governing() -> Iterator[tuple[Any, Ledger]]:
    """A visit to the store and a ledger: what is found out and what is recorded in the block belong together."""
    with ledger() as opened, reading() as db:
        yield db, opened
