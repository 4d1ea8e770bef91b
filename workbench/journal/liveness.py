"""Whether a journal's writer still runs, asked of the operating system.

A writer holds an exclusive `flock` on its own journal. The kernel drops it when the process ends,
however it ends, so no process id has to be trusted and no time-out guessed. It works on the host of
the writer only; elsewhere a heartbeat that is old makes a run `stale`.
"""

from __future__ import annotations

import fcntl
import os


def lock_for_writing(fd: int) -> bool:
    """Take the writer's lock on a new journal; False where the file system has no locks."""
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def writer_alive(path: str) -> bool:
    """Whether a process on this host holds the writer's lock on the journal at `path`."""
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(fd)
    return False


def boot_id() -> str:
    """The id of this boot of this host, so that a process id of an earlier boot is not taken for a live one."""
    try:
        with open("/proc/sys/kernel/random/boot_id") as file:
            return file.read().strip()
    except OSError:
        return ""


def host_name() -> str:
    """This host's name, without a look-up on the network."""
    return os.uname().nodename
