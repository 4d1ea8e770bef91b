"""Files of a run: contents go to the blob store, `art` events say which path has which content."""

from __future__ import annotations

import os
import stat

from workbench.base.errors import InputError
from workbench.base.project import FOLDER
from workbench.store.blobs import BlobStore

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.base.project import Project


def stored_events(
    project: Project, local_path: str, path: str, kind: str = "file", *, must_be_folder: bool = False
) -> tuple[list[dict[str, object]], InputError | None]:
    """Store a file, or all files below a folder, and return their events.

    Args:
        path: the name within the run of the file or folder, as `artifact_path` makes it.
        kind: `file` or `model`.

    Returns:
        The events, and what was wrong with the first file below a folder that could not be read.

    Raises:
        InputError: `local_path` is missing, unreadable, or neither a file nor a folder.
        StoreError: it cannot be stored.
    """
    if not os.path.isdir(local_path) and not must_be_folder:
        return [_file_event(project, local_path, path, kind)], None
    events: list[dict[str, object]] = []
    problem: InputError | None = None
    for below, name in regular_files(local_path):
        try:
            events.append(_file_event(project, below, join_path(path, name), kind))
        except InputError as error:
            problem = problem or error
    return events, problem


def regular_files(folder: str) -> Iterator[tuple[str, str]]:
    """`(local path, path within the folder, with /)` of every file below `folder`, in order of their names.

    Symbolic links are followed, but no folder is entered from within itself; sockets, pipes and `.workbench` are left
    out.

    Raises:
        InputError: `folder` is missing, unreadable or no folder.
    """
    return _files_below(folder, "", (os.path.realpath(folder),))


def artifact_path(path: str | os.PathLike[str]) -> str:
    """`path` as a run stores it: relative, with `/`, without `.` and without a slash at the end.

    Raises:
        InputError: it is absolute or leads outside through `..`.
    """
    text = os.fspath(path)
    parts = [part for part in text.split("/") if part not in ("", ".")]
    if text.startswith("/") or ".." in parts or "\0" in text:
        raise InputError(f"{text!r} does not lie within the run", "give a relative path without `..`")
    return "/".join(parts)


def join_path(folder: str, name: str) -> str:
    """`name` below `folder`, which may be empty."""
    return f"{folder}/{name}" if folder else name


def _file_event(project: Project, local_path: str, path: str, kind: str) -> dict[str, object]:
    try:
        mode = os.stat(local_path).st_mode
    except OSError as error:
        raise InputError(f"cannot read {local_path}: {error.strerror}", "check the path") from None
    if not stat.S_ISREG(mode):
        raise InputError(f"{local_path} is neither a file nor a folder")
    sha256, size_bytes = BlobStore(project).put_file(local_path)
    return {"e": "art", "path": path, "sha256": sha256, "size": size_bytes, "kind": kind}


def _files_below(folder: str, prefix: str, above: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    try:
        names = sorted(os.listdir(folder))
    except OSError as error:
        raise InputError(f"cannot read {folder}: {error.strerror}", "check the path") from None
    for name in names:
        local_path = os.path.join(folder, name)
        path = join_path(prefix, name)
        if os.path.isdir(local_path):
            if name == FOLDER:  # a project's own store grows with each file of it that is stored
                continue
            real = os.path.realpath(local_path)
            if real not in above:
                yield from _files_below(local_path, path, (*above, real))
        elif os.path.isfile(local_path) or os.path.islink(local_path):
            yield local_path, path
