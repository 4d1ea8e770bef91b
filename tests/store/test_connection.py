"""What DuckDB may use."""

from __future__ import annotations

import ctypes

import duckdb
import pytest

from tests.store.journals import log_run, statuses
from workbench.base.project import Project
from workbench.store.connection import SMALL_MEMORY_BYTES, connect, within_memory
from workbench.store.store import Store

JOIN = "SELECT count(*) FROM range(2000) a(i) JOIN range(2000) b(i) USING (i)"
LARGE = "SELECT length(list(i)) FROM range(10_000_000) r(i)"  # a list does not spill


@pytest.mark.parametrize("read_only", [False, True])
def test_a_store_uses_no_more_than_it_may(project: Project, read_only: bool) -> None:
    uid = log_run(project)
    with (
        Store(project, read_only=read_only, threads=1, memory_limit_bytes=SMALL_MEMORY_BYTES) as store,
        store.reading() as db,
    ):
        assert db.execute("SELECT uid FROM run").fetchall() == [(uid,)]
        settings = db.execute("SELECT current_setting('threads'), current_setting('memory_limit')").fetchall()
        assert settings == [(1, "61.0 MiB")]


def test_what_needs_more_memory_than_the_limit_gets_it_once() -> None:
    with connect(memory_limit_bytes=SMALL_MEMORY_BYTES) as db:
        with pytest.raises(duckdb.OutOfMemoryException):
            db.execute(LARGE)
        assert within_memory(db, lambda: db.execute(LARGE).fetchall()) == [(10_000_000,)]
        with pytest.raises(duckdb.OutOfMemoryException):
            db.execute(LARGE)
        with pytest.raises(duckdb.CatalogException):
            within_memory(db, lambda: db.execute("FROM missing"))


def test_journals_larger_than_the_limit_are_ingested(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    uids = [log_run(project, params={"text": "x" * 3_000_000}) for _ in range(8)]
    with Store(project, threads=1, memory_limit_bytes=8_000_000) as store:
        assert statuses(store) == dict.fromkeys(uids, "finished")


def test_what_visits_leave_in_memory_goes_when_the_store_is_renewed(project: Project) -> None:
    log_run(project)
    with Store(project, threads=1, memory_limit_bytes=SMALL_MEMORY_BYTES) as store:

        def visits() -> int:
            for _ in range(5):
                with store.reading() as db:
                    for _ in range(80):
                        assert db.execute(JOIN).fetchall() == [(2000,)]
            store.renew()
            return _allocated_bytes()

        sizes = [visits() for _ in range(5)]
    assert sizes[-1] - sizes[1] < 1_000_000, sizes


def test_a_renewed_store_reads_on(project: Project) -> None:
    with Store(project, threads=1, memory_limit_bytes=SMALL_MEMORY_BYTES) as store:
        store.renew()
        first = log_run(project)
        assert statuses(store) == {first: "finished"}
        store.renew()
        second = log_run(project)
        assert statuses(store) == {first: "finished", second: "finished"}


class _Mallinfo2(ctypes.Structure):
    """What glibc says of its heap: see mallinfo(3)."""

    _names = "arena ordblks smblks hblks hblkhd usmblks fsmblks uordblks fordblks keepcost"
    _fields_ = [(name, ctypes.c_size_t) for name in _names.split()]


def _allocated_bytes() -> int:
    """What this process has allocated in all of glibc's heaps."""
    try:
        mallinfo2 = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError, TypeError):
        pytest.skip("no glibc 2.33 or newer")
    mallinfo2.restype = _Mallinfo2
    return int(mallinfo2().uordblks)
