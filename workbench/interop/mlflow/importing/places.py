"""Where the files of a run are, and whether this machine can read them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from urllib.parse import unquote, urlsplit

from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.interop.intake.records import IncomingFile
from workbench.store.blobs import BlobStore
from workbench.tracking.artifacts import regular_files

PROXIED = "mlflow-artifacts"
_NS_PER_US = 1000
_SQLITE_MAGIC = b"SQLite format 3\0"


def is_sqlite_file(path: str) -> bool:
    """Whether the file at `path` is a SQLite database."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_SQLITE_MAGIC)) == _SQLITE_MAGIC
    except OSError:
        return False


def local_path(uri: str) -> str | None:
    """The path that a URI names on this machine, or None where it names another place."""
    parts = urlsplit(uri)
    if parts.scheme == "file":
        return unquote(parts.path) if parts.netloc in ("", "localhost") else None
    # A drive letter or a name with a colon is no scheme: those have a slash after it.
    return uri if "://" not in uri and not uri.startswith(f"{PROXIED}:") else None


def find_folder(uri: str, beside: Sequence[str]) -> str | None:
    """The folder that an artifact URI names, on this machine.

    A store that was copied or moved still names the place where it was made; its folder is then looked for below
    `beside` under the last three, two and one parts of its name.
    """
    path = local_path(uri)
    if path is None:
        if not uri.startswith(f"{PROXIED}:"):
            return None
        path = urlsplit(uri).path
    elif os.path.isdir(path):
        return path
    parts = [part for part in path.split("/") if part not in ("", ".", "..")]
    for root in beside:
        for count in (4, 3, 2):
            found = os.path.join(root, *parts[-count:])
            if len(parts) >= count and os.path.isdir(found):
                return found
    return None


def folders_beside(database: str) -> list[str]:
    """Where servers and clients put artifacts unless told otherwise, beside a database."""
    folder = os.path.dirname(os.path.abspath(database))
    return [os.path.join(folder, name) for name in ("mlruns", "mlartifacts", "artifacts")] + [folder]


def files_in(folder: str, prefix: str, kind: str) -> Iterator[IncomingFile]:
    """The files below a folder, by name.

    Raises:
        InputError: it cannot be read.
    """
    for path, name in regular_files(folder):
        try:
            status = os.stat(path)
        except OSError:  # a link to nothing: storing it says so
            yield IncomingFile(prefix + name, kind, 0, None, path)
            continue
        yield IncomingFile(prefix + name, kind, status.st_size, status.st_mtime_ns // _NS_PER_US, path)


def store_local_file(project: Project, file: IncomingFile) -> tuple[str, int]:
    """Put a file of this machine into the store of contents.

    Raises:
        InputError: it cannot be read, or is no file.
        StoreError: it cannot be stored.
    """
    if not os.path.isfile(file.place):
        raise InputError(f"{file.path} is missing or no file: {file.place}")
    return BlobStore(project).put_file(file.place)
