"""A store's visits: who may hold the file, what happens to a file that is not ours, and where a project may go."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from tests.conftest import FakeClock
from tests.store.journals import (
    JournalText,
    fill,
    held_by_another_process,
    journal_path,
    log_run,
    points,
    small_disk,
    statuses,
)
from workbench.base.errors import (
    DiskFullError,
    StoreBusyError,
    StorePermissionError,
    StoreTooNewError,
    StoreUnusableError,
)
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal.writer import JournalWriter
from workbench.store import pending
from workbench.store.blobs import BlobStore
from workbench.store.lock import store_lock
from workbench.store.store import Store


def file_of(project: Project) -> str:
    path = Store(project).visible_path()
    assert path is not None
    return path


def asides(project: Project) -> list[str]:
    return [name for name in os.listdir(os.path.dirname(file_of(project))) if ".aside-" in name]


# ---------------------------------------------------------------------- visits


def test_a_visit_sees_what_was_logged_before_it(project: Project) -> None:
    store = Store(project)
    uid = new_run_id()
    writer = JournalWriter(project.journal_dir, uid)
    for step in range(3):
        writer.metrics({"x": float(step)}, step)
        assert points(store, uid) == [("x", s, float(s)) for s in range(step + 1)]
    writer.close()


def test_a_visit_without_ingest_sees_what_earlier_visits_saw(project: Project) -> None:
    store = Store(project)
    uid = log_run(project)
    statuses(store)
    log_run(project)
    with store.reading(ingest=False) as db:
        assert db.execute("SELECT run_id FROM runs").fetchall() == [(uid,)]
    assert len(statuses(store)) == 2


def test_nothing_holds_the_file_between_visits(project: Project) -> None:
    store = Store(project)
    statuses(store)
    with held_by_another_process(file_of(project)):
        pass
    with store_lock(os.path.join(project.folder, "cache", "store.lock"), 0.0):
        pass


def test_an_error_in_a_visit_leaves_the_store_usable(project: Project) -> None:
    store = Store(project)
    uid = log_run(project)
    with pytest.raises(ZeroDivisionError), store.reading():
        raise ZeroDivisionError
    with pytest.raises(duckdb.CatalogException), store.reading() as db:
        db.execute("SELECT * FROM missing")
    with pytest.raises(duckdb.Error), store.reading() as db:
        db.execute("BEGIN")
        db.execute("SELECT 1 / 'x'::INTEGER")
    with store.reading() as db:
        db.execute("SELECT * FROM range(100000)")  # a result that nobody fetches
    assert statuses(store) == {uid: "finished"}


def test_a_visitor_is_told_who_keeps_it_waiting(project: Project) -> None:
    store = Store(project)
    lock = os.path.join(project.folder, "cache", "store.lock")
    with (
        store_lock(lock, 0.0),
        pytest.raises(StoreBusyError, match=f"PID {os.getpid()}"),
        store.reading(wait_s=0.01),
    ):
        pass
    assert statuses(store) == {}


def test_large_journals_are_read_to_their_end_in_several_batches(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.store.ingest.ingest_batch.__kwdefaults__", {"move": True, "limit_bytes": 1000})
    assert pending.BATCH_BYTES > 1000
    first, second = log_run(project, steps=200), log_run(project, steps=50)
    store = Store(project)
    assert len(points(store, first)) == 200
    assert len(points(store, second)) == 50
    report = Store(project).ingest()
    assert report.caught_up


def test_a_deleted_cache_loses_nothing(project: Project) -> None:
    store = Store(project)
    uid = log_run(project)
    assert statuses(store) == {uid: "finished"}
    shutil.rmtree(os.path.join(project.folder, "cache"))
    assert statuses(store) == {uid: "finished"}


def test_a_rebuilt_and_a_rewritten_store_tell_the_same(project: Project) -> None:
    store = Store(project)
    uid = log_run(project, params={"lr": 0.1})
    before = points(store, uid)
    store.rewrite()
    assert points(store, uid) == before
    assert store.rebuild().caught_up
    assert points(store, uid) == before
    assert not [name for name in os.listdir(store.cache_dir or "") if ".new" in name]


def test_a_read_only_store_changes_nothing_on_disk(project: Project) -> None:
    uid = log_run(project)
    live = JournalText().start().write(project)
    before = sorted(str(path) for path in Path(project.folder).rglob("*"))
    store = Store(project, read_only=True)
    assert statuses(store)[uid] == "finished"
    later = log_run(project)
    assert statuses(store)[later] == "finished"
    assert os.path.exists(live)
    after = sorted(str(path) for path in Path(project.folder).rglob("*"))
    assert [path for path in after if later not in path] == before


def test_a_users_query_can_reach_neither_files_nor_settings(project: Project, tmp_path: Path) -> None:
    uid = log_run(project)
    store = Store(project, read_only=True)
    with store.reading() as db:
        store.sandboxed(db)
        assert db.execute("SELECT run_id FROM runs").fetchall() == [(uid,)]
        for query in (
            "SELECT * FROM read_text('/etc/hostname')",
            f"COPY runs TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/other.duckdb'",
            "SET enable_external_access = true",
            "INSTALL httpfs",
        ):
            with pytest.raises(duckdb.Error):
                db.execute(query)


# ---------------------------------------------------------------------- held by another program (failure case 8)


def test_a_file_that_another_program_holds_is_done_without(project: Project) -> None:
    store = Store(project)
    first = log_run(project)
    assert statuses(store) == {first: "finished"}
    for _ in range(2):  # again after it has recovered
        store.notices.clear()
        with held_by_another_process(file_of(project)) as pid:
            assert statuses(store)[first] == "finished"
            [notice] = store.notices
            assert f"PID {pid} (" in notice
            assert "into memory" in notice
            second = log_run(project)
            assert statuses(store)[second] == "finished"
            assert len(store.notices) == 1
            with store.reading(ingest=False) as db:
                assert db.execute("SELECT count(*) FROM runs WHERE run_id = ?", [second]).fetchall() == [(1,)]
            with pytest.raises(StoreBusyError, match=f"PID {pid}"):
                store.rewrite()
        assert statuses(store)[second] == "finished"
    with store.reading(ingest=False) as db:
        assert db.execute("SELECT count(*) FROM runs").fetchall() == [(3,)]


def test_the_first_visit_may_find_the_file_held_too(project: Project) -> None:
    uid = log_run(project)
    statuses(Store(project))
    with held_by_another_process(file_of(project)) as pid:
        store = Store(project)
        with store.reading(ingest=False) as db:
            assert db.execute("SELECT run_id FROM runs").fetchall() == [(uid,)]
        assert f"PID {pid}" in store.notices[0]
        assert store.ingest().caught_up


# ---------------------------------------------------------------------- our code never opens it (failure case 9)


def test_python_never_opens_the_file(project: Project) -> None:
    script = """
