"""The descriptor that a journal is written through."""

from __future__ import annotations

import fcntl
import os

_STANDARD_STREAMS = 3


def create_for_appending(path: str) -> int:
    """Create the file `path` and return a descriptor that appends to it and is never 0, 1 or 2.

    A process that was started without a standard stream (`>&-`, many daemons) is given that stream's number for the
    next file it opens, and what is printed later would land in the journal.

    Raises:
        OSError: the file exists, or cannot be made.
    """
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
    if fd >= _STANDARD_STREAMS:
        return fd
    try:
        return fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _STANDARD_STREAMS)
    finally:
        os.close(fd)
