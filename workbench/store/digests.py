"""SHA-256 of files and folders, and a memory of them: a file that was not touched is not read again.

A file counts as untouched while its size, modification time and inode are those of the time when it was read. One that
was modified just before is read again, since a further change could leave the same time.
"""

from __future__ import annotations

import hashlib
import json
import os
import time

from workbench.base.errors import InputError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import Any

    from workbench.base.project import Project

ALGORITHM = "sha256"
_GRANULARITY_NS = 100_000_000
"""Of modification times: file systems of Linux and macOS tick every few milliseconds."""
_THREADS = 4


class FileDigest:
    """One file and what it holds.

    Attributes:
        name: its path within the folder, with `/`; its own name where it is alone.
        path: on this machine.
        size_bytes: its size.
        sha256: hex digest of its content.
    """

    __slots__ = ("name", "path", "sha256", "size_bytes")

    def __init__(self, name: str, path: str, size_bytes: int, sha256: str) -> None:
        self.name = name
        self.path = path
        self.size_bytes = size_bytes
        self.sha256 = sha256


def digest_files(
    project: Project | None,
    files: Iterable[tuple[str, str]],
    *,
    root: str,
    progress: Callable[[int], None] = lambda size_bytes: None,
) -> list[FileDigest]:
    """The digests of files, in the order of their names; several are read at once.

    Args:
        project: whose cache remembers them; None reads all.
        files: `(path on this machine, name)`.
        root: what is remembered together: the folder or file that people name.
        progress: is told how many bytes more are known.

    Raises:
        InputError: one is missing or unreadable, or changed while it was read.
    """
    memory = _Memory(project, root)
    listed = sorted(files, key=lambda file: file[1].split("/"))

    def one(file: tuple[str, str]) -> FileDigest:
        found = _digest(memory, *file)
        progress(found.size_bytes)
        return found

    if len(listed) < 2:
        digests = [one(file) for file in listed]
    else:
        from concurrent.futures import ThreadPoolExecutor

        with ThreadPoolExecutor(min(_THREADS, os.cpu_count() or 1)) as pool:
            digests = list(pool.map(one, listed))
    memory.save()
    return digests


def folder_digest(files: Sequence[FileDigest]) -> str:
    """One SHA-256 for all: over names, sizes and digests, in the order of the names; hex."""
    digest = hashlib.sha256()
    for file in sorted(files, key=lambda file: file.name.split("/")):
        digest.update(f"{file.name}\0{file.size_bytes}\0{file.sha256}\n".encode(errors="surrogateescape"))
    return digest.hexdigest()


def _digest(memory: _Memory, path: str, name: str) -> FileDigest:
    started_ns = time.time_ns()
    try:
        with open(path, "rb", buffering=0) as file:
            before = os.fstat(file.fileno())
            known = memory.get(name, before)
            if known is not None:
                return FileDigest(name, path, before.st_size, known)
            sha256 = hashlib.file_digest(file, ALGORITHM).hexdigest()
            after = os.fstat(file.fileno())
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "check the path") from None
    if _mark(before) != _mark(after):
        raise InputError(f"{path} changed while it was read", "try again when nothing writes to it")
    if after.st_mtime_ns + _GRANULARITY_NS < started_ns:
        memory.put(name, after, sha256)
    return FileDigest(name, path, after.st_size, sha256)


class _Memory:
    """The digests below one root, in a file of the project's cache, which may go at any time."""

    def __init__(self, project: Project | None, root: str) -> None:
        self._path: str | None = None
        self._known: dict[str, list[Any]] = {}
        self._found: dict[str, list[Any]] = {}
        if project is None:
            return
        key = hashlib.sha256(os.fsencode(os.path.abspath(root))).hexdigest()[:32]
        self._path = os.path.join(project.folder, "cache", "digests", f"{key}.json")
        try:
            with open(self._path, encoding="utf-8") as file:
                known = json.load(file)
            self._known = known if isinstance(known, dict) else {}
        except (OSError, ValueError):
            return

    def get(self, name: str, status: os.stat_result) -> str | None:
        entry = self._known.get(name)
        if not isinstance(entry, list) or entry[:-1] != _mark(status):
            return None
        self._found[name] = entry
        return str(entry[-1])

    def put(self, name: str, status: os.stat_result, sha256: str) -> None:
        self._found[name] = [*_mark(status), sha256]

    def save(self) -> None:
        if self._path is None or self._found == self._known:
            return
        temporary = f"{self._path}.{os.urandom(4).hex()}"
        try:
            os.makedirs(os.path.dirname(self._path), exist_ok=True)
            with open(temporary, "w", encoding="utf-8") as file:
                json.dump(self._found, file)
            os.replace(temporary, self._path)
        except (OSError, UnicodeEncodeError):  # a cache that cannot be written is none
            if os.path.exists(temporary):
                os.unlink(temporary)


def _mark(status: os.stat_result) -> list[int]:
    return [status.st_size, status.st_mtime_ns, status.st_ino]
