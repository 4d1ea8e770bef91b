"""Visits that get an answer on a full disk and from a damaged file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.store.journals import fill, log_run, small_disk
from workbench.base.project import Project, create_project
from workbench.store.maintenance import measure_size
from workbench.store.sql import ask
from workbench.store.store import Store
from workbench.store.visit import reading_anyhow, visit


def test_a_full_disk_is_read_from_memory_and_said_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = create_project(str(tmp_path / "project"))
    uid = log_run(project, steps=3)
    with small_disk(tmp_path / "disk", 1024) as disk:
        monkeypatch.setenv("WORKBENCH_CACHE_DIR", str(disk))
        fill(disk)
        store = Store(project)
        with reading_anyhow(store) as db:
            assert db.execute("SELECT run_id FROM runs").fetchall() == [(uid,)]
        assert [notice.endswith("reading the journals into memory instead") for notice in store.notices] == [True]
        assert ask(store, "SELECT count(*) AS n FROM metrics") == (["n"], [(3,)])
        assert measure_size(store).points == 3
        assert len(store.notices) == 1


@pytest.mark.parametrize("damage", ["flipped", "truncated"])
def test_a_damaged_file_is_set_aside_and_built_anew(project: Project, damage: str) -> None:
    uid = log_run(project, steps=3)
    store = Store(project)
    store.ingest()
    store.close()
    path = store.visible_path()
    assert path is not None
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        if damage == "truncated":
            file.truncate(size // 3)
        else:
            for position in range(12288 + 100, size, 4096):
                file.seek(position)
                file.write(b"\xff\x00\xff")
    notices: list[str] = []
    with visit(project, notices.append) as db:
        assert db.execute("SELECT run_id FROM runs").fetchall() == [(uid,)]
    assert len(notices) == 1 and "built anew" in notices[0]
    with visit(project, notices.append) as db:
        assert db.execute("SELECT count(*) FROM metrics").fetchall() == [(3,)]
    assert len(notices) == 1