import sys
opened = []
def watch(event, args):
    if event in ("open", "os.truncate", "shutil.copyfile") and ".duckdb" in str(args[0]):
        opened.append((event, str(args[0])))
sys.addaudithook(watch)
from workbench.base.project import Project
from workbench.store.blobs import BlobStore
from workbench.store.maintenance import collect_garbage, compact, measure_size, verify
from workbench.store.purge import plan_purge, purge
from workbench.store.store import Store
from tests.store.journals import edit, log_run
project = Project(sys.argv[1])
store = Store(project)
uid, other = log_run(project), log_run(project)
edit(project, other, "deleted", "true")
for ingest in (True, False, True):
    with store.reading(ingest=ingest) as db:
        assert len(db.execute("FROM runs").fetchall()) == 2
measure_size(store), verify(store), collect_garbage(store, dry_run=False), compact(store, older_than_days=-1)
purge(store, plan_purge(store, [other]))
store.ingest(), store.rebuild(), store.rewrite(), store.size_bytes()
open(store.visible_path() + ".broken", "w").close()
Store(project, read_only=True).ingest()
with open(store.visible_path() + ".foreign", "w"):
    pass
print([path for _, path in opened])
"""
    done = subprocess.run(
        [sys.executable, "-c", script, project.root], capture_output=True, text=True, timeout=120, cwd=os.getcwd(),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    path = file_of(project)
    assert done.stdout.strip() == str([path + ".broken", path + ".foreign"]), (
        "the hook saw its two controls and no more"
    )


# ---------------------------------------------------------------------- files that are not ours (failure case 14)


@pytest.mark.parametrize("content", [b"", b"not a database", bytes(100_000), b"x" * 20_000])
def test_a_file_that_is_no_database_is_set_aside(project: Project, content: bytes) -> None:
    uid = log_run(project)
    Path(file_of(project)).write_bytes(content)
    store = Store(project)
    assert statuses(store) == {uid: "finished"}
    if content:
        assert len(asides(project)) == 1
        assert (Path(file_of(project)).parent / asides(project)[0]).read_bytes() == content
        assert "set aside" in store.notices[0]


def test_a_database_of_someone_else_is_set_aside_whole(project: Project) -> None:
    uid = log_run(project)
    with duckdb.connect(file_of(project)) as db:
        db.execute("CREATE TABLE precious AS SELECT 42 AS answer")
    store = Store(project)
    assert statuses(store) == {uid: "finished"}
    [aside] = asides(project)
    with duckdb.connect(os.path.join(os.path.dirname(file_of(project)), aside)) as db:
        assert db.execute("FROM precious").fetchall() == [(42,)]


def test_a_visit_that_was_killed_while_it_created_the_file_leaves_no_trace(project: Project) -> None:
    uid = log_run(project)
    for suffix in (".empty", ".empty.wal", ".new", ".new.wal", ".new.empty"):
        Path(file_of(project) + suffix).write_bytes(b"half")
    store = Store(project)
    assert statuses(store) == {uid: "finished"}
    store.rebuild()
    assert (store.notices, asides(project)) == ([], [])
    assert sorted(os.listdir(store.cache_dir or "")) == ["store.duckdb", "store.lock"]


def change_meta(project: Project, key: str, value: str) -> None:
    with duckdb.connect(file_of(project)) as db:
        db.execute("UPDATE meta SET value = ? WHERE key = ?", [value, key])


def test_a_newer_schema_is_refused_until_it_is_built_anew(project: Project) -> None:
    uid = log_run(project)
    statuses(Store(project))
    change_meta(project, "schema_version", "999")
    store = Store(project)
    with pytest.raises(StoreTooNewError, match="schema 999") as caught:
        statuses(store)
    assert "workbench store rebuild" in (caught.value.hint or "")
    with pytest.raises(StoreTooNewError):
        store.rewrite()
    store.rebuild()
    assert statuses(store) == {uid: "finished"}


@pytest.mark.parametrize(("key", "value"), [("schema_version", "0"), ("machine", "another machine")])
def test_an_older_schema_and_another_machines_file_are_built_anew(project: Project, key: str, value: str) -> None:
    uid = log_run(project)
    statuses(Store(project))
    change_meta(project, key, value)
    store = Store(project)
    assert statuses(store) == {uid: "finished"}
    assert (store.notices, asides(project)) == ([], [])


def test_damage_inside_the_file_is_an_error_that_a_rebuild_mends(project: Project) -> None:
    uid = log_run(project, steps=2000)
    store = Store(project)
    statuses(store)
    store.rewrite()
    path = Path(file_of(project))
    content = bytearray(path.read_bytes())
    content[3 * 4096 :] = bytes(len(content) - 3 * 4096)
    path.write_bytes(content)
    store = Store(project)
    try:
        points(store, uid)
    except (StoreUnusableError, duckdb.Error):
        store.rebuild()
    assert len(points(store, uid)) == 2000


def test_a_project_without_its_folders_is_an_empty_one(project: Project) -> None:
    for folder in ("journal", "segments", "blobs", "cache"):
        shutil.rmtree(os.path.join(project.folder, folder), ignore_errors=True)
    store = Store(project)
    assert statuses(store) == {}
    assert store.ingest().caught_up


@pytest.mark.parametrize("settings", ["", "format = ", "format = 'x'", "\x00", "store_id = 'x'"])
def test_broken_settings_are_an_error_of_their_own(project: Project, settings: str) -> None:
    Path(project.settings_path).write_text(settings)
    with pytest.raises(StoreUnusableError):
        Store(project)


def test_a_project_of_a_newer_format_is_refused(project: Project) -> None:
    Path(project.settings_path).write_text("store_id = 'x'\nformat = 2\n")
    with pytest.raises(StoreTooNewError):
        Store(project)


def test_a_missing_project_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(StoreUnusableError, match="not a workbench store"):
        Store(Project(str(tmp_path / "nowhere")))


def test_a_journal_that_may_not_be_read_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    opened = builtins.open

    def refuse(path: str, *args: object, **options: object) -> object:
        if str(path).endswith(".wbj"):
            raise PermissionError(13, "Permission denied", path)
        return opened(path, *args, **options)  # type: ignore[call-overload]

    uid = log_run(project)
    store = Store(project)
    with monkeypatch.context() as patch:
        patch.setattr(builtins, "open", refuse)
        with pytest.raises(StorePermissionError, match=f"{uid}.*may not be read"):
            statuses(store)
    assert statuses(store) == {uid: "finished"}


# ---------------------------------------------------------------------- a full disk (failure case 2)


def test_a_commit_on_a_full_disk_fails_cleanly_and_is_made_up_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = create_project(str(tmp_path / "project"))
    with small_disk(tmp_path / "disk", 4096) as disk:
        monkeypatch.setenv("WORKBENCH_CACHE_DIR", str(disk))
        store = Store(project)
        first = log_run(project)
        assert statuses(store) == {first: "finished"}
        filler = fill(disk)
        second = log_run(project, steps=5000)
        for _ in range(2):
            with pytest.raises(DiskFullError, match="no space left"):
                statuses(store)
        with pytest.raises(DiskFullError):
            statuses(Store(project))
        filler.unlink()
        assert statuses(store) == {first: "finished", second: "finished"}
        assert len(points(store, second)) == 5000
        assert store.notices == []


def test_a_full_disk_at_the_commit_itself_leaves_the_store_before_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = create_project(str(tmp_path / "project"))
    with small_disk(tmp_path / "disk", 4096) as disk:
        monkeypatch.setenv("WORKBENCH_CACHE_DIR", str(disk))
        store = Store(project)
        first = log_run(project)
        statuses(store)
        second = log_run(project, steps=40)
        # Room for the staging file, which is smaller than its journals, and not for the log of the transaction.
        filler = fill(disk)
        os.truncate(filler, filler.stat().st_size - 4096)
        assert os.path.getsize(journal_path(project, second)) < 4096
        with pytest.raises(DiskFullError):
            statuses(store)
        with Store(project).reading(ingest=False) as db:
            assert db.execute("SELECT run_id FROM runs").fetchall() == [(first,)]
        filler.unlink()
        assert statuses(store) == {first: "finished", second: "finished"}


def test_a_store_that_cannot_be_created_for_lack_of_space_is_created_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = create_project(str(tmp_path / "project"))
    uid = log_run(project)
    with small_disk(tmp_path / "disk", 4096) as disk:
        monkeypatch.setenv("WORKBENCH_CACHE_DIR", str(disk))
        store = Store(project)
        filler = fill(disk)
        failures = 0
        for _ in range(64):  # as far as the lock, the file, its header, its tables, its log
            try:
                statuses(store)
            except DiskFullError:
                failures += 1
            os.truncate(filler, filler.stat().st_size - 8192)
        assert failures > 5
        filler.unlink()
        assert statuses(store) == {uid: "finished"}
        assert store.notices == []


def test_a_rebuild_that_lacks_space_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project = create_project(str(tmp_path / "project"))
    with small_disk(tmp_path / "disk", 20_000) as disk:
        monkeypatch.setenv("WORKBENCH_CACHE_DIR", str(disk))
        store = Store(project)
        uid = log_run(project, steps=500)
        statuses(store)
        filler = fill(disk)
        for kib in (0, 64, 256):
            os.truncate(filler, filler.stat().st_size - kib * 1024)
            for build in (store.rebuild, store.rewrite):
                with pytest.raises(DiskFullError):
                    build()
            with Store(project).reading(ingest=False) as db:
                assert db.execute("SELECT count(*) FROM metrics").fetchall() == [(500,)]
        filler.unlink()
        store.rebuild()
        assert len(points(store, uid)) == 500


# ---------------------------------------------------------------------- a killed visit (failure case 15)


def test_the_log_of_a_killed_visit_is_replayed(project: Project) -> None:
    script = """
