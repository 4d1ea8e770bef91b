"""A journal that appears complete or not at all, with a name and bytes that follow from what it holds.

A run that is taken from elsewhere has no process that could be killed in the middle of it. Its journal is collected
first, written under a hidden name and renamed when it is on the disk. The writer's id is a hash of the contents, which
tell nothing of the machine or the time of the import, so two machines that import the same state of a source make the
same journal, and merging their stores counts it once.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b
from itertools import islice
from tempfile import SpooledTemporaryFile
from zlib import crc32

from workbench.base.errors import store_error
from workbench.base.ids import WRITER_ID_LENGTH
from workbench.base.jsonvalue import dumps, nonfinite_name
from workbench.journal.block import FORMAT_VERSION, encode_block
from workbench.journal.layout import journal_name, sealed_dir
from workbench.journal.liveness import host_name

Point = tuple[str, float, int, int]
"""Metric, value, step, microseconds since the epoch."""

POINTS_PER_BLOCK = 4096
_IN_MEMORY_BYTES = 32 * 1024 * 1024
ROLE = "import"
"""The role of a journal that an import wrote."""
_HIDDEN = ".import-"
_EVENT_TAIL = b"\t\t\t\t\n"


class WholeJournal:
    """One journal of one run.

    Args:
        journal_dir: the project's journal folder.
        run_id: the run.
    """

    def __init__(self, journal_dir: str, run_id: str) -> None:
        self._folder = sealed_dir(journal_dir)
        self._run_id = run_id
        self._keys: dict[str, int] = {}
        self._points = SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - closed by `close`
        self._sizes: list[int] = []

    def add_points(self, points: Iterable[Point]) -> int:
        """Add points, in blocks; returns how many."""
        added = 0
        remaining = iter(points)
        while block := list(islice(remaining, POINTS_PER_BLOCK)):
            lines = [line for point in block for line in self._point_lines(*point)]
            payload = b"\t".join(lines)
            self._points.write(payload)
            self._sizes.append(len(payload))
            added += len(block)
        return added

    def write(self, opened_us: int, first: Sequence[Mapping[str, object]], last: Sequence[Mapping[str, object]]) -> str:
        """Make the journal appear in `sealed/`: the events `first`, the points, then the events `last`.

        Args:
            opened_us: the time of its first record.
            first, last: events with their times `t`.

        Returns:
            The writer's id.

        Raises:
            StoreError: it cannot be written; nothing of it is there.
        """
        head, tail = _payload(first), _payload([*last, {"e": "seal", "t": last[-1]["t"] if last else opened_us}])
        writer_id = self._writer_id(head, tail)
        opened = {
            "e": "open",
            "v": FORMAT_VERSION,
            "run": self._run_id,
            "writer": writer_id,
            "host": host_name(),  # who may pack it
            "boot": "",
            "pid": 0,
            "role": ROLE,
            "lock": False,
            "t": opened_us,
        }
        hidden = os.path.join(self._folder, f"{_HIDDEN}{self._run_id}-{writer_id}")
        try:
            os.makedirs(self._folder, exist_ok=True)
            try:
                with open(hidden, "wb") as file:
                    crc = 0
                    for payload in (_payload([opened]), head, *self._payloads(), tail):
                        if payload:
                            block = encode_block(payload, crc)
                            file.write(block)
                            crc = crc32(block, crc)
                    file.flush()
                    os.fsync(file.fileno())
                os.rename(hidden, os.path.join(self._folder, journal_name(self._run_id, writer_id)))
            finally:
                if os.path.exists(hidden):
                    os.unlink(hidden)
            _sync_folder(self._folder)
        except OSError as error:
            raise store_error(error, self._folder) from None
        return writer_id

    def close(self) -> None:
        """Let go of what was collected."""
        self._points.close()

    def _writer_id(self, head: bytes, tail: bytes) -> str:
        digest = blake2b(self._run_id.encode(), digest_size=WRITER_ID_LENGTH // 2)
        for payload in (head, *self._payloads(), tail):
            digest.update(len(payload).to_bytes(8, "little"))
            digest.update(payload)
        return digest.hexdigest()

    def _payloads(self) -> Iterable[bytes]:
        self._points.seek(0)
        for size in self._sizes:
            yield self._points.read(size)

    def _point_lines(self, name: str, value: float, step: int, time_us: int) -> list[bytes]:
        lines = []
        key = self._keys.get(name)
        if key is None:
            key = self._keys[name] = len(self._keys)
            lines.append(dumps({"e": "key", "k": key, "name": name, "t": time_us}).encode() + _EVENT_TAIL)
        shown = repr(value) if value - value == 0.0 else nonfinite_name(value)
        lines.append(b"\t%d\t%d\t%b\t%d\n" % (key, step, shown.encode(), time_us))
        return lines


def remove_leftovers(journal_dir: str) -> None:
    """Remove what killed imports left behind; to be called by one import at a time."""
    folder = sealed_dir(journal_dir)
    try:
        for name in os.listdir(folder):
            if name.startswith(_HIDDEN):
                os.unlink(os.path.join(folder, name))
    except OSError:  # it takes space, and nothing else
        return


def _payload(events: Sequence[Mapping[str, object]]) -> bytes:
    return b"\t".join(dumps(event).encode() + _EVENT_TAIL for event in events)


def _sync_folder(folder: str) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    except OSError:  # a file system that cannot; the name is there
        return
    finally:
        os.close(fd)
