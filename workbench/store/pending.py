"""What journals hold that the store does not know yet: scanned, verified and staged for DuckDB.

A batch is a set of verified byte ranges of journals, written to one staging file in which each line
begins with the number of its journal, so that DuckDB parses all of them in a single read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from workbench.base.errors import StorePermissionError
from workbench.base.jsonvalue import loads
from workbench.journal.block import FORMAT_VERSION, HEADER_SIZE, block_end, scan
from workbench.journal.layout import live_dir, parse_name, sealed_dir
from workbench.journal.liveness import host_name, writer_alive

BATCH_BYTES = 64 * 1024 * 1024
_SEAL = b'\t{"e":"seal"'  # only an event of its own follows a tab, whatever a parameter contains


@dataclass
class Known:
    """What the store knows of a journal."""

    file_id: int
    offset: int = 0
    running_crc: int = 0
    sealed: bool = False
    alive: bool = False
    local: bool = False
    """Its writer's lock is seen here: a writer that holds none is dead."""


@dataclass
class Piece:
    """New content of one journal in a batch."""

    name: str
    file_id: int
    new: bool
    offset: int
    running_crc: int
    alive: bool
    complete: bool
    """Nothing will follow: sealed, or its writer is dead and every byte is settled."""
    path: str
    gaps: list[tuple[int, int, str]] = field(default_factory=list)
    opened: dict[str, object] = field(default_factory=dict)
    base: int = 0
    """Offset at which the new bytes begin."""

    @property
    def run_uid(self) -> str | None:
        """The run that the journal belongs to; None for edits of the project."""
        parsed = parse_name(self.name)
        return parsed[0] if parsed else None


@dataclass
class Batch:
    """Pieces that are folded into the store in one transaction."""

    pieces: list[Piece] = field(default_factory=list)
    size_bytes: int = 0
    shrunk: list[str] = field(default_factory=list)
    too_new: list[str] = field(default_factory=list)
    caught_up: bool = True
    """Every byte that could be read is in it."""


def live_files(journal_dir: str) -> list[tuple[str, str, int]]:
    """`(name, path, size in bytes)` of the journals that may still grow."""
    return list(_files(live_dir(journal_dir)))


def sealed_files(journal_dir: str) -> list[tuple[str, str, int]]:
    """`(name, path, size in bytes)` of the journals that are complete."""
    return list(_files(sealed_dir(journal_dir)))


def sealed_names(journal_dir: str) -> list[str]:
    """The names of the complete journals; a listing alone, since there may be 100,000."""
    try:
        return [name for name in os.listdir(sealed_dir(journal_dir)) if parse_name(name)]
    except FileNotFoundError:
        return []
    except PermissionError:
        raise _unreadable(sealed_dir(journal_dir)) from None