import os, signal, sys
from workbench.base.project import Project
from workbench.store.store import Store
with Store(Project(sys.argv[1])).reading():
    os.kill(os.getpid(), signal.SIGKILL)
"""
    statuses(Store(project))
    uid = log_run(project)
    done = subprocess.run([sys.executable, "-c", script, project.root], timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert os.path.exists(file_of(project) + ".wal")
    store = Store(project)
    with store.reading(ingest=False) as db:
        assert db.execute("SELECT run_id FROM runs").fetchall() == [(uid,)]
    assert len(points(store, uid)) == 3
    assert not os.path.exists(file_of(project) + ".wal")
    assert store.notices == []


def test_the_staging_file_of_a_killed_visit_does_not_stay(project: Project) -> None:
    Path(project.folder, "cache", "stage.tsv").write_text("half a line")
    uid = log_run(project)
    assert statuses(Store(project)) == {uid: "finished"}
    assert not [name for name in os.listdir(os.path.join(project.folder, "cache")) if name.startswith("stage")]


# ---------------------------------------------------------------------- a store may be moved


@pytest.mark.parametrize("name", ["moved", "with space", "st*r?[x]", "k=1", "quo'te", "ünï"])
def test_a_project_that_is_moved_renamed_or_copied_opens_with_all_it_holds(tmp_path: Path, name: str) -> None:
    project = create_project(str(tmp_path / "k=5" / "text=3"))
    uid = log_run(project, params={"lr": 0.1})
    sha256, _ = BlobStore(project).put_bytes(b"weights")
    before = points(Store(project), uid)
    shutil.copytree(project.root, tmp_path / "copy" / name)
    shutil.move(project.root, tmp_path / name)
    for place in (tmp_path / name, tmp_path / "copy" / name):
        moved = Project(str(place))
        store = Store(moved)
        assert points(store, uid) == before
        later = log_run(moved)
        assert statuses(store) == {uid: "finished", later: "finished"}
        store.rewrite()
        store.rebuild()
        assert points(store, uid) == before
        with BlobStore(moved).open(sha256) as content:
            assert content.read() == b"weights"
        assert store.notices == []


def test_gaps_and_shrunk_journals_are_told_once(project: Project, clock: FakeClock) -> None:
    text = JournalText().start()
    for step in range(3):
        text.metrics({"x": 1.0}, step)
    path = text.write(project)
    store = Store(project)
    statuses(store)
    os.truncate(path, len(text.data) - 10)
    for _ in range(2):
        statuses(store)
    assert store.notices == [f"the journal {text.name} is shorter than before; what was read from it is kept"]
    damaged = JournalText().start().metrics({"x": 1.0}, 0)
    with open(damaged.write(project), "rb+") as file:
        file.seek(len(damaged.blocks[0]) + 40)
        file.write(b"\0")
    for _ in range(2):
        statuses(store)
    assert len(store.notices) == 2
    assert f"bytes of the journal {damaged.name} are damaged" in store.notices[1]
