"""What a batch takes from the journals: how far, whether more follows, and what is complete."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence

import pytest

from tests.conftest import START_US
from tests.store.journals import HERE, JournalText
from workbench.base.errors import StorePermissionError
from workbench.base.project import Project
from workbench.journal.layout import parse_name
from workbench.journal.writer import JournalWriter
from workbench.store import pending
from workbench.store.pending import (
    BATCH_BYTES,
    Batch,
    Known,
    live_files,
    opening_event,
    sealed_files,
    sealed_names,
    stage_batch,
)


def text_of(steps: int = 5, *, host: str = HERE, seal: bool = True) -> JournalText:
    text = JournalText(host=host).start()
    for step in range(steps):
        text.metrics({"x": float(step)}, step)
    return text.event("seal", START_US) if seal else text


def stage(
    project: Project, known: dict[str, Known] | None = None, limit_bytes: int = BATCH_BYTES
) -> tuple[Batch, bytes]:
    out = io.BytesIO()
    files = live_files(project.journal_dir) + sealed_files(project.journal_dir)
    batch = stage_batch(files, known or {}, 7, out, limit_bytes)
    return batch, out.getvalue()


def known_after(batch: Batch, *, local: bool = True) -> dict[str, Known]:
    return {p.name: Known(p.file_id, p.offset, p.running_crc, p.complete, p.alive, local) for p in batch.pieces}


def test_every_line_begins_with_the_number_of_its_journal(project: Project) -> None:
    text = text_of(2)
    text.write(project)
    batch, staged = stage(project)
    [piece] = batch.pieces
    assert (piece.file_id, piece.new, piece.complete, piece.alive) == (7, True, True, False)
    assert piece.offset == len(text.data)
    assert piece.run_uid == text.uid
    assert piece.opened["host"] == HERE
    lines = staged.splitlines()
    assert len(lines) == 2 + 1 + 2 + 1  # open, start, the name of x, two points, seal
    assert all(line.startswith(b"7\t") and line.count(b"\t") == 6 for line in lines)


def test_a_journal_that_is_known_is_read_from_where_it_was_left(project: Project) -> None:
    text = text_of(5)
    size = sum(map(len, text.blocks[:4]))
    text.write(project, size=size + 10)
    known = known_after(stage(project)[0], local=False)
    assert stage(project, known)[0].pieces == []
    known = {name: Known(k.file_id, size, k.running_crc) for name, k in known.items()}
    text.write(project)
    batch, staged = stage(project, known)
    [piece] = batch.pieces
    assert (piece.new, piece.base, piece.offset) == (False, size, len(text.data))
    assert staged.count(b"\n") == 4


@pytest.mark.parametrize("limit_bytes", [1, 100, 300, 1000])
def test_batches_of_any_size_reach_the_end_and_say_when(project: Project, limit_bytes: int) -> None:
    texts = [text_of(20), text_of(0), text_of(7, seal=False, host="elsewhere")]
    for text in texts:
        text.write(project)
    known: dict[str, Known] = {}
    staged = b""
    batches = 0
    while True:
        batches += 1
        batch, more = stage(project, known, limit_bytes)
        known |= known_after(batch, local=False)
        staged += more
        if batch.caught_up:
            break
    assert batches > 1
    assert {name: k.offset for name, k in known.items()} == {text.name: len(text.data) for text in texts}
    assert staged.count(b"\n") == sum(text.data.count(b"\n") for text in texts)


def test_a_batch_that_ends_within_a_block_has_not_caught_up(project: Project) -> None:
    text_of(5).write(project)
    batch, _ = stage(project, limit_bytes=len(text_of(5).data) - 1)
    assert not batch.caught_up


def test_a_parameter_that_looks_like_a_seal_seals_nothing(project: Project) -> None:
    text = JournalText(host="elsewhere").event("param", START_US, name="x", value={"e": "seal"})
    text.event("param", START_US, name='{"e":"seal"', value='\t{"e":"seal"')
    text.write(project)
    [piece] = stage(project)[0].pieces
    assert not piece.complete


def test_a_dead_writer_completes_its_journal_torn_tail_included(project: Project) -> None:
    text = text_of(3, seal=False)
    text.write(project, size=len(text.data) - 5)
    [piece] = stage(project)[0].pieces
    assert piece.complete
    assert piece.gaps == [(len(text.data) - len(text.blocks[-1]), len(text.data) - 5, "torn tail")]


def test_a_tail_from_another_host_is_awaited(project: Project) -> None:
    text = text_of(3, seal=False, host="elsewhere")
    text.write(project, size=len(text.data) - 5)
    [piece] = stage(project)[0].pieces
    assert (piece.complete, piece.gaps) == (False, [])
    assert piece.offset == len(text.data) - len(text.blocks[-1])


def test_a_writer_that_ends_while_the_folder_is_listed_loses_nothing(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The size that was listed may be older than the death of the writer."""
    text = text_of(5, seal=False)
    text.write(project)
    listed = [(name, path, size - len(text.blocks[-1])) for name, path, size in live_files(project.journal_dir)]
    batch = stage_batch(listed, {}, 1, io.BytesIO())
    assert [piece.offset for piece in batch.pieces] == [len(text.data)]
    before = {text.name: Known(1, listed[0][2], 0, False, True, True)}
    batch = stage_batch(listed, before, 1, io.BytesIO())
    assert [piece.offset for piece in batch.pieces] == [len(text.data)]


