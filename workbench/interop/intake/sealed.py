"""Journals that are complete when they appear: made under a hidden name, flushed, and only then shown.

The id of the writer is the hash of what the journal says. So the same content has the same name wherever it was
imported, and two stores that imported the same meet in one journal.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import blake2b
from zlib import crc32

from workbench.base.errors import store_error
from workbench.base.ids import WRITER_ID_LENGTH
from workbench.base.jsonvalue import dumps
from workbench.base.project import Project
from workbench.interop.whole_journal import ROLE
from workbench.journal.block import FORMAT_VERSION, encode_block
from workbench.journal.edited import mark_edited
from workbench.journal.layout import journal_name, sealed_dir
from workbench.journal.liveness import host_name

_SUFFIX = ".importing"
_BLOCK_POINTS = 4096
_BLOCK_EVENTS = 512
_EVENT_TAIL = "\t\t\t\t\n"


def event_payloads(events: Sequence[Mapping[str, object]]) -> Iterator[bytes]:
    """Events, each with its time `t`, as the payloads of blocks."""
    for start in range(0, len(events), _BLOCK_EVENTS):
        yield "\t".join(dumps(event) + _EVENT_TAIL for event in events[start : start + _BLOCK_EVENTS]).encode()


def point_payloads(lines: Sequence[str]) -> Iterator[bytes]:
    """Lines of points as the payloads of blocks."""
    for start in range(0, len(lines), _BLOCK_POINTS):
        yield "\t".join(lines[start : start + _BLOCK_POINTS]).encode()


def key_events(names: Iterable[str], t: int) -> list[dict[str, object]]:
    """The events that give metrics their numbers, from 0 in the order of `names`."""
    return [{"e": "key", "k": number, "name": name, "t": t} for number, name in enumerate(names)]


def write_sealed(project: Project, run_id: str | None, payloads: Sequence[bytes], t: int) -> str:
    """Write a complete journal; returns its name. One that is there already has the same content and stays.

    Args:
        run_id: whose journal it is; None for facts of what is no run.
        payloads: of its blocks, without those that open and seal it.
        t: the time of the last record, microseconds since the epoch.

    Raises:
        DiskFullError, StorePermissionError, StoreError: it cannot be written.
    """
    digest = blake2b(digest_size=WRITER_ID_LENGTH // 2, key=(run_id or "").encode())
    for payload in payloads:
        digest.update(payload)
    writer_id = digest.hexdigest()
    name = journal_name(run_id, writer_id)
    folder = sealed_dir(project.journal_dir)
    path = os.path.join(folder, name)
    if os.path.exists(path):
        return name
    hidden = os.path.join(folder, f".{name}{_SUFFIX}")
    opened = {
        "e": "open",
        "v": FORMAT_VERSION,
        "run": run_id,
        "writer": writer_id,
        "host": host_name(),
        "boot": "",
        "pid": 0,
        "role": ROLE,
        # Nobody knows here whether the run's own process lives, so that one without an end is never called crashed.
        "lock": False,
        "t": t,
    }
    try:
        os.makedirs(folder, exist_ok=True)
        with open(hidden, "wb") as file:
            crc = 0
            for payload in (*event_payloads([opened]), *payloads, *event_payloads([{"e": "seal", "t": t}])):
                block = encode_block(payload, crc)
                crc = crc32(block, crc)
                file.write(block)
            file.flush()
            os.fdatasync(file.fileno())
        os.rename(hidden, path)
    except OSError as error:
        raise store_error(error, folder) from None
    if run_id is None:
        mark_edited(project.journal_dir)
    return name


def remove_leftovers(project: Project) -> None:
    """Remove what an import that was killed has half written. No other import may be running."""
    folder = sealed_dir(project.journal_dir)
    try:
        names = os.listdir(folder)
    except FileNotFoundError:
        return
    for name in names:
        if name.startswith(".") and name.endswith(_SUFFIX):
            os.unlink(os.path.join(folder, name))
