"""A store at rest: a visit that finds everything as it was has nothing to do, and nothing that is written is missed."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import START_US
from tests.store.journals import HERE, JournalText, edit, journal_path, log_run, points, statuses
from tests.store.rest import settle, settle_soon
from workbench.base.ids import new_run_id
from workbench.base.project import Project
from workbench.journal.layout import live_dir, sealed_dir
from workbench.journal.writer import JournalWriter
from workbench.store import store as store_module
from workbench.store.file import Version, version_of
from workbench.store.ingest import IngestReport, ingest_batch
from workbench.store.maintenance import compact
from workbench.store.purge import plan_purge, purge
from workbench.store.store import Store


@pytest.fixture(autouse=True)
def _settles_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    settle_soon(monkeypatch)


@pytest.fixture
def batches(monkeypatch: pytest.MonkeyPatch) -> list[IngestReport]:
    """What every batch of ingest says, as they come."""
    reports: list[IngestReport] = []

    def counted(*given: object, **options: object) -> IngestReport:
        reports.append(ingest_batch(*given, **options))  # type: ignore[arg-type]
        return reports[-1]

    monkeypatch.setattr(store_module, "ingest_batch", counted)
    return reports


def at_rest(store: Store) -> Version:
    """The store's version once visits find nothing to do."""
    for _ in range(4):
        settle()
        with store.reading():
            found = store.version
    assert found is not None
    return found


def test_a_store_at_rest_is_not_looked_through_again(project: Project, batches: list[IngestReport]) -> None:
    log_run(project)
    with Store(project) as store:
        version = at_rest(store)
        done = len(batches)
        assert store.ingest() == IngestReport(caught_up=True)
        with store.reading():
            assert store.version == version
        assert len(batches) == done


def test_a_store_that_was_written_a_moment_ago_has_no_version(project: Project) -> None:
    log_run(project)
    with Store(project) as store, store.reading():
        assert store.version is None
        assert version_of(str(store.visible_path())) is None


def test_a_store_with_a_run_that_goes_on_never_rests(project: Project, batches: list[IngestReport]) -> None:
    writer = JournalWriter(project.journal_dir, new_run_id(), durability="process")
    writer.metrics({"x": 1.0}, 0)
    with Store(project) as store:
        for _ in range(4):
            settle()
            store.ingest()
            assert store.version is None
        assert len(batches) == 4
        writer.close()


def test_a_live_journal_that_is_half_read_keeps_the_store_awake(project: Project) -> None:
    """One that is being copied here may change without its size."""
    text = JournalText(host="elsewhere").start()
    text.metrics({"x": 1.0}, 0)
    path = text.write(project)
    with open(path, "ab") as file:
        file.write(b"\0" * 10)
    with Store(project) as store:
        for _ in range(4):
            settle()
            store.ingest()
        assert store._idle is None


WRITES: dict[str, Callable[[Project, str], object]] = {
    "a new run": lambda project, _: log_run(project),
    "an edit": lambda project, uid: edit(project, uid, "note", "seen"),
    "another store object that ingests": lambda project, _: (log_run(project), Store(project).ingest()),
    "a purge": lambda project, uid: _purge(project, uid),
    "a rebuild": lambda project, _: Store(project).rebuild(),
    "a rewrite": lambda project, _: Store(project).rewrite(),
    "journals that are packed": lambda project, _: compact(Store(project), older_than_days=-1),
    "a store that is deleted": lambda project, _: os.unlink(str(Store(project).visible_path())),
}  # fmt: skip


def _purge(project: Project, uid: str) -> None:
    with Store(project) as store:
        purge(store, plan_purge(store, [uid]))


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES.keys())
def test_a_store_at_rest_sees_everything_that_is_written(
    project: Project, write: Callable[[Project, str], object]
) -> None:
    uid = log_run(project)
    edit(project, uid, "deleted", "true")
    with Store(project) as store, Store(project) as fresh:
        version = at_rest(store)
        write(project, uid)
        with store.reading() as db:
            seen = db.execute("SELECT run_id, note, deleted FROM runs ORDER BY 1").fetchall()
            assert store.version != version
        with fresh.reading() as db:
            assert seen == db.execute("SELECT run_id, note, deleted FROM runs ORDER BY 1").fetchall()
        assert at_rest(store) != version


def test_another_journal_of_a_run_that_has_ended_wakes_the_store(project: Project) -> None:
    uid = log_run(project)
    with Store(project) as store:
        at_rest(store)
        text = JournalText(uid, host=HERE)
        text.metrics({"loss": 7.0}, 9)
        text.write(project)
        assert ("loss", 9, 7.0) in points(store, uid)


def test_a_store_put_in_the_place_of_another_one_is_another_version(project: Project, tmp_path: Path) -> None:
    """Also where its size and times are those of the old one."""
    uid = log_run(project)
    with Store(project) as store:
        path = str(store.visible_path())
        version = at_rest(store)
        kept = os.stat(path)
        shutil.copyfile(path, tmp_path / "copy")
        os.replace(tmp_path / "copy", path)
        os.utime(path, ns=(kept.st_atime_ns, kept.st_mtime_ns))
        assert at_rest(store) != version
        assert statuses(store) == {uid: "finished"}


def test_a_log_beside_the_file_leaves_it_without_a_version(tmp_path: Path) -> None:
    path = tmp_path / "store.duckdb"
    assert version_of(str(path)) is None
    path.write_bytes(b"x")
    settle()
    assert version_of(str(path)) is not None
    (tmp_path / "store.duckdb.wal").touch()
    assert version_of(str(path)) is None


def test_a_complete_journal_that_is_copied_here_is_read_before_its_folder_has_settled(project: Project) -> None:
    other = JournalText(host="elsewhere").start()
    other.metrics({"x": 1.0}, 0).event("end", START_US + 1, status="finished").event("seal", START_US + 2)
    log_run(project)
    with Store(project) as store:
        for _ in range(4):
            settle()
            os.utime(sealed_dir(project.journal_dir))  # each visit meets a folder that has just changed
            store.ingest()
        other.write(project, folder="sealed")
        assert points(store, str(other.uid)) == [("x", 0, 1.0)]


def test_a_journal_that_is_moved_back_by_hand_wakes_the_store(project: Project, batches: list[IngestReport]) -> None:
    uid = log_run(project)
    with Store(project) as store:
        at_rest(store)
        done = len(batches)
        path = journal_path(project, uid)
        os.rename(path, os.path.join(live_dir(project.journal_dir), os.path.basename(path)))
        assert statuses(store) == {uid: "finished"}
        assert len(batches) == done + 1