def test_a_journal_that_vanishes_between_listing_and_reading_waits_for_the_next_visit(project: Project) -> None:
    text = text_of(1)
    path = text.write(project)
    listed = live_files(project.journal_dir)
    os.unlink(path)
    batch = stage_batch(listed, {}, 1, io.BytesIO())
    assert (batch.pieces, batch.caught_up) == ([], True)


@pytest.mark.parametrize("moved_after", ["list", "stat", "lock"])
def test_a_journal_that_its_writer_moves_meanwhile_is_read_where_it_is_then(
    project: Project, monkeypatch: pytest.MonkeyPatch, moved_after: str
) -> None:
    """Who holds the store's lock decides by what others have written; what they do with the file is no reason."""
    text = text_of(3)
    path = text.write(project)
    sealed = os.path.join(project.journal_dir, "sealed", text.name)

    def move() -> bool:
        if os.path.exists(path):
            os.rename(path, sealed)
        return True

    if moved_after == "list":
        monkeypatch.setattr(pending, "parse_name", lambda name: move() and parse_name(name))
    listed = live_files(project.journal_dir)
    assert names(listed) == {text.name}
    if moved_after == "stat":
        move()
    if moved_after == "lock":
        monkeypatch.setattr(pending, "writer_alive", lambda path: move())
    [piece] = stage_batch(listed, {}, 1, io.BytesIO()).pieces
    assert (piece.offset, piece.name) == (len(text.data), text.name)


def test_only_changes_of_a_known_journal_become_pieces(project: Project) -> None:
    writer = JournalWriter(project.journal_dir, None, role="meta")
    batch, _ = stage(project)
    assert [(p.alive, p.complete, p.run_uid) for p in batch.pieces] == [(True, False, None)]
    known = known_after(batch)
    assert stage(project, known)[0].pieces == []
    writer.close(seal=False)
    batch, staged = stage(project, known)
    assert [(p.alive, p.complete) for p in batch.pieces] == [(False, True)]
    assert staged == b""
    assert stage(project, known_after(batch))[0].pieces == []


def test_a_shorter_journal_is_told_and_read_no_further(project: Project) -> None:
    text = text_of(2, host="elsewhere", seal=False)
    text.write(project)
    known = known_after(stage(project)[0], local=False)
    text.write(project, size=50)
    batch, staged = stage(project, known)
    assert (batch.shrunk, batch.pieces, staged) == ([text.name], [], b"")


def test_other_files_in_the_folders_are_no_journals(project: Project) -> None:
    for folder in ("live", "sealed"):
        for name in (".DS_Store", "notes.txt", "a.b.wbj", f".{'a' * 32}.{'b' * 16}.wbj"):
            with open(os.path.join(project.journal_dir, folder, name), "w") as file:
                file.write("x")
    assert live_files(project.journal_dir) == sealed_files(project.journal_dir) == []
    assert sealed_names(project.journal_dir) == []


@pytest.mark.parametrize("data", [b"", b"#", b"no journal at all\n", bytes(100)])
def test_bytes_that_are_no_journal_have_no_opening(data: bytes) -> None:
    assert opening_event(data) == {}


def test_an_empty_journal_waits(project: Project) -> None:
    JournalText().write(project, size=0)
    batch, staged = stage(project)
    assert (batch.pieces, staged, batch.caught_up) == ([], b"", True)


def names(files: Sequence[tuple[str, str, int]]) -> set[str]:
    return {name for name, _, _ in files}


def test_live_and_sealed_journals_are_listed_apart(project: Project) -> None:
    live, sealed = text_of(0), text_of(0)
    live.write(project)
    sealed.write(project, folder="sealed")
    assert names(live_files(project.journal_dir)) == {live.name}
    assert names(sealed_files(project.journal_dir)) == {sealed.name}
    assert list(pending.with_size(project.journal_dir, [sealed.name, "gone"])) == [
        (sealed.name, os.path.join(project.journal_dir, "sealed", sealed.name), len(sealed.data))
    ]


@pytest.mark.parametrize("folder", ["live", "sealed"])
def test_a_folder_that_may_not_be_read_is_named(project: Project, monkeypatch: pytest.MonkeyPatch, folder: str) -> None:
    def refuse(path: str) -> None:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(os, "listdir", refuse)
    with pytest.raises(StorePermissionError, match=f"{folder} may not be read"):
        live_files(project.journal_dir) if folder == "live" else sealed_names(project.journal_dir)
