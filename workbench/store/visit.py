"""One visit to the store from a process that goes on doing other things: training, a notebook."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from workbench.base.errors import DiskFullError
from workbench.base.project import Project
from workbench.store.store import WAIT_S, Store

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


@contextmanager
def reading_anyhow(store: Store, wait_s: float = WAIT_S) -> Iterator[Connection]:
    """`store.reading()`; where no space is left for what is new, everything is read into memory instead.

    What is said about it goes to `store.notices`.

    Args:
        wait_s: how long to wait for another visitor.

    Raises: as `Store.reading`, but not DiskFullError for the store's own folder.
    """
    with ExitStack() as stack:
        try:
            db = stack.enter_context(store.reading(wait_s=wait_s))
        except DiskFullError as error:
            memory = stack.enter_context(Store(store.project, read_only=True))
            db = stack.enter_context(memory.reading())
            notices = [f"{error.message}; reading the journals into memory instead", *memory.notices]
            store.notices += [notice for notice in notices if notice not in store.notices]
        yield db


@contextmanager
def visit(project: Project, on_notice: Callable[[str], None] | None = None) -> Iterator[Connection]:
    """A connection to the store, everything in the journals folded in, that is closed at the end of the block.

    It is closed rather than left to the garbage collector: a process that forks with an open connection
    in a reference cycle (a caught exception makes one) crashes when the child collects it.

    Args:
        on_notice: receives what the store has to say, one sentence a call.

    Raises: as `Store.reading`.
    """
    with Store(project) as store:
        with reading_anyhow(store) as db:
            yield db
        if on_notice is not None:
            for notice in store.notices:
                on_notice(notice)
