"""A bundle is the same for the same store, and another store says the same after it has taken it in."""

from __future__ import annotations

import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from workbench.base.errors import InputError, StoreError, StoreTooNewError
from workbench.base.project import Project, create_project
from workbench.interop.bundle.reading import import_bundle
from workbench.interop.bundle.writing import BundleReport, write_bundle
from workbench.journal.writer import JournalWriter
from workbench.store import edits
from workbench.store.blobs import BlobStore
from workbench.store.documents import run_documents
from workbench.store.entities import entity_events
from workbench.store.store import Store
from workbench.store.visit import visit

pytestmark = pytest.mark.interop

RUN, OTHER, LIVE = "a" * 32, "b" * 32, "c" * 32
T = 1_700_000_000_000_000


@pytest.fixture
def full(project: Project) -> Project:
    """A project with a run that has one of everything, another, and one that was killed."""
    sha256, size = BlobStore(project).put_bytes(b"content\n")
    patch, _ = BlobStore(project).put_bytes(b"diff\n")
    writer = JournalWriter(project.journal_dir, RUN)
    writer.events(
        [
            {
                "e": "start", "experiment": "fraud", "name": "brave", "parent": OTHER, "resumed": False, "user": "ada",
                "host": "lab", "command": ["python", "train.py", "--x"], "cwd": "/code", "python": "3.11", "t": T,
            },
            {"e": "param", "name": "lr", "value": 0.1, "t": T},
            {"e": "param", "name": "deep", "value": {"a": [1, None, True, "x"]}, "t": T},
            {"e": "tag", "name": "kind", "value": "base", "t": T},
            {"e": "tag", "name": "gone", "value": None, "t": T},
            {"e": "cap", "name": "git", "value": {"commit": "f" * 40, "dirty": True, "patch": patch}, "t": T},
            {"e": "data", "name": "train", "digest": "d", "path": "x.csv", "size": 3, "format": "csv", "t": T},
            {"e": "art", "path": "roc.txt", "sha256": sha256, "size": size, "kind": "file", "t": T},
            {"e": "out", "s": 1, "x": "epoch 0", "t": T + 1},
            {"e": "out", "s": 2, "x": "no newline", "n": True, "t": T + 1},
        ]
    )  # fmt: skip
    for step, value in enumerate([0.1, 1 / 3, 1e-300, float("nan"), float("inf"), float("-inf"), -0.0]):
        writer.metrics({"loss": value, "a\tb": value}, step, T + step)
    writer.metrics({"loss": 0.1}, 0, T)
    writer.event("end", status="failed", exit_code=3, error="boom", t=T + 5_000_000)
    writer.close()
    for uid in (OTHER, LIVE):
        writer = JournalWriter(project.journal_dir, uid)
        writer.event("start", experiment="default", name=uid[:4], resumed=False, t=T)
        if uid == OTHER:
            writer.event("end", status="finished", exit_code=0, error=None, t=T + 1)
        writer.close()
    edits.set_note(project, RUN, "a note")
    edits.set_starred(project, RUN)
    edits.delete(project, OTHER)
    journal = JournalWriter(project.journal_dir, None, role="meta")
    journal.events(entity_events("experiment", "7", {"name": "fraud", "tag:team": "risk"}))
    journal.events(entity_events("logged_model", "m-1", {"experiment_id": "7", "run": RUN, "name": "forest"}))
    journal.close()
    return project


def written(project: Project, name: str = "all.tar", runs: list[str] | None = None) -> tuple[Path, BundleReport]:
    path = Path(project.root) / name
    with Store(project) as store:
        return path, write_bundle(store, str(path), runs)


def test_another_store_says_the_same(full: Project, tmp_path: Path) -> None:
    path, report = written(full)
    assert (report.runs, report.points, report.contents, report.entities) == (3, 15, 2, 2)
    target = create_project(str(tmp_path / "target"))
    brought = import_bundle(target, str(path))
    assert (brought.tally.new_runs, brought.tally.points, brought.contents) == (3, 15, 2)
    assert written(target)[0].read_bytes() == path.read_bytes()
    with visit(full) as db:
        before = run_documents(db, [RUN, OTHER])
    with visit(target) as db:
        after = run_documents(db, [RUN, OTHER])
    assert json.dumps(after, sort_keys=True) == json.dumps(before, sort_keys=True)


