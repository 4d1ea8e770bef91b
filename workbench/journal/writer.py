"""Appending to a journal: one acknowledged, kill-safe `write(2)` for each call.

When a call has returned, its block is in the kernel: no signal to any process can lose it. The
durability level says what a loss of power may take: `process` leaves that to the operating system,
`interval` (the default) flushes to the disk every second, `strict` before each call returns.
"""

from __future__ import annotations

import errno
import os
import threading
from zlib import crc32

from workbench.base import clock
from workbench.base.errors import InputError, StoreError, store_error
from workbench.base.ids import new_writer_id
from workbench.base.jsonvalue import dumps, nonfinite_name
from workbench.journal.block import FORMAT_VERSION, encode_block
from workbench.journal.descriptor import create_for_appending
from workbench.journal.edited import mark_edited
from workbench.journal.layout import journal_name, live_dir, sealed_dir
from workbench.journal.liveness import boot_id, host_name, lock_for_writing

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

DURABILITY_LEVELS = ("process", "interval", "strict")
SYNC_INTERVAL_S = 1.0
MAX_PENDING_BYTES = 64 * 1024 * 1024
MAX_STEP = 2**63 - 1
MAX_TIME_US = 2**62
_EVENT_TAIL = b"\t\t\t\t\n"

_open_writers: set[JournalWriter] = set()


