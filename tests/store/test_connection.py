"""What DuckDB may use."""

from __future__ import annotations

import duckdb
import pytest

from tests.store.journals import log_run, statuses
from workbench.base.project import Project
from workbench.store.connection import SMALL_MEMORY_BYTES, connect, within_memory
from workbench.store.store import Store

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
