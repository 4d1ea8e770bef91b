"""The prediction log of a deployment, as the server writes it: found, read on from where somebody was, and pulled.

It lies in `.workbench/predictions/NAME/`, or is pulled there: JSON lines, one for each row that was scored, in files
`MODEL/vVERSION/dt=YYYY-MM-DD/pred-….jsonl`. The one that is being written has `.part` after its name. `docs/serving.md`
has the fields of a line. Whole lines count: a last one without an end is being written, or was torn by a kill.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from workbench.base.errors import store_error
from workbench.base.jsonvalue import loads
from workbench.base.project import Project

ROWS, SKETCHES = "pred", "sketch"
"""Kinds of files: a line for each row, or one for each hour with counts."""
OPEN_SUFFIX = ".part"
Cursor = Mapping[str, int]
"""How far somebody has read: bytes by the name of the file. It can be kept as JSON."""
_NAME = re.compile(r"(?:.*/)?dt=(\d{4}-\d\d-\d\d)/(pred|sketch)-(\d+)-.*\.jsonl")


@dataclass(frozen=True)
class LogFile:
    """A file of a prediction log.

    Attributes:
        name: relative to the log's folder, without `.part`: the same before and after it is closed.
        path: where it is.
        day: UTC, of its first row.
        began_ms: when its first row was written, milliseconds since the epoch, UTC.
        size_bytes: now.
        is_open: whether it is being written.
    """

    name: str
    path: str
    day: date
    began_ms: int
    size_bytes: int
    is_open: bool


@dataclass(frozen=True)
class New:
    """What is new in a prediction log.

    Attributes:
        rows: one object for each line.
        cursor: what to give to `read_new` next time.
        torn: files whose last line has no end; it is left for the next time.
        unreadable: lines that are no JSON objects, left out for good.
        is_all: whether nothing is left; False where there was a limit.
    """

    rows: list[dict[str, Any]]
    cursor: dict[str, int] = field(default_factory=dict)
    torn: int = 0
    unreadable: int = 0
    is_all: bool = True


def log_folder(project: Project, deployment: str) -> str:
    """The folder of a deployment's prediction log within the project; it need not be there."""
    return os.path.join(project.folder, "predictions", deployment)


def log_files(project: Project, deployment: str, *, kind: str = ROWS, since: date | None = None) -> list[LogFile]:
    """The files of a prediction log, the oldest first.

    Args:
        kind: `ROWS` or `SKETCHES`.
        since: only those of this day, UTC, or later ones.
    """
    found = [file for file in files_in(log_folder(project, deployment)) if os.path.basename(file.name).startswith(kind)]
    return [file for file in found if since is None or file.day >= since]


def files_in(folder: str) -> list[LogFile]:
    """The files of prediction logs below a folder, of both kinds, the oldest first."""
    found = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            path = os.path.join(parent, name)
            file = _log_file(os.path.relpath(path, folder).replace(os.sep, "/"), path)
            if file is not None and not (file.is_open and file.name in found):
                found[file.name] = file
    return sorted(found.values(), key=lambda file: (file.day, file.began_ms, file.name))


def parse_name(name: str) -> tuple[str, re.Match[str]] | None:
    """The name of a log file without `.part`, and its parts; None for what is none or leads out of its folder."""
    plain = name.removesuffix(OPEN_SUFFIX)
    match = _NAME.fullmatch(plain)
    if match is None or plain.startswith("/") or ".." in plain.split("/"):
        return None
    return plain, match


def read_new(
    project: Project,
    deployment: str,
    cursor: Cursor | None = None,
    *,
    kind: str = ROWS,
    since: date | None = None,
    limit: int | None = None,
) -> New:
    """The lines that a prediction log has got since somebody read it last.

    Args:
        cursor: what was returned then; None is from the beginning.
        kind: `ROWS` or `SKETCHES`.
        since: only files of this day, UTC, or later ones.
        limit: at most so many rows, the oldest first.

    Raises:
        StoreError: a file cannot be read.
    """
    at = dict(cursor or {})
    rows: list[dict[str, Any]] = []
    torn = unreadable = 0
    for file in log_files(project, deployment, kind=kind, since=since):
        if limit is not None and len(rows) >= limit:
            return New(rows, at, torn, unreadable, is_all=False)
        for line, end in _lines(file, at.get(file.name, 0)):
            if not line.endswith(b"\n"):
                torn += 1
                break
            if limit is not None and len(rows) >= limit:
                return New(rows, at, torn, unreadable, is_all=False)
            row = _row(line)
            if row is None:
                unreadable += 1
            else:
                rows.append(row)
            at[file.name] = end
    return New(rows, at, torn, unreadable)


def _lines(file: LogFile, offset: int) -> Iterator[tuple[bytes, int]]:
    """The lines from an offset on, each with the offset of its end."""
    try:
        with _open(file) as opened:
            opened.seek(offset)
            for line in opened:
                offset += len(line)
                yield line, offset
    except OSError as error:
        raise store_error(error, file.path) from None


def _open(file: LogFile) -> Any:
    try:
        return open(file.path, "rb")
    except FileNotFoundError:  # it was closed meanwhile, which takes `.part` away
        return open(file.path.removesuffix(OPEN_SUFFIX), "rb")


def _row(line: bytes) -> dict[str, Any] | None:
    try:
        row = loads(line.decode())
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _log_file(name: str, path: str) -> LogFile | None:
    parsed = parse_name(name)
    if parsed is None:
        return None
    try:
        day, size_bytes = date.fromisoformat(parsed[1][1]), os.stat(path).st_size
    except FileNotFoundError:
        path = path.removesuffix(OPEN_SUFFIX)
        size_bytes = os.stat(path).st_size if os.path.exists(path) else 0
    except ValueError:
        return None
    return LogFile(parsed[0], path, day, int(parsed[1][3]), size_bytes, path.endswith(OPEN_SUFFIX))
