"""The DuckDB file as a file, for `store.py` alone and under its lock: removed, replaced, told from an earlier one."""

from __future__ import annotations

import os
import time

Version = tuple[int, ...]
_SETTLES_AFTER_NS = 2_000_000_000
"""A file whose time of change is younger may change again without it showing."""


def version_of(path: str) -> Version | None:
    """What is the same as earlier only if nobody has written to the file since, nor put another in its place.

    None where that cannot be told yet, and where a log beside the file says more than it does. The file is not
    opened: closing it would drop DuckDB's own lock.
    """
    try:
        found = os.stat(path)
    except OSError:
        return None
    changed_ns = max(found.st_mtime_ns, found.st_ctime_ns)
    if time.time_ns() - changed_ns <= _SETTLES_AFTER_NS or os.path.lexists(path + ".wal"):
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns


def clear(path: str) -> str:
    """Remove a DuckDB file that nobody has attached, with its log; returns its path."""
    for leftover in (path, path + ".wal"):
        if os.path.lexists(leftover):
            os.unlink(leftover)
    return path


def replace(building: str, path: str) -> None:
    """Put a complete new file in the old one's place."""
    if os.path.lexists(path + ".wal"):
        os.unlink(path + ".wal")
    os.replace(building, path)


def quoted(path: str) -> str:
    """A path as the inside of a text in SQL."""
    return path.replace("'", "''")
