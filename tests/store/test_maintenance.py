from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import START_US
from tests.store.journals import HERE, JournalText, journal_path, log_run, points
from workbench.base.errors import StoreError
from workbench.base.project import Project
from workbench.store.blobs import BlobStore
from workbench.store.maintenance import (
    UNREFERENCED_AFTER_S,
    collect_garbage,
    compact,
    measure_size,
    referenced_contents,
    verify,
)
from workbench.store.segments import list_segments, read_manifest
from workbench.store.store import Store


def logged_content(project: Project, content: bytes, kind: str = "art") -> tuple[str, str]:
    """A content and a run that refers to it; `(sha256, run id)`."""
    sha256, size = BlobStore(project).put_bytes(content)
    text = JournalText(host=HERE).start()
    if kind == "art":
        text.event("art", START_US, path="model.bin", sha256=sha256, size=size, kind="file")
    elif kind == "cap":
        text.event("cap", START_US, name="patch", value={"sha256": sha256})
    else:
        text.event("data", START_US, name="train", digest="x", path="p", size=1, format="csv", schema={"blob": sha256})
    text.event("end", START_US, status="finished").event("seal", START_US).write(project)
    return sha256, text.uid or ""


def grow_old(project: Project) -> None:
    blobs = BlobStore(project)
    for sha256, _, modified in blobs.each():
        then = modified - UNREFERENCED_AFTER_S - 60
        os.utime(blobs.path_of(sha256), (then, then))


def contents(project: Project) -> set[str]:
    return {sha256 for sha256, _, _ in BlobStore(project).each()}


# ---------------------------------------------------------------------- size


def test_size_counts_every_kind(project: Project) -> None:
    store = Store(project)
    empty = measure_size(store)
    assert (empty.journals, empty.segments, empty.blobs, empty.runs, empty.points) == (0, 0, 0, 0, 0)
    log_run(project, steps=4)
    compact(store, older_than_days=-1)
    log_run(project, steps=5)
    BlobStore(project).put_bytes(b"12345")
    size = measure_size(store)
    assert (size.journals, size.segments, size.blobs, size.runs, size.points) == (1, 1, 1, 2, 9)
    assert size.blob_bytes == 5
    assert size.total_bytes == size.journal_bytes + size.segment_bytes + 5 + size.cache_bytes
    assert min(size.journal_bytes, size.segment_bytes, size.cache_bytes) > 0


# ---------------------------------------------------------------------- verify


def test_a_sound_store_has_no_problems(project: Project) -> None:
    log_run(project, steps=4)
    store = Store(project)
    compact(store, older_than_days=-1)
    logged_content(project, b"weights")
    seen: list[str] = []
    report = verify(store, seen.append)
    assert report.problems == []
    assert (report.journals, report.segments, report.blobs, report.points) == (1, 1, 1, 4)
    assert len(seen) == 3


def test_the_torn_tail_of_a_killed_writer_is_no_problem(project: Project) -> None:
    text = JournalText(host=HERE).start().metrics({"x": 1.0}, 0)
    text.write(project, size=len(text.data) - 3)
    assert verify(Store(project)).problems == []


def test_damage_of_every_kind_is_found(project: Project) -> None:
    store = Store(project)
    log_run(project)
    compact(store, older_than_days=-1)
    segment = read_manifest(project, list_segments(project)[0])
    damaged, _ = logged_content(project, b"weights")
    missing, other = logged_content(project, b"gone")
    uid = log_run(project)
    store.ingest()
    with open(journal_path(project, uid), "rb+") as file:
        file.seek(-20, os.SEEK_END)
        file.write(b"\0")
    path = Path(BlobStore(project).path_of(damaged))
    path.chmod(0o644)
    path.write_bytes(b"weighty")
    os.unlink(BlobStore(project).path_of(missing))
    with open(segment.path, "ab") as file:
        file.write(b"x")
    problems = "\n".join(verify(store).problems)
    assert f"journal {uid}" in problems
    assert f"content {damaged[:12]}" in problems
    assert f"artifact model.bin of run {other[:8]}: its content is missing" in problems
    assert f"segment {segment.segment_id}: its bytes do not have the recorded hash" in problems
    assert problems.count("\n") == 3
    os.unlink(segment.path)
    assert "its Parquet file is missing" in "\n".join(verify(store).problems)


def test_a_journal_that_lost_its_end_is_found(project: Project) -> None:
    store = Store(project)
    uid = log_run(project)
    store.ingest()
    os.truncate(journal_path(project, uid), os.path.getsize(journal_path(project, uid)) - 100)
    [problem] = verify(store).problems
    assert uid in problem and "its last 100 bytes, which were read before, are gone" in problem


# ---------------------------------------------------------------------- garbage


@pytest.mark.parametrize("kind", ["art", "cap", "data"])
def test_what_a_run_refers_to_is_kept(project: Project, kind: str) -> None:
    kept, _ = logged_content(project, b"kept", kind)
    garbage, _ = BlobStore(project).put_bytes(b"garbage")
    grow_old(project)
    store = Store(project)
    with store.reading() as db:
        assert referenced_contents(db) == {kept}
    dry = collect_garbage(store, dry_run=True)
    assert (dry.blobs, dry.size_bytes, dry.removed) == (1, len(b"garbage"), False)
    assert contents(project) == {kept, garbage}
    done = collect_garbage(store, dry_run=False)
    assert (done.blobs, done.removed) == (1, True)
    assert contents(project) == {kept}


def test_a_young_content_may_be_about_to_be_logged(project: Project) -> None:
    sha256, _ = BlobStore(project).put_bytes(b"young")
    assert collect_garbage(Store(project), dry_run=False).blobs == 0
    grow_old(project)
    BlobStore(project).put_bytes(b"young")
    assert collect_garbage(Store(project), dry_run=False).blobs == 0
    assert contents(project) == {sha256}


def test_a_deleted_run_keeps_its_contents(project: Project) -> None:
    from tests.store.journals import edit

    sha256, uid = logged_content(project, b"trash")
    edit(project, uid, "deleted", "true")
    grow_old(project)
    collect_garbage(Store(project), dry_run=False)
    assert contents(project) == {sha256}


def test_nothing_is_removed_when_the_references_cannot_be_read(project: Project) -> None:
    sha256, _ = BlobStore(project).put_bytes(b"x")
    grow_old(project)
    (Path(project.segment_dir) / "broken.json").write_text("{")
    with pytest.raises(StoreError):
        collect_garbage(Store(project), dry_run=False)
    assert contents(project) == {sha256}


# ---------------------------------------------------------------------- compaction


def test_compaction_changes_no_answer(project: Project) -> None:
    uids = [log_run(project, steps=5, params={"lr": 0.1}) for _ in range(3)]
    store = Store(project)
    before = [points(store, uid) for uid in uids]
    report = compact(store, older_than_days=-1)
    assert (report.segments, report.journals) == (1, 3)
    assert [points(store, uid) for uid in uids] == before
    store.rebuild()
    assert [points(store, uid) for uid in uids] == before
    assert compact(store, older_than_days=-1).journals == 0
