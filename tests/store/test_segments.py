"""Segments: what they hold is in the store once, wherever else it lies."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest

from tests.conftest import START_US
from tests.store.journals import (
    HERE,
    JournalText,
    assert_same,
    assert_summaries_recompute,
    catch_up,
    empty_store,
    log_run,
    points,
    snapshot,
    statuses,
)
from workbench.base.errors import StoreUnusableError
from workbench.base.project import Project, create_project
from workbench.store.pack import pack
from workbench.store.segments import file_sha256, list_segments, read_manifest, write_manifest
from workbench.store.store import Store


def sealed_text(steps: int = 6) -> JournalText:
    text = JournalText(host=HERE).start()
    for step in range(steps):
        text.metrics({"x": float(step)}, step, START_US + step).event("out", START_US + step, s=1, x=f"line {step}")
    return text.event("end", START_US + 50, status="finished").event("seal", START_US + 51)


def packed(project: Project, texts: Sequence[JournalText]) -> None:
    for text in texts:
        text.write(project, folder="sealed")
    pack(project, older_than_days=-1)
    assert os.listdir(os.path.join(project.journal_dir, "sealed")) == []


def test_a_segment_holds_what_its_journals_held(project: Project, tmp_path: Path) -> None:
    texts = [sealed_text(), sealed_text(0)]
    for text in texts:
        text.write(project, folder="sealed")
    before = empty_store()
    catch_up(before, project, tmp_path)
    packed(project, texts)
    after = empty_store()
    catch_up(after, project, tmp_path)
    assert_same(snapshot(before), snapshot(after))
    [segment_id] = list_segments(project)
    assert after.execute("SELECT DISTINCT segment FROM journals").fetchall() == [(segment_id,)]
    before.close()
    after.close()


def test_a_journal_and_its_segment_are_one(project: Project) -> None:
    text = sealed_text()
    packed(project, [text])
    text.write(project, folder="sealed")
    store = Store(project)
    uid = text.uid or ""
    for visit in (store.ingest, store.rebuild, store.ingest):
        visit()
        assert len(points(store, uid)) == 6
        with store.reading() as db:
            assert_summaries_recompute(db)
            assert db.execute("SELECT count(*) FROM outputs").fetchall() == [(6,)]


@pytest.mark.parametrize("blocks", [1, 3, 8, 15])
def test_a_segment_continues_a_journal_that_was_read_in_part(project: Project, tmp_path: Path, blocks: int) -> None:
    elsewhere = create_project(str(tmp_path / "elsewhere"))
    text = JournalText(host="elsewhere").start()
    for step in range(6):
        text.metrics({"x": float(step)}, step, START_US + step).event("out", START_US + step, s=1, x=f"line {step}")
    text.event("seal", START_US + 51)
    local = JournalText(text.uid, writer=text.writer, host=HERE)
    local.blocks = text.blocks
    db = empty_store()
    local.write(project, size=sum(map(len, text.blocks[:blocks])) + 3)
    catch_up(db, project, tmp_path)
    local.write(elsewhere, folder="sealed")
    _pack_foreign(elsewhere)
    shutil.copytree(elsewhere.segment_dir, project.segment_dir, dirs_exist_ok=True)
    os.unlink(os.path.join(project.journal_dir, "live", text.name))
    for _ in range(2):
        catch_up(db, project, tmp_path)
        assert db.execute("SELECT list(step ORDER BY step) FROM metrics").fetchall() == [(list(range(6)),)]
        assert db.execute("SELECT list(text ORDER BY seq) FROM outputs").fetchall() == [
            ([f"line {step}" for step in range(6)],)
        ]
        assert_summaries_recompute(db)
    db.close()


def _pack_foreign(project: Project) -> None:
    """Pack as the host that wrote the journals would."""
    from workbench.store import pack as module

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "host_name", lambda: "elsewhere")
        pack(project, older_than_days=-1)


def test_a_journal_in_two_segments_is_one(project: Project, tmp_path: Path) -> None:
    text = sealed_text()
    for _ in range(2):
        packed(project, [text])
    assert len(list_segments(project)) == 2
    store = Store(project)
    for visit in (store.ingest, store.rebuild):
        visit()
        assert len(points(store, text.uid or "")) == 6


def test_a_gap_is_recorded_once(project: Project, tmp_path: Path) -> None:
    text = sealed_text()
    data = bytearray(text.data)
    third = sum(map(len, text.blocks[:4]))
    data[third + 35] ^= 1
    path = Path(text.write(project))
    path.write_bytes(data)
    db = empty_store()
    catch_up(db, project, tmp_path)
    shutil.move(path, os.path.join(project.journal_dir, "sealed", text.name))
    pack(project, older_than_days=-1)
    catch_up(db, project, tmp_path)
    assert db.execute("SELECT count(*) FROM gaps").fetchall() == [(1,)]
    fresh = empty_store()
    catch_up(fresh, project, tmp_path)
    assert fresh.execute("FROM gaps").fetchall() == db.execute("FROM gaps").fetchall()
    fresh.close()
    db.close()


def test_a_manifest_reads_back_as_it_was_written(project: Project) -> None:
    packed(project, [sealed_text()])
    [segment_id] = list_segments(project)
    segment = read_manifest(project, segment_id)
    assert file_sha256(segment.path) == segment.sha256
    write_manifest(project, segment)
    assert read_manifest(project, segment_id) == segment


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b'{"sha256": 1, "rows": 1, "journals": [{}]}'])
def test_a_damaged_manifest_is_named(project: Project, content: bytes) -> None:
    uid = log_run(project)
    (Path(project.segment_dir) / "broken.json").write_bytes(content)
    with pytest.raises(StoreUnusableError, match=r"broken\.json is damaged"):
        read_manifest(project, "broken")
    store = Store(project)
    with pytest.raises(StoreUnusableError, match=r"broken\.json is damaged"):
        store.ingest()
    os.unlink(os.path.join(project.segment_dir, "broken.json"))
    assert statuses(store) == {uid: "finished"}


@pytest.mark.parametrize("read_only", [False, True])
def test_damaged_or_missing_parquet_is_an_error_without_a_traceback(project: Project, read_only: bool) -> None:
    packed(project, [sealed_text()])
    path = read_manifest(project, list_segments(project)[0]).path
    content = Path(path).read_bytes()
    store = Store(project, read_only=read_only)
    for damage in (b"PAR1", None):
        os.unlink(path)
        if damage:
            Path(path).write_bytes(damage)
        with pytest.raises(StoreUnusableError):
            store.ingest()
        Path(path).write_bytes(content)
    assert list(statuses(store).values()) == ["finished"]


def test_what_is_not_yet_a_segment_does_not_count(project: Project) -> None:
    for name in (".x.json", "x.parquet", "x.json.tmp", ".x.tmp"):
        (Path(project.segment_dir) / name).write_bytes(b"half")
    assert list_segments(project) == []
    assert Store(project).ingest().caught_up
    shutil.rmtree(project.segment_dir)
    assert list_segments(project) == []


def test_a_segment_is_small_typed_parquet(project: Project) -> None:
    packed(project, [sealed_text()])
    segment = read_manifest(project, list_segments(project)[0])
    rows = duckdb.execute("SELECT count(*), count(text), count(k) FROM read_parquet($1)", [segment.path]).fetchall()
    assert rows == [(segment.rows, segment.rows - 6, 6)]
