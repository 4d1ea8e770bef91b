"""A file whose time changes with every edit, so that a process can tell in a microsecond that it need not look.

It is a hint for processes of one machine: nothing is lost where it is missing or cannot be written.
"""

from __future__ import annotations

import os
import time

_NAME = ".edited"


def mark_edited(journal_dir: str) -> None:
    """Say that a journal of edits has grown."""
    path = os.path.join(journal_dir, _NAME)
    # The kernel's own time is too coarse to tell two edits apart.
    now_ns = time.time_ns()
    try:
        os.utime(path, ns=(now_ns, now_ns))
    except FileNotFoundError:
        try:
            os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o666))
        except OSError:
            return
    except OSError:
        return


def edited_ns(journal_dir: str) -> int:
    """When a journal of edits last grew, in nanoseconds; 0 where none ever did. To compare, not to show."""
    try:
        return os.stat(os.path.join(journal_dir, _NAME)).st_mtime_ns
    except OSError:
        return 0