def with_size(journal_dir: str, names: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """`(name, path, size in bytes)` of complete journals by their names."""
    for name in names:
        path = os.path.join(sealed_dir(journal_dir), name)
        try:
            yield name, path, os.stat(path).st_size
        except FileNotFoundError:  # packed by another process since it was listed
            continue


def _files(folder: str) -> Iterator[tuple[str, str, int]]:
    try:
        entries = os.scandir(folder)
    except FileNotFoundError:
        return
    except PermissionError:
        raise _unreadable(folder) from None
    with entries:
        for entry in entries:
            if parse_name(entry.name):
                path = entry.path
                try:
                    yield entry.name, path, entry.stat().st_size
                except FileNotFoundError:
                    path = _moved(path)
                    if os.path.exists(path):
                        yield entry.name, path, os.stat(path).st_size


def stage_batch(
    files: Iterable[tuple[str, str, int]],
    known: dict[str, Known],
    next_file_id: int,
    stage: BinaryIO,
    limit_bytes: int = BATCH_BYTES,
) -> Batch:
    """Verify new bytes of `files` and write them to `stage`, up to about `limit_bytes`.

    Journals whose state alone changed (a writer died) become pieces without bytes.
    """
    batch = Batch()
    this_host = host_name()
    seen = set()
    for name, path, size in files:
        seen.add(name)
        if batch.size_bytes >= limit_bytes:
            batch.caught_up = False
            continue
        before = known.get(name)
        if before is not None and before.sealed:
            continue
        try:
            alive = os.path.basename(os.path.dirname(path)) == "live" and writer_alive(path)
            if not alive:  # only now is the size final: the writer may have ended since the folder was listed
                size = os.stat(path).st_size
        except FileNotFoundError:
            path = _moved(path)
            if not os.path.exists(path):  # packed by another process since it was listed
                continue
            alive, size = False, os.stat(path).st_size
        if before is not None and size < before.offset:
            batch.shrunk.append(name)
        elif before is not None and size == before.offset:
            complete = before.local and not alive
            if complete or alive != before.alive:
                batch.pieces.append(_unchanged(name, path, before, complete=complete, alive=alive))
        else:
            piece = _read_piece(name, path, size, before, next_file_id, alive, this_host, limit_bytes, stage, batch)
            if piece is not None:
                next_file_id += piece.new
                batch.pieces.append(piece)
    # A journal that was removed has no writer any more.
    gone = [(name, before) for name, before in known.items() if before.alive and name not in seen]
    batch.pieces += [_unchanged(name, "", before, complete=False, alive=False) for name, before in gone]
    return batch


def _unchanged(name: str, path: str, known: Known, *, complete: bool, alive: bool) -> Piece:
    return Piece(name, known.file_id, False, known.offset, known.running_crc, alive, complete, path, base=known.offset)


def _read_piece(
    name: str,
    path: str,
    size: int,
    before: Known | None,
    next_file_id: int,
    alive: bool,
    this_host: str,
    limit_bytes: int,
    stage: BinaryIO,
    batch: Batch,
) -> Piece | None:
    start = before.offset if before else 0
    crc = before.running_crc if before else 0
    want = max(limit_bytes - batch.size_bytes, 1)
    if not os.path.exists(path):
        path = _moved(path)
    try:
        with open(path, "rb", buffering=0) as file:
            file.seek(start)
            data = file.read(min(want, size - start)) or b""
            at_end = start + len(data) >= size
            found = scan(data, crc, writer_alive=alive or not at_end)
            if not at_end and found.consumed == 0:  # one block larger than the batch
                data += file.readall()
                at_end = True
                found = scan(data, crc, writer_alive=alive)
    except FileNotFoundError:
        return None
    except PermissionError:
        raise _unreadable(path) from None
    opened = opening_event(data) if start == 0 else {}
    version = opened.get("v", FORMAT_VERSION)
    if not isinstance(version, int) or version > FORMAT_VERSION:
        batch.too_new.append(name)
        return None
    local = opened.get("host") == this_host and opened.get("lock") is not False if before is None else before.local
    if not alive and not local and found.gaps and found.gaps[-1][1] == len(data):
        # A tail from another machine may still be on its way here.
        found = scan(data, crc, writer_alive=True)
    batch.caught_up &= at_end
    if found.consumed == 0 and (before is None or before.alive == alive):
        return None
    file_id = before.file_id if before else next_file_id
    prefix = b"%d\t" % file_id
    for first, last in found.ranges:
        stage.write(prefix)
        stage.write(data[first : last - 1].replace(b"\n", b"\n" + prefix))
        stage.write(b"\n")
        batch.size_bytes += last - first
    sealed = data.rfind(_SEAL, max(0, found.consumed - 200), found.consumed) >= 0
    complete = at_end and found.consumed == len(data) and (sealed or (not alive and local))
    gaps = [(start + first, start + last, reason) for first, last, reason in found.gaps]
    return Piece(
        name, file_id, before is None, start + found.consumed, found.running_crc, alive and not sealed, complete, path,
        gaps, opened, start,
    )  # fmt: skip


def _moved(path: str) -> str:
    """Where a journal is that was in `live/` when it was listed: its writer moves it to `sealed/` at any time.

    It has to be read all the same. Who holds the store's lock decides by what everybody before has written.
    """
    folder, name = os.path.split(path)
    return os.path.join(sealed_dir(os.path.dirname(folder)), name)


def _unreadable(path: str) -> StorePermissionError:
    return StorePermissionError(f"{path} may not be read", "check its owner and mode")


def opening_event(data: bytes) -> dict[str, object]:
    """The `open` event at the start of a journal's bytes, or nothing where its first block is damaged."""
    end = block_end(data, 0)
    if end is None:
        return {}
    event = loads(data[HEADER_SIZE : data.index(b"\t", HEADER_SIZE)])
    return event if isinstance(event, dict) and event.get("e") == "open" else {}
