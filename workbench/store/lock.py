"""The store's own lock, and who holds it.

DuckDB's lock on its file is a POSIX `fcntl` lock, which any other close of the file in the same
process drops without a word. So every visit takes an own `flock` on a file beside it first.
"""

from __future__ import annotations

import fcntl
import os
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager

from workbench.base.errors import StoreBusyError, store_error


@contextmanager
def store_lock(path: str, wait_s: float) -> Iterator[None]:
    """Hold the exclusive lock at `path`, waiting up to `wait_s` seconds for it.

    Raises:
        StoreBusyError: another process holds it for longer; the message names it.
        StoreError: the lock file cannot be created.
    """
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)  # the cache may be deleted at any time
        fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise store_error(error, path) from None
    try:
        _acquire(fd, path, wait_s)
        yield
    finally:
        fcntl.flock(fd, fcntl.LOCK_UN)  # a child that was forked meanwhile has the same lock and would keep it
        os.close(fd)


def _acquire(fd: int, path: str, wait_s: float) -> None:
    deadline = time.monotonic() + wait_s
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() >= deadline:
                raise StoreBusyError(
                    f"the store is busy: {describe_holder(path)} holds it for more than {wait_s:g} s",
                    "wait for it, or end that process",
                ) from None
            time.sleep(random.uniform(0.001, 0.010))  # jitter keeps several waiters from meeting again and again
        except OSError as error:
            raise store_error(error, path) from None


def describe_holder(path: str) -> str:
    """The process that holds a lock on `path`, as `PID 123 (workbench runs list)`, where the system tells."""
    pid = _holder(path)
    return process_label(pid) if pid else "another process"


def process_label(pid: int) -> str:
    """`PID 123 (command)`."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            command = file.read().rstrip(b"\0").replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        command = ""
    return f"PID {pid} ({command[:60]})" if command else f"PID {pid}"


def _holder(path: str) -> int | None:
    """The pid in /proc/locks whose lock is on the inode of `path`; None where there is no such file."""
    try:
        inode = str(os.stat(path).st_ino)
        with open("/proc/locks") as file:
            for line in file:
                fields = line.split()
                if "->" not in fields and len(fields) > 5 and fields[5].split(":")[-1] == inode:
                    return int(fields[4])
    except (OSError, ValueError):
        return None
    return None
