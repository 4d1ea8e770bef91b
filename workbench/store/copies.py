"""Copies of files that share their bytes with the original where the file system can do that."""

from __future__ import annotations

import errno
import os
import shutil
import stat

_FICLONE = 0x40049409
"""Linux: the ioctl that makes one file share the extents of another (btrfs, XFS)."""


def copy_file(source: str, target: str, *, may_link: bool = False) -> str:
    """Make `target`, which is not there, a copy of `source`.

    A copy that shares extents costs no space, and a write to one of the two does not change the other. A hard link is
    the same file under two names, so it is made only where nobody may write to it.

    Args:
        may_link: a hard link will do, where the source is read-only.

    Returns:
        How: `reflink`, `link` or `copy`.

    Raises:
        OSError: it cannot be read or written.
    """
    if _reflinked(source, target):
        return "reflink"
    if may_link and not os.stat(source).st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        try:
            os.link(source, target)
            return "link"
        except OSError as error:
            if error.errno not in (errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.EACCES):
                raise
    shutil.copyfile(source, target)
    return "copy"


def _reflinked(source: str, target: str) -> bool:
    try:
        import fcntl
    except ImportError:
        return False
    with open(source, "rb") as original, open(target, "xb") as clone:
        try:
            fcntl.ioctl(clone.fileno(), _FICLONE, original.fileno())
            return True
        except OSError:
            pass
    os.unlink(target)
    return False
