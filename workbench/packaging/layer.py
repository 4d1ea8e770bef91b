"""Layers: tars whose bytes follow from what is in them, so that equal inputs have equal digests.

Docker makes the same layer of the same tar whenever it is `ADD`ed. So names are sorted, times and owners constant, and
modes one of two.
"""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from workbench.base.errors import store_error

EPOCH_S = 315_532_800
"""The time of every file, 1980-01-01: the earliest that zip files, which Python may be imported from, can say."""


@dataclass(frozen=True)
class Entry:
    """A file of a layer.

    Attributes:
        name: its path in the image, without the leading slash.
        content: its bytes, or the path of the file that has them.
        executable: whether it may be run.
    """

    name: str
    content: bytes | str
    executable: bool = False


@dataclass(frozen=True)
class Layer:
    """A layer that is written.

    Attributes:
        name: `site`, `serve`, `code` or `model`.
        path: of its tar.
        digest: `sha256:` of the tar.
        size_bytes: of the tar.
        files: how many are in it.
    """

    name: str
    path: str
    digest: str
    size_bytes: int
    files: int


def folder_entries(folder: str, prefix: str, *, keep: Iterable[str] | None = None) -> Iterator[Entry]:
    """The files below a folder as entries below a path of the image.

    Args:
        prefix: where they go, without the leading slash.
        keep: paths relative to the folder; None is all of them.
    """
    names = keep if keep is not None else _walk(folder)
    for name in names:
        path = os.path.join(folder, name)
        yield Entry(f"{prefix}/{name.replace(os.sep, '/')}", path, os.access(path, os.X_OK))


def write_layer(name: str, entries: Iterable[Entry], path: str) -> Layer:
    """Write a layer; it is there as a whole or not at all.

    Raises:
        DiskFullError, StorePermissionError, StoreError: it cannot be written.
    """
    ordered = sorted(entries, key=lambda entry: entry.name)
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "wb") as file:
            with tarfile.open(fileobj=file, mode="w", format=tarfile.GNU_FORMAT) as tar:
                for folder in _folders(ordered):
                    tar.addfile(_header(folder, 0, 0o755, tarfile.DIRTYPE))
                for entry in ordered:
                    _add(tar, entry)
            file.flush()
        with open(temporary, "rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
        size_bytes = os.path.getsize(temporary)
        os.replace(temporary, path)
    except OSError as error:
        raise store_error(error, path) from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return Layer(name, path, f"sha256:{digest}", size_bytes, len(ordered))


def _add(tar: tarfile.TarFile, entry: Entry) -> None:
    mode = 0o755 if entry.executable else 0o644
    if isinstance(entry.content, bytes):
        tar.addfile(_header(entry.name, len(entry.content), mode), io.BytesIO(entry.content))
        return
    with open(entry.content, "rb") as source:
        tar.addfile(_header(entry.name, os.fstat(source.fileno()).st_size, mode), source)


def _header(name: str, size: int, mode: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    header = tarfile.TarInfo(name)
    header.type, header.size, header.mode, header.mtime = kind, size, mode, EPOCH_S
    header.uid = header.gid = 0
    header.uname = header.gname = ""
    return header


def _folders(entries: Iterable[Entry]) -> list[str]:
    """Every folder that the entries are in, the outer ones first: made by Docker, they would have today's time."""
    found = set()
    for entry in entries:
        parts = entry.name.split("/")[:-1]
        found |= {"/".join(parts[: depth + 1]) for depth in range(len(parts))}
    return sorted(found)


def _walk(folder: str) -> Iterator[str]:
    for root, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            yield os.path.relpath(os.path.join(root, name), folder)
