"""Which data a run used: a digest of its bytes, and what can be told of it without parsing it twice."""

from __future__ import annotations

import hashlib
import os

from workbench.base.errors import InputError
from workbench.tracking.artifacts import regular_files

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workbench.base.project import Project

CHUNK_BYTES = 1024 * 1024

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".arrow": "arrow",
    ".feather": "arrow",
    ".npy": "npy",
    ".npz": "npz",
    ".txt": "text",
}
_LINES = frozenset(("csv", "tsv", "jsonl"))


def dataset_event(project: Project, path: str, name: str | None = None) -> dict[str, object]:
    """The `data` event of the file or folder at `path`, which is read once and not copied.

    The path is relative to the project's root where the data lies below it, so that it holds when the project moves.
    Rows and columns are added for CSV, TSV, JSON lines (rows only) and Parquet.

    Args:
        name: what the run calls it; default the file's name without its suffix.

    Raises:
        InputError: it is missing or unreadable.
    """
    whole = os.path.abspath(path)
    stem, suffix = os.path.splitext(os.path.basename(whole))
    event: dict[str, object] = {"e": "data", "name": name or stem or os.path.basename(whole)}
    if os.path.isdir(whole):
        digest, size_bytes = _folder_digest(project, whole)
        kind = "folder"
        facts: dict[str, object] = {}
    else:
        kind = FORMATS.get(suffix.lower(), suffix.lower().removeprefix(".") or "file")
        digest, size_bytes, facts = _read(project, whole, kind)
    event |= {"digest": f"sha256:{digest}", "path": relative_path(project, whole), "size": size_bytes, "format": kind}
    return event | facts


def _read(project: Project, path: str, kind: str) -> tuple[str, int, dict[str, object]]:
    """Digest, size and facts of one file, in one pass; one whose records are not counted is read once and for all."""
    if kind not in _LINES:
        from workbench.store.digests import digest_files

        [known] = digest_files(project, [(path, os.path.basename(path))], root=path)
        return known.sha256, known.size_bytes, _footer(path, known.size_bytes) if kind == "parquet" else {}
    digest = hashlib.sha256()
    size_bytes = 0
    rows = _RowCount()
    try:
        with open(path, "rb") as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
                size_bytes += len(chunk)
                rows.add(chunk)
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}", "check the path given to log_dataset") from None
    facts: dict[str, object] = {"rows": rows.count - (1 if kind != "jsonl" and rows.count else 0)}
    if kind != "jsonl":
        facts["schema"] = [{"name": column} for column in _header(path, "\t" if kind == "tsv" else ",")]
    return digest.hexdigest(), size_bytes, facts


def _footer(path: str, size_bytes: int) -> dict[str, object]:
    from workbench.tracking.parquet import read_footer

    with open(path, "rb") as file:
        return read_footer(file, size_bytes)


class _RowCount:
    """Counts the records of delimited text: line ends outside double quotes, and a last line without an end."""

    def __init__(self) -> None:
        self._ends = 0
        self._quoted = False
        self._last = b"\n"

    def add(self, chunk: bytes) -> None:
        for number, part in enumerate(chunk.split(b'"')):
            if number:
                self._quoted = not self._quoted
            if not self._quoted:
                self._ends += part.count(b"\n")
        self._last = chunk[-1:]

    @property
    def count(self) -> int:
        return self._ends + (self._last != b"\n")


def _header(path: str, delimiter: str) -> list[str]:
    import csv

    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        try:
            return next(csv.reader(file, delimiter=delimiter), [])
        except csv.Error:
            return []


def _folder_digest(project: Project, folder: str) -> tuple[str, int]:
    """A digest over the names, sizes and digests of the files below `folder`, and their size in all."""
    from workbench.store.digests import digest_files, folder_digest

    files = digest_files(project, regular_files(folder), root=folder)
    return folder_digest(files), sum(file.size_bytes for file in files)


def relative_path(project: Project, path: str) -> str:
    """The path from the project's root where `path` lies below it, so that it holds when the project moves."""
    for whole, root in ((path, project.root), (os.path.realpath(path), os.path.realpath(project.root))):
        if whole.startswith(root.rstrip("/") + "/"):
            return os.path.relpath(whole, root)
    return path