def test_the_same_store_gives_the_same_bytes(full: Project) -> None:
    first = written(full, "one.tar")[0].read_bytes()
    with Store(full) as store:
        store.rebuild()
        store.rewrite()
    assert written(full, "two.tar")[0].read_bytes() == first


def test_twice_is_once(full: Project, tmp_path: Path) -> None:
    path, _ = written(full)
    target = create_project(str(tmp_path / "target"))
    import_bundle(target, str(path))
    again = import_bundle(target, str(path))
    assert (again.tally.new_runs, again.tally.updated_runs, again.tally.unchanged_runs) == (0, 0, 3)
    assert (again.contents, again.facts) == (0, 0)
    assert written(target)[0].read_bytes() == path.read_bytes()


def test_what_has_grown_follows(full: Project, tmp_path: Path) -> None:
    target = create_project(str(tmp_path / "target"))
    import_bundle(target, str(written(full)[0]))
    writer = JournalWriter(full.journal_dir, LIVE)
    writer.metrics({"loss": 0.5}, 0, T + 9)
    writer.event("out", s=1, x="later", t=T + 9)
    writer.close()
    path, _ = written(full)
    report = import_bundle(target, str(path))
    assert (report.tally.updated_runs, report.tally.points) == (1, 1)
    assert written(target)[0].read_bytes() == path.read_bytes()


def test_what_was_edited_there_stays(full: Project, tmp_path: Path) -> None:
    target = create_project(str(tmp_path / "target"))
    path, _ = written(full)
    import_bundle(target, str(path))
    edits.set_note(target, RUN, "theirs")
    assert import_bundle(target, str(path)).tally.kept == 1
    with visit(target) as db:
        assert run_documents(db, [RUN])[0]["note"] == "theirs"


def test_some_runs_bring_what_belongs_to_them(full: Project) -> None:
    path, report = written(full, "some.tar", [LIVE])
    assert (report.runs, report.contents, report.entities) == (1, 0, 0)
    with tarfile.open(path) as tar:
        assert tar.getnames() == ["bundle.json", "entities.jsonl", f"runs/{LIVE}.json"]
    path, report = written(full, "some.tar", [RUN])
    assert (report.runs, report.contents, report.entities) == (1, 2, 2)


def test_names_are_sorted_and_nobody_owns_them(full: Project) -> None:
    with tarfile.open(written(full)[0]) as tar:
        names = tar.getnames()
        assert names == sorted(names)
        assert {(member.mtime, member.uid, member.gid, member.uname, member.mode) for member in tar} == {
            (0, 0, 0, "", 0o644)
        }


def test_nothing_is_left_where_it_cannot_be_written(full: Project) -> None:
    with pytest.raises(StoreError):
        written(full, "missing folder/x.tar")
    assert not [name for name in os.listdir(full.root) if "partial" in name]


def test_what_is_no_bundle_is_refused(full: Project, tmp_path: Path) -> None:
    target = create_project(str(tmp_path / "target"))
    whole = written(full)[0].read_bytes()
    cases = {"text": b"no tar", "empty": b"", "half": whole[: len(whole) // 2], "other": tar_of({"x": b"y"})}
    cases["no format"] = tar_of({"bundle.json": b"{}", "entities.jsonl": b""})
    cases["broken run"] = tar_of(
        {"bundle.json": b'{"format":1}', "entities.jsonl": b"", f"runs/{RUN}.json": b'{"run_id": 1}'}
    )
    cases["changed content"] = whole.replace(b"content\n", b"CONTENT\n")
    for name, content in cases.items():
        path = tmp_path / name
        path.write_bytes(content)
        with pytest.raises(InputError, match="no bundle, or damaged"):
            import_bundle(target, str(path))
    with pytest.raises(InputError, match="there is no file"):
        import_bundle(target, "missing.tar")
    (tmp_path / "new").write_bytes(tar_of({"bundle.json": b'{"format":2}'}))
    with pytest.raises(StoreTooNewError):
        import_bundle(target, str(tmp_path / "new"))
    with visit(target) as db:
        assert db.execute("SELECT count(*) FROM run").fetchall() == [(0,)]


def tar_of(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return buffer.getvalue()
