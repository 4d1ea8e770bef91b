"""Two stores become one by copying files, in either order (failure case 11)."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import START_US, FakeClock
from tests.store.journals import (
    HERE,
    JournalText,
    assert_same,
    assert_summaries_recompute,
    catch_up,
    edit,
    empty_store,
    fresh_snapshot,
    log_run,
    snapshot,
    statuses,
)
from workbench.base.project import Project, create_project
from workbench.store.blobs import BlobStore
from workbench.store.pack import pack
from workbench.store.purge import plan_purge, purge
from workbench.store.store import Store

SHARED = ("journal/live", "journal/sealed", "segments", "blobs/sha256")


def union(source: Project, target: Project) -> None:
    """Copy what `target` does not have, as rsync, Syncthing or a push does; a longer journal replaces a shorter one."""
    for shared in SHARED:
        for folder, _, names in os.walk(os.path.join(source.folder, shared)):
            for name in names:
                path = os.path.join(folder, name)
                to = os.path.join(target.folder, os.path.relpath(path, source.folder))
                if not os.path.exists(to) or os.path.getsize(to) < os.path.getsize(path):
                    os.makedirs(os.path.dirname(to), exist_ok=True)
                    shutil.copy2(path, to)


@pytest.fixture
def stores(tmp_path: Path, clock: FakeClock) -> tuple[Project, Project]:
    """Two that share a run, have edited it differently, and have runs of their own."""
    one, two = create_project(str(tmp_path / "one")), create_project(str(tmp_path / "two"))
    shared = JournalText("a" * 32, host="elsewhere").start().metrics({"loss": 1.0}, 0)
    shared.event("param", START_US, name="lr", value=0.1)
    shared.write(one, folder="live")
    shared.metrics({"loss": 0.5}, 1).event("end", START_US + 9, status="finished").event("seal", START_US + 10)
    shared.write(two, folder="sealed")
    for project in (one, two):
        log_run(project, params={"where": project.name})
        clock.advance(5)
        edit(project, "a" * 32, "note", f"of {project.name}")
        edit(project, "a" * 32, "starred", "true" if project is one else "false")
        BlobStore(project).put_bytes(b"common")
        BlobStore(project).put_bytes(project.name.encode())
        Store(project).ingest()
    packed = log_run(one, steps=7)
    assert packed
    pack(one, older_than_days=-1)
    gone = log_run(two)
    union(two, one)
    edit(two, gone, "deleted", "true")
    purge(Store(two), plan_purge(Store(two), [gone]))
    return one, two


def test_a_union_is_the_same_in_both_orders(stores: tuple[Project, Project], tmp_path: Path) -> None:
    snapshots = []
    for number, order in enumerate((stores, stores[::-1])):
        merged = create_project(str(tmp_path / f"merged{number}"))
        db = empty_store()
        for source in order:
            union(source, merged)
            catch_up(db, merged, tmp_path)
        assert_summaries_recompute(db)
        snapshots.append(snapshot(db))
        assert_same(snapshots[-1], fresh_snapshot(merged, tmp_path))
        db.close()
        for content in (b"common", b"one", b"two"):
            sha256, _ = BlobStore(stores[0]).put_bytes(content)
            assert BlobStore(merged).is_intact(sha256)
    assert_same(snapshots[0], snapshots[1])
    notes = {row[0]: row[-1] for row in snapshots[0]["runs"]}
    assert notes["a" * 32] == "of two", "the later edit wins"
    assert len(notes) == 4, "the shared run, one of each, the packed one, and none that was purged"


def test_a_push_into_a_store_that_is_in_use_arrives_at_once(stores: tuple[Project, Project]) -> None:
    one, two = stores
    store = Store(one)
    before = set(statuses(store))
    later = log_run(two)
    union(two, one)
    after = set(statuses(store))
    assert after - before == {later}
    with store.reading() as db:
        assert_summaries_recompute(db)
    union(one, two)
    assert set(statuses(Store(two))) == after


def test_a_journal_copied_in_pieces_is_read_once(stores: tuple[Project, Project], tmp_path: Path) -> None:
    one, _ = stores
    text = JournalText(host="elsewhere").start()
    for step in range(30):
        text.metrics({"x": float(step)}, step)
    text.event("seal", START_US)
    store = Store(one)
    for size in range(0, len(text.data) + 400, 400):
        text.write(one, size=size)
        statuses(store)
    text.write(one, folder="sealed")
    os.unlink(os.path.join(one.journal_dir, "live", text.name)) if os.path.exists(
        os.path.join(one.journal_dir, "live", text.name)
    ) else None
    with store.reading() as db:
        assert db.execute("SELECT count(*) FROM metrics WHERE run_id = ?", [text.uid]).fetchall() == [(30,)]
        assert db.execute("FROM gaps").fetchall() == []


def test_two_machines_that_share_one_folder_keep_caches_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    project = create_project(str(tmp_path / "shared"))
    caches = [str(tmp_path / "cache-a"), str(tmp_path / "cache-b")]
    found = []
    for step in range(3):
        JournalText(host=HERE).start().event("end", START_US + 1, status="finished").event("seal", START_US + 2).write(
            project
        )
        clock.advance(60)
        for cache in caches if step % 2 else caches[::-1]:
            monkeypatch.setenv("WORKBENCH_CACHE_DIR", cache)
            found.append(len(statuses(Store(project))))
    assert found == [1, 1, 2, 2, 3, 3]