class JournalWriter:
    """The one writer of one journal. Threads may share it; a forked child may not (`abandon`).

    Args:
        journal_dir: the project's journal folder.
        run_id: the run that the journal belongs to; None for edits of the project as a whole.
        role: `main` owns the run's end, `worker` only adds to it, `meta` edits.
        durability: `process`, `interval` or `strict`.
        on_error: `warn` keeps blocks that cannot be written in memory (64 MiB) and tries again;
            `raise` raises and keeps nothing.
        warn: receives one sentence for each kind of trouble, once.

    Raises:
        DiskFullError, StorePermissionError, StoreError: the journal cannot be created.

    Attributes:
        writer_id: 16 hex digits, part of the file's name.
        path: the journal's path, in `live/` until it is closed.
        closed: nothing more can be written.
    """

    def __init__(
        self,
        journal_dir: str,
        run_id: str | None,
        *,
        role: str = "main",
        durability: str = "interval",
        on_error: str = "warn",
        warn: Callable[[str], None] | None = None,
    ) -> None:
        if durability not in DURABILITY_LEVELS:
            raise InputError(f"unknown durability {durability!r}", f"one of: {', '.join(DURABILITY_LEVELS)}")
        self.run_id = run_id
        self.role = role
        self.closed = False
        self._journal_dir = journal_dir
        self._strict = durability == "strict"
        self._raise = on_error == "raise"
        self._warn = warn or (lambda message: None)
        self._warned: set[str] = set()
        self._lock = threading.RLock()  # reentrant: a signal handler may end the run while a call is being logged
        self._keys: dict[str, int] = {}
        self._last_us = 0
        self._pending: list[bytes] = []
        self._pending_bytes = 0
        self._lost_blocks = 0
        self._stop = threading.Event()
        self.path = ""
        self._running_crc = 0
        self._synced_crc = -1
        self._create()
        _open_writers.add(self)
        if durability == "interval":
            threading.Thread(target=self._sync_every_interval, name="workbench-sync", daemon=True).start()

    def metric(self, name: str, value: float, step: int) -> None:
        """Append one metric: `metrics` for the commonest call, without any other call of ours on the way.

        Args:
            value: a `float` itself, not of a subclass, whose `repr` may be anything.

        Raises: as `metrics`.
        """
        with self._lock:
            key = self._keys.get(name, -1)
            usual = key >= 0 and value - value == 0.0 and -MAX_STEP <= step <= MAX_STEP
            if not usual or self._pending or self.closed or self._strict:
                self.metrics({name: value}, step)
                return
            t = clock.now_ns() // 1000
            if t <= self._last_us:
                t = self._last_us + 1
            self._last_us = t
            payload = b"\t%d\t%d\t%b\t%d\n" % (key, step, repr(value).encode(), t)
            block = b"#%08x %08x %08x\t%b" % (len(payload), crc32(payload), self._running_crc, payload)
            try:
                written = os.write(self._fd, block)
            except OSError as error:
                self._repair(payload, 0, error)
                return
            if written == len(block):
                self._running_crc = crc32(block, self._running_crc)
            else:
                self._repair(payload, written, None)

    def metrics(self, values: Mapping[str, float], step: int, time_us: int | None = None) -> None:
        """Append one block with the metrics of one step; all of them or none.

        Args:
            values: finite or not, by name.
            step: a 64-bit signed integer.
            time_us: microseconds since the epoch; default now, made strictly increasing.

        Raises:
            InputError: the step does not fit 64 bits, or the time is no time.
            StoreError: with `on_error="raise"`, the block could not be written.
        """
        with self._lock:
            t = self._next_us() if time_us is None else _checked_time(time_us)
            if not -MAX_STEP <= step <= MAX_STEP:
                raise InputError(f"step {step} does not fit 64 bits")
            self._append_points((name, value, step, t) for name, value in values.items())

    def points(self, points: Iterable[tuple[str, float, int, int]]) -> None:
        """Append one block with `(name, value, step, microseconds since the epoch)` of any metrics; all or none.

        Raises: as `metrics`.
        """
        with self._lock:
            self._append_points(_checked_points(points))

    def _append_points(self, points: Iterable[tuple[str, float, int, int]]) -> None:
        keys = self._keys
        lines = []
        added = []
        kept = False
        try:
            for name, value, step, t in points:
                number = float(value)
                key = keys.get(name)
                if key is None:
                    key = keys[name] = len(keys)
                    added.append(name)
                    lines.append(self._event_line({"e": "key", "k": key, "name": name, "t": t}))
                shown = repr(number) if number - number == 0.0 else nonfinite_name(number)
                # %d and not str: a step may be a bool or another number that is equal to an integer.
                lines.append(b"\t%d\t%d\t%b\t%d\n" % (key, step, shown.encode(), t))
            kept = not lines or self._append(b"\t".join(lines))
        finally:
            if not kept:  # names whose definition did not reach the journal must be defined again
                for name in added:
                    del keys[name]

    def event(self, e: str, *, sync: bool = False, **fields: object) -> None:
        """Append one event of kind `e`."""
        self.events([{"e": e, **fields}], sync=sync)

    def events(self, events: Sequence[Mapping[str, object]], *, sync: bool = False) -> None:
        """Append events as one block, all of them or none; each gets its time `t` unless it has one.

        Args:
            sync: flush to the disk before returning.

        Raises:
            InputError: a time is no time.
            StoreError: with `on_error="raise"`, the block could not be written.
        """
        if not events:
            return
        with self._lock:
            lines = [self._event_line(self._timed(event)) for event in events]
            self._append(b"\t".join(lines))
            if sync:
                self.sync()

    def sync(self) -> None:
        """Write what waits in memory, then flush the journal to the disk.

        Raises:
            StoreError: with `on_error="raise"`, the disk refused.
        """
        error = self._flush()
        if error is not None and self._raise:
            raise store_error(error, self.path)

    def close(self, *, seal: bool = True) -> None:
        """Flush and close; with `seal` a final event says that the journal is complete."""
        with self._lock:
            if self.closed:
                return
            try:
                if seal:
                    self._append(self._event_line({"e": "seal", "t": self._next_us()}))
                self.sync()
                if seal and not self._pending:
                    self._move_to_sealed()
            finally:
                self._end()
                os.close(self._fd)
            if self._pending or self._lost_blocks:
                self._complain(
                    "lost", f"{len(self._pending) + self._lost_blocks} records could not be written and are lost"
                )

    def _move_to_sealed(self) -> None:
        sealed = os.path.join(sealed_dir(self._journal_dir), os.path.basename(self.path))
        try:
            os.rename(self.path, sealed)
        except OSError:  # ingest moves it later, and reads it where it is until then
            return
        self.path = sealed

    def abandon(self) -> None:
        """In a forked child: let go of the parent's journal without writing to it or unlocking it."""
        self._lock = threading.RLock()  # a thread of the parent may have held it; it does not exist here
        if not self.closed:
            self._end()
            os.close(self._fd)

    def _flush(self) -> OSError | None:
        with self._lock:
            if self.closed:
                return None
            self._write_pending()
            crc = self._running_crc
            fd = self._fd
        try:
            os.fdatasync(fd)
            self._synced_crc = crc
        except OSError as error:
            if not self.closed:  # closed by another thread since: that has flushed it
                self._complain("sync", f"cannot flush {self.path} to the disk: {error.strerror}")
                return error
        return None

    def _end(self) -> None:
        self.closed = True
        self._stop.set()
        _open_writers.discard(self)

    def _next_us(self) -> int:
        now = clock.now_us()
        self._last_us = now = now if now > self._last_us else self._last_us + 1
        return now

    def _timed(self, event: Mapping[str, object]) -> Mapping[str, object]:
        t = event.get("t")
        if t is None:
            return {**event, "t": self._next_us()}
        if not isinstance(t, int):
            raise InputError(f"{t!r} is no time in microseconds")
        _checked_time(t)
        return event

    def _event_line(self, event: Mapping[str, object]) -> bytes:
        return dumps(event).encode() + _EVENT_TAIL

    def _create(self) -> None:
        """Make the file under a hidden name, lock it, and only then show it: a reader never sees it unlocked."""
        self.writer_id = new_writer_id()
        folder = live_dir(self._journal_dir)
        name = journal_name(self.run_id, self.writer_id)
        self.path = os.path.join(folder, name)
        hidden = os.path.join(folder, f".{name}")
        try:
            os.makedirs(folder, exist_ok=True)  # a tool that copies a project may leave out empty folders
            fd = create_for_appending(hidden)
        except OSError as error:
            raise store_error(error, folder) from None
        try:
            locked = lock_for_writing(fd)
            opened = {
                "e": "open",
                "v": FORMAT_VERSION,
                "run": self.run_id,
                "writer": self.writer_id,
                "host": host_name(),
                "boot": boot_id(),
                "pid": os.getpid(),
                "role": self.role,
                "lock": locked,
                "t": self._next_us(),
            }
            block = encode_block(self._event_line(opened), 0)
            if os.write(fd, block) != len(block):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fdatasync(fd)
            os.rename(hidden, self.path)
        except OSError as error:
            os.close(fd)
            try:
                os.unlink(hidden)
            except OSError:
                pass
            raise store_error(error, folder) from None
        self._fd = fd
        self._running_crc = crc32(block)
        _sync_folder(folder)

    def _append(self, payload: bytes) -> bool:
        """Write one block, or keep it in memory; False where it is lost."""
        if self.closed:
            raise StoreError("the journal is closed", "start or resume a run before logging")
        self._write_pending()
        if self._pending:
            return self._keep(payload)
        block = encode_block(payload, self._running_crc)
        try:
            written = os.write(self._fd, block)
        except OSError as error:
            return self._repair(payload, 0, error)
        if written != len(block):
            return self._repair(payload, written, None)
        self._running_crc = crc32(block, self._running_crc)
        if self.run_id is None:
            mark_edited(self._journal_dir)
        if self._strict:
            self.sync()
        return True

    def _write_pending(self) -> None:
        """Try once more to write the blocks that wait in memory, oldest first."""
        while self._pending:
            payload = self._pending[0]
            block = encode_block(payload, self._running_crc)
            try:
                written = os.write(self._fd, block)
            except OSError:
                return
            if written != len(block):
                self._cut(written)
                return
            self._running_crc = crc32(block, self._running_crc)
            del self._pending[0]
            self._pending_bytes -= len(payload)

    def _repair(self, payload: bytes, written: int, error: OSError | None) -> bool:
        """After a failed or short write: cut the torn block off, then keep the payload or raise."""
        if written:
            self._cut(written)
        error = error or OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        if self._raise:
            raise store_error(error, self.path)
        self._complain(
            "write", f"cannot write {self.path}: {error.strerror}; records are kept in memory and tried again"
        )
        return self._keep(payload)

    def _keep(self, payload: bytes) -> bool:
        if self._pending_bytes + len(payload) > MAX_PENDING_BYTES:
            self._lost_blocks += 1
            self._complain("full", f"{MAX_PENDING_BYTES // 2**20} MiB wait for {self.path}; later records are lost")
            return False
        self._pending.append(payload)
        self._pending_bytes += len(payload)
        return True

    def _cut(self, written: int) -> None:
        """Remove the `written` bytes of a torn block."""
        try:
            os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
        except OSError:  # readers skip it as a gap, which they notice since the running CRC leaves it out
            return

    def _complain(self, kind: str, message: str) -> None:
        if kind not in self._warned:
            self._warned.add(kind)
            self._warn(message)

    def _sync_every_interval(self) -> None:
        while not self._stop.wait(SYNC_INTERVAL_S):
            if self._pending or self._running_crc != self._synced_crc:
                self._flush()


def _checked_time(time_us: int) -> int:
    if not -MAX_TIME_US <= time_us <= MAX_TIME_US:
        raise InputError(f"{time_us} is no time in microseconds")
    return time_us


def _checked_points(points: Iterable[tuple[str, float, int, int]]) -> Iterator[tuple[str, float, int, int]]:
    for point in points:
        if not -MAX_STEP <= point[2] <= MAX_STEP:
            raise InputError(f"step {point[2]} does not fit 64 bits")
        _checked_time(point[3])
        yield point


def _sync_folder(folder: str) -> None:
    """Make a new name in `folder` survive a loss of power, where the file system can."""
    try:
        fd = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return
    try:
        os.fsync(fd)
    except OSError:
        pass
    finally:
        os.close(fd)


def _abandon_all_in_child() -> None:
    for writer in list(_open_writers):
        writer.abandon()


os.register_at_fork(after_in_child=_abandon_all_in_child)
