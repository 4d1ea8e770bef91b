from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from tests.store.journals import HERE, JournalText, fill, journal_path, log_run, points, small_disk
from workbench.base.errors import DiskFullError, StoreError
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal.writer import JournalWriter
from workbench.store import pack as module
from workbench.store.pack import pack, packable
from workbench.store.segments import list_segments
from workbench.store.store import Store


def age(project: Project, uid: str, days: float) -> None:
    path = journal_path(project, uid)
    modified = os.stat(path).st_mtime - days * 86400
    os.utime(path, (modified, modified))


def segment_files(project: Project) -> list[str]:
    return sorted(os.listdir(project.segment_dir))


def test_only_old_complete_journals_of_this_host_are_packed(project: Project) -> None:
    old, young = log_run(project), log_run(project)
    age(project, old, 8)
    foreign = JournalText(host="elsewhere").start()
    live = JournalWriter(project.journal_dir, new_run_id())
    os.utime(foreign.write(project, folder="sealed"), (0, 0))
    os.utime(live.path, (0, 0))
    (Path(project.journal_dir) / "sealed" / "notes.txt").touch()
    assert [os.path.basename(path)[:32] for path, _ in packable(project)] == [old]
    report = pack(project)
    assert (report.segments, report.journals) == (1, 1)
    assert report.before_bytes > 0
    assert report.after_bytes > 0
    assert os.path.exists(journal_path(project, young))
    live.close()
    assert len(points(Store(project), old)) == 3


def test_nothing_to_pack_is_nothing_done(project: Project) -> None:
    assert pack(project).segments == 0
    os.rmdir(os.path.join(project.journal_dir, "sealed"))
    assert pack(project).segments == 0
    assert segment_files(project) == []


def test_large_amounts_become_several_segments(project: Project) -> None:
    uids = [log_run(project, steps=20) for _ in range(5)]
    report = pack(project, older_than_days=-1, segment_bytes=2000)
    assert (report.segments, report.journals) == (len(list_segments(project)), 5)
    assert report.segments > 1
    store = Store(project)
    assert [len(points(store, uid)) for uid in uids] == [20] * 5


def test_damage_and_torn_tails_are_packed_as_they_are(project: Project) -> None:
    text = JournalText(host=HERE).start()
    for step in range(5):
        text.metrics({"x": float(step)}, step)
    data = bytearray(text.data)
    hit = sum(map(len, text.blocks[:4]))
    data[hit + 33] ^= 4
    Path(text.write(project, folder="sealed")).write_bytes(data[:-2])
    store = Store(project)
    before = points(store, text.uid or "")
    with store.reading() as db:
        gaps = db.execute("FROM gaps ORDER BY ALL").fetchall()
    assert (len(before), len(gaps)) == (3, 2)
    pack(project, older_than_days=-1)
    store.rebuild()
    assert points(store, text.uid or "") == before
    with store.reading() as db:
        assert db.execute("FROM gaps ORDER BY ALL").fetchall() == gaps


def test_values_that_text_formats_stumble_over_survive(project: Project) -> None:
    uid = new_run_id()
    writer = JournalWriter(project.journal_dir, uid)
    writer.event("param", name="p\t\n\"'\\\0", value=["NaN", float("nan"), 10**40, "x" * 3_000_000])
    for step, value in enumerate((float("nan"), float("inf"), float("-inf"), 5e-324, -0.0)):
        writer.metrics({"m,;\t": value}, step)
    writer.close()
    store = Store(project)

    def everything() -> str:
        with store.reading() as db:
            return repr(db.execute("SELECT name, value FROM params").fetchall()) + repr(
                db.execute("SELECT key, step, value FROM metrics ORDER BY step").fetchall()
            )

    before = everything()
    pack(project, older_than_days=-1)
    store.rebuild()
    assert everything() == before


@pytest.mark.parametrize("name", ["plain", "k=5", "st*r?[x]", "quo'te"])
def test_a_project_may_have_any_name(tmp_path: Path, name: str) -> None:
    project = create_project(str(tmp_path / name / "text=3"))
    uid = log_run(project)
    pack(project, older_than_days=-1)
    assert len(points(Store(project), uid)) == 3


def kill_at(project: Project, where: str) -> None:
    """Pack in a process that is killed when it calls `where` for the first time."""
    script = f"""
import os, signal, sys
from workbench.base.project import Project
from workbench.store import pack, segments
def die(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)
{where} = die
pack.pack(Project(sys.argv[1]), older_than_days=-1)
"""
    done = subprocess.run([sys.executable, "-c", script, project.root], timeout=60)
    assert done.returncode == -9


@pytest.mark.parametrize("where", ["pack._write_parquet", "pack.write_manifest", "os.unlink"])
def test_a_kill_between_any_two_steps_loses_nothing(project: Project, where: str) -> None:
    """`os.unlink` is called first for what staging left, after the manifest and before the journals are removed."""
    uids = [log_run(project, steps=4) for _ in range(2)]
    kill_at(project, where)
    store = Store(project)
    assert [len(points(store, uid)) for uid in uids] == [4, 4]
    pack(project, older_than_days=-1)
    store.rebuild()
    assert [len(points(store, uid)) for uid in uids] == [4, 4]
    assert os.listdir(os.path.join(project.journal_dir, "sealed")) == []


def refuse(error: Exception) -> Callable[..., object]:
    def fail(*args: object, **options: object) -> object:
        raise error

    return fail


@pytest.mark.parametrize(
    ("where", "error"),
    [("_stage", OSError(28, "No space left on device")), ("_write_parquet", duckdb.IOException("No space")),
     ("write_manifest", OSError(5, "Input/output error")), ("file_sha256", OSError(5, "Input/output error"))],
)  # fmt: skip
def test_a_step_that_fails_removes_no_journal(
    project: Project, monkeypatch: pytest.MonkeyPatch, where: str, error: Exception
) -> None:
    uid = log_run(project)
    monkeypatch.setattr(module, where, refuse(error))
    with pytest.raises(StoreError):
        pack(project, older_than_days=-1)
    assert list_segments(project) == []
    assert not [name for name in segment_files(project) if name.startswith(".")]
    assert len(points(Store(project), uid)) == 3


def test_a_full_disk_removes_no_journal(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 2048) as disk:
        project = create_project(str(disk))
        uid = log_run(project)
        filler = fill(disk)
        with pytest.raises((DiskFullError, StoreError)):
            pack(project, older_than_days=-1)
        filler.unlink()
        assert os.path.exists(journal_path(project, uid))
        assert pack(project, older_than_days=-1).journals == 1


def test_a_segment_that_does_not_read_back_is_given_up(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    uid = log_run(project)
    monkeypatch.setattr(module, "_write_parquet", refuse(StoreError("a packed segment does not read back")))
    with pytest.raises(StoreError, match="does not read back"):
        pack(project, older_than_days=-1)
    assert os.path.exists(journal_path(project, uid))
