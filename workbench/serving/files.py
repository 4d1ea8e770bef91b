"""A file of lines that grows, is closed by size, age or date, and has its final name only when it is closed."""

from __future__ import annotations

import os
import time
from datetime import datetime, timezone

OPEN_SUFFIX = ".part"


class LineFiles:
    """Files `FOLDER/dt=YYYY-MM-DD/PREFIX-<utc ms>-<instance>-<pid>-<number>.jsonl`, one at a time.

    The one that is being written has `.part` after its name. A reader may read that one too, whole lines only.
    """

    def __init__(self, folder: str, prefix: str, instance: str, rotate_bytes: int, rotate_s: float) -> None:
        self._folder = folder
        self._prefix = prefix
        self._instance = "".join(letter if letter.isalnum() or letter in "-." else "_" for letter in instance)
        self._rotate_bytes = rotate_bytes
        self._rotate_s = rotate_s
        self._number = 0
        self._fd = -1
        self._path = ""
        self._date = ""
        self._size_bytes = 0
        self._opened = 0.0

    def write(self, lines: bytes) -> None:
        """Append whole lines, to a new file where the open one is old, large or of yesterday.

        Raises:
            OSError: the disk is full or the folder cannot be written; nothing of the lines stays behind.
        """
        self.rotate()
        if self._fd < 0:
            self._open()
        written = 0
        try:
            while written < len(lines):
                written += os.write(self._fd, lines[written:])
        except OSError:
            os.ftruncate(self._fd, self._size_bytes)
            raise
        self._size_bytes += len(lines)

    def rotate(self) -> None:
        """Close the open file where it is time."""
        if self._fd >= 0 and (
            self._size_bytes >= self._rotate_bytes
            or time.monotonic() - self._opened >= self._rotate_s
            or _today() != self._date
        ):
            self.close()

    def close(self) -> None:
        """Give the open file its final name."""
        if self._fd < 0:
            return
        fd, self._fd = self._fd, -1
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
        os.rename(self._path, self._path.removesuffix(OPEN_SUFFIX))

    def _open(self) -> None:
        self._date = _today()
        folder = os.path.join(self._folder, f"dt={self._date}")
        os.makedirs(folder, exist_ok=True)
        name = f"{self._prefix}-{time.time_ns() // 1_000_000}-{self._instance}-{os.getpid()}-{self._number}.jsonl"
        self._number += 1
        self._path = os.path.join(folder, name + OPEN_SUFFIX)
        self._fd = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o640)
        self._size_bytes = 0
        self._opened = time.monotonic()


def folder_size(folder: str) -> int:
    """Bytes of all files below a folder; 0 where it is not there."""
    total = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            try:
                total += os.stat(os.path.join(parent, name)).st_size
            except FileNotFoundError:  # renamed meanwhile
                continue
    return total


def _today() -> str:
    return datetime.now(timezone.utc).strftime("%Y-%m-%d")
