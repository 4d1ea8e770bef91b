"""What a run's uncommitted changes are: files, and how many lines of each were added and removed."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.tracking.capture.patch import path_of_chunk, split_patch


@dataclass(frozen=True, slots=True)
class FileChange:
    """One file of a patch.

    Attributes:
        path: within the repository.
        added, removed: lines; None for a file that is not text.
    """

    path: str
    added: int | None
    removed: int | None


def file_changes(patch: bytes) -> list[FileChange]:
    """The files of a git patch, in its order."""
    return [_change(chunk) for chunk in split_patch(patch)]


def _change(chunk: bytes) -> FileChange:
    path = path_of_chunk(chunk)
    if b"\nGIT binary patch\n" in chunk:
        return FileChange(path, None, None)
    start = chunk.find(b"\n@@ ")  # what comes before are names and modes, which begin with signs too
    body = chunk[start + 1 :] if start >= 0 else b""
    return FileChange(path, body.count(b"\n+"), body.count(b"\n-"))
