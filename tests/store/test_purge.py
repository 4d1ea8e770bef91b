from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from tests.conftest import START_US
from tests.registry.registries import Registry
from tests.store.journals import HERE, JournalText, edit, journal_path, log_run, statuses
from workbench.base.errors import RefusedError, StillReferencedError
from workbench.base.ids import new_run_id
from workbench.base.project import Project
from workbench.journal.layout import journals_of
from workbench.journal.writer import JournalWriter
from workbench.registry import models, versions
from workbench.store.blobs import BlobStore
from workbench.store.maintenance import UNREFERENCED_AFTER_S, collect_garbage
from workbench.store.pack import pack
from workbench.store.purge import plan_purge, purge
from workbench.store.store import Store

TABLES = "run run_field param tag capture artifact dataset metric metric_summary output".split()


def deleted_run(project: Project, *contents: bytes) -> str:
    text = JournalText(host=HERE).start().metrics({"x": 1.0}, 0)
    text.event("param", START_US, name="p", value=1).event("tag", START_US, name="t", value="v")
    text.event("cap", START_US, name="git", value={"commit": "c"}).event("out", START_US, s=1, x="line")
    text.event("data", START_US, name="d", digest="x", path="p", size=1, format="csv")
    for number, content in enumerate(contents):
        sha256, size = BlobStore(project).put_bytes(content)
        text.event("art", START_US, path=str(number), sha256=sha256, size=size, kind="file")
    text.event("end", START_US, status="finished").event("seal", START_US).write(project)
    edit(project, text.uid or "", "deleted", "true")
    return text.uid or ""


def rows_of(store: Store, uid: str) -> int:
    found = 0
    with store.reading() as db:
        for table in TABLES:
            query = f"SELECT count(*) FROM {table} JOIN run_key k USING (run_id) WHERE k.uid = ?"
            found += db.execute(query, [uid]).fetchall()[0][0]
    return found


def test_a_purge_removes_the_run_its_journals_and_what_only_it_held(project: Project) -> None:
    uid = deleted_run(project, b"own", b"shared")
    other = deleted_run(project, b"shared")
    store = Store(project)
    plan = plan_purge(store, [uid])
    assert plan.run_ids == [uid]
    assert plan.names == ["n"]
    assert plan.journal_bytes == os.path.getsize(journal_path(project, uid))
    assert plan.content_bytes == len(b"own")
    assert rows_of(store, uid) > len(TABLES) - 1, "a plan changes nothing"
    purge(store, plan)
    assert list(statuses(store)) == [other]
    assert rows_of(store, uid) == 0
    assert journals_of(project.journal_dir, uid) == []
    assert {size for _, size, _ in BlobStore(project).each()} == {len(b"shared")}
    store.rebuild()
    assert list(statuses(store)) == [other]


def test_a_copy_of_a_purged_journal_that_comes_back_stays_purged(project: Project, tmp_path: Path) -> None:
    uid = deleted_run(project)
    store = Store(project)
    store.ingest()
    path = journal_path(project, uid)
    shutil.copy(path, tmp_path / "copy")
    purge(store, plan_purge(store, [uid]))
    shutil.copy(tmp_path / "copy", path)
    more = JournalWriter(project.journal_dir, uid)
    more.event("start", experiment="x", name="again")
    more.metrics({"x": 1.0}, 1)
    more.close()
    for visit in (store.ingest, store.rebuild, store.ingest):
        visit()
        assert statuses(store) == {}
        assert rows_of(store, uid) == 0


def test_a_tombstone_may_come_before_the_run(project: Project) -> None:
    uid = new_run_id()
    writer = JournalWriter(project.journal_dir, None, role="meta")
    writer.event("purge", run=uid)
    writer.close()
    store = Store(project)
    store.ingest()
    log_run(project, uid=uid)
    assert statuses(store) == {}
    assert rows_of(store, uid) == 0


def test_a_purge_of_a_packed_run_holds(project: Project) -> None:
    uid = deleted_run(project)
    store = Store(project)
    store.ingest()
    pack(project, older_than_days=-1)
    purge(store, plan_purge(store, [uid]))
    for visit in (store.ingest, store.rebuild):
        visit()
        assert statuses(store) == {}
        assert rows_of(store, uid) == 0


def test_an_interrupted_purge_is_finished_by_the_next(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = deleted_run(project, b"own")
    store = Store(project)
    plan = plan_purge(store, [uid])

    def stop(path: str) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("workbench.store.purge.os.unlink", stop)
        with pytest.raises((KeyboardInterrupt, SystemExit)):
            purge(store, plan)
    purge(store, plan_purge(store, [uid]))
    assert journals_of(project.journal_dir, uid) == []
    assert statuses(store) == {}
    purge(store, plan)


def test_what_is_not_deleted_or_still_runs_is_refused(project: Project) -> None:
    kept = log_run(project)
    store = Store(project)
    with pytest.raises(RefusedError, match="is not deleted"):
        plan_purge(store, [kept])
    writer = JournalWriter(project.journal_dir, new_run_id())
    edit(project, writer.run_id or "", "deleted", "true")
    with pytest.raises(RefusedError, match="still running"):
        plan_purge(store, [writer.run_id or ""])
    writer.close()
    assert plan_purge(store, []).run_ids == []
    assert plan_purge(store, ["f" * 32]).journal_paths == []
    assert set(statuses(store)) == {kept, writer.run_id}


def registered(project: Project, uid: str) -> Registry:
    """A registry whose model `fraud` has version 1 of a run."""
    registry = Registry(project)
    registry.do(models.register, "fraud")
    registry.do(versions.register, "fraud", source=f"runs:/{uid}/0", run=uid)
    return registry


def test_a_run_that_a_version_came_from_is_not_purged_until_that_is_deleted(project: Project) -> None:
    uid = deleted_run(project, b"weights")
    other = deleted_run(project)
    registry = registered(project, uid)
    store = registry.store
    with pytest.raises(StillReferencedError, match="fraud/1 came from it") as caught:
        plan_purge(store, [other, uid])
    assert caught.value.exit_code == 4
    assert caught.value.hint == "delete what it made first: workbench models delete fraud/1"
    assert set(statuses(store)) == {uid, other}
    registry.do(versions.delete, "fraud", 1)
    purge(store, plan_purge(store, [uid]))
    assert list(BlobStore(project).each()) == []
    registry.close()


def test_a_version_that_is_registered_while_a_purge_is_agreed_on_stops_it(project: Project) -> None:
    uid = deleted_run(project, b"weights")
    store = Store(project)
    plan = plan_purge(store, [uid])
    store.close()
    registry = registered(project, uid)
    with pytest.raises(StillReferencedError):
        purge(registry.store, plan)
    assert [size for _, size, _ in BlobStore(project).each()] == [len(b"weights")]
    assert journals_of(project.journal_dir, uid) != []
    registry.close()


def test_garbage_collection_keeps_the_files_of_a_version_whose_run_is_in_the_trash(project: Project) -> None:
    uid = deleted_run(project, b"weights")
    blobs = BlobStore(project)
    loose, _ = blobs.put_bytes(b"nobody's")
    for sha256, _, modified in blobs.each():
        os.utime(blobs.path_of(sha256), (modified - UNREFERENCED_AFTER_S - 60,) * 2)
    registry = registered(project, uid)
    report = collect_garbage(registry.store, dry_run=False)
    assert (report.blobs, report.size_bytes) == (1, len(b"nobody's"))
    assert not os.path.exists(blobs.path_of(loose))
    assert [size for _, size, _ in blobs.each()] == [len(b"weights")]
    registry.close()
