"""One import at a time, and several processes for a large one."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from typing import TypeVar

from workbench.base.project import Project
from workbench.interop.intake.sealed import remove_leftovers
from workbench.store.lock import store_lock

T = TypeVar("T")

MAX_PROCESSES = 8
_LOCK = ".import.lock"
_LOCK_WAIT_S = 2.0


@contextmanager
def importing(project: Project) -> Iterator[None]:
    """Hold the project's lock for imports of any kind: two at once would each find a run missing and bring it.

    Raises:
        StoreBusyError: another import is running.
        StoreError: the lock cannot be made.
    """
    with store_lock(os.path.join(project.journal_dir, _LOCK), _LOCK_WAIT_S):
        remove_leftovers(project)
        yield


def processes() -> int:
    """How many processes may work at once: two for each core, of which one waits for the disk."""
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS
        cores = os.cpu_count() or 1
    return min(2 * cores, MAX_PROCESSES)


def spread(work: Callable[..., T], parts: Sequence[tuple[object, ...]]) -> Iterator[T]:
    """What `work` returns for each part, in any order, by several fresh processes.

    Raises: what `work` raises.
    """
    context = multiprocessing.get_context("spawn")  # the process may have threads and an open DuckDB
    with ProcessPoolExecutor(processes(), mp_context=context, initializer=_begin_worker) as pool:
        futures = [pool.submit(work, *part) for part in parts]
        try:
            for future in as_completed(futures):
                yield future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _begin_worker() -> None:
    """A worker leaves Ctrl-C to the process that started it, and ends when that one does, however it does."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(1)
