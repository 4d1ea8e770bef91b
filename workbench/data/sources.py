"""Which files a table is made of: a file, several, a folder, a pattern, an address; and which format each has."""

from __future__ import annotations

import glob
import gzip
import os
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.base.errors import InputError

Paths = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]

SUFFIXES = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".ipc": "arrow",
}
"""The format of a file by the end of its name."""
FORMATS = ("csv", "tsv", "parquet", "jsonl", "json", "arrow", "delta")
GROWING = ".part"
"""The end of the name of a file that is still being written, as the server's prediction log has it."""
GZIP = ".gz"

_MAGIC = {b"PAR1": "parquet", b"ARROW1": "arrow"}
_DELTA_LOG = "_delta_log"
_PATTERN = frozenset("*?[")


@dataclass(frozen=True)
class SourceFile:
    """One file of a table.

    Attributes:
        path: where it can be opened on this machine.
        name: what people call it: its path as it was given, or its address.
        format: one of `FORMATS`.
        size_bytes: its size; 0 for a Delta table.
        compressed: by gzip.
    """

    path: str
    name: str
    format: str
    size_bytes: int
    compressed: bool = False


def find_files(paths: Paths, format: str | None = None) -> tuple[list[SourceFile], list[str]]:
    """The files that are meant, and sentences about what was left out.

    Folders are read with everything below them, in the order of their names; hidden files, names that begin with `_`
    and files of no known format are left out.

    Args:
        paths: files, folders, patterns (`data/*.csv`) and addresses (`s3://bucket/train.parquet`).
        format: of every file; default by its name, else by its first bytes.

    Raises:
        InputError: something is missing or unreadable, there is no file, or the files have several formats.
    """
    if format is not None and format not in FORMATS:
        raise InputError(f"there is no format {format!r}", f"one of: {', '.join(FORMATS)}")
    given = [paths] if isinstance(paths, (str, os.PathLike)) else list(paths)
    if not given:
        raise InputError("no file is named")
    files: list[SourceFile] = []
    notes: list[str] = []
    for path in given:
        found, said = _files_of(os.fspath(path), format)
        files += found
        notes += said
    kinds = {_family(file.format) for file in files}
    if len(kinds) > 1:
        raise InputError(
            f"the files have several formats: {', '.join(sorted(kinds))}", "name those of one table: 'data/*.parquet'"
        )
    return files, notes


def is_remote(path: str) -> bool:
    """Whether a path is an address on another machine."""
    scheme, mark, _ = path.partition("://")
    return bool(mark) and len(scheme) > 1 and scheme != "file"


def local_path(path: str) -> str:
    """A path on this machine; `file://` goes."""
    return path.removeprefix("file://")


def is_delta(folder: str) -> bool:
    """Whether a folder is a Delta table."""
    return os.path.isdir(os.path.join(folder, _DELTA_LOG))


def _files_of(path: str, format: str | None) -> tuple[list[SourceFile], list[str]]:
    if is_remote(path):
        if format == "delta":
            return [SourceFile(path, path, "delta", 0)], []
        from workbench.data.remote import fetch

        return [_file(local, name, format or _format(local)) for name, local in fetch(path)], []
    path = local_path(path)
    if format == "delta" or (format is None and is_delta(path)):
        if not is_delta(path):
            raise InputError(f"{path} is no Delta table: it has no folder {_DELTA_LOG}")
        return [SourceFile(path, path, "delta", 0)], []
    if os.path.isdir(path):
        names = sorted(_below(path))
        where = f"the folder {path}"
    elif os.path.exists(path):
        return [_file(path, path, format or _format(path))], []
    elif _PATTERN & set(path):
        names = sorted(name for name in glob.glob(path, recursive=True) if os.path.isfile(name))
        where = f"the pattern {path}"
    else:
        raise InputError(f"there is no file {path}", "check the path")
    known = [(name, format or _format_by_name(name)) for name in names]
    files = [_file(name, name, kind) for name, kind in known if kind is not None]
    if not files:
        raise InputError(f"{where} has no file of a known format", f"one of: {', '.join(FORMATS)}")
    others = [os.path.basename(name) for name, kind in known if kind is None]
    more = f" and {len(others) - 3} more" if len(others) > 3 else ""
    return files, [f"left out, of no known format: {', '.join(others[:3])}{more}"] if others else []


def _below(folder: str) -> Iterable[str]:
    for parent, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")))
        yield from (os.path.join(parent, name) for name in names if not name.startswith((".", "_")))


def _file(path: str, name: str, format: str) -> SourceFile:
    try:
        size_bytes = os.stat(path).st_size
        with open(path, "rb") as file:
            compressed = file.read(2) == b"\x1f\x8b"
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror}") from None
    return SourceFile(path, name, format, size_bytes, compressed)


def _format(path: str) -> str:
    found = _format_by_name(path) or _format_by_content(path)
    if found is None:
        raise InputError(f"{path} has no known format", f"give one of: {', '.join(FORMATS)}")
    return found


def _format_by_name(path: str) -> str | None:
    name = path.lower().removesuffix(GROWING).removesuffix(GZIP)
    return SUFFIXES.get(os.path.splitext(name)[1])


def _format_by_content(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
        if head[:2] == b"\x1f\x8b":
            with gzip.open(path) as unpacked:
                head = unpacked.read(4096)
    except (OSError, EOFError):
        return None
    for magic, kind in _MAGIC.items():
        if head.startswith(magic):
            return kind
    start = head.lstrip()[:1]
    if start in (b"{", b"["):
        return "jsonl" if start == b"{" else "json"
    first = head.partition(b"\n")[0]
    return "csv" if b"," in first and b"\0" not in head else None


def _family(format: str) -> str:
    """Formats that can be read as one table."""
    return {"tsv": "csv", "json": "jsonl"}.get(format, format)
