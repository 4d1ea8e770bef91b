"""Pulling prediction logs into the project: only what is new, once, whatever is killed.

A ledger beside the log says how much of each file there is, with the hash of that much. What is appended and not yet
in the ledger is written again the next time.
"""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import IO, Any

from workbench.base.errors import NotFoundError, store_error
from workbench.base.project import Project
from workbench.data.prediction_logs import files_in, log_folder, parse_name
from workbench.packaging.containers import Container, Settings
from workbench.packaging.context import LOG_DIR
from workbench.packaging.deployment_records import Record
from workbench.packaging.engine import Engine, errors

LEDGER = ".pulled.json"
_CHUNK_BYTES = 1024 * 1024


@dataclass(frozen=True)
class Pulled:
    """What was new.

    Attributes:
        folder: where the log is now.
        files, rows, size_bytes: that were new, and the files they were in.
        torn: files whose last line has no end yet; it is pulled when it has one.
        changed: files that are not what was pulled of them; they are left as they were pulled.
    """

    folder: str
    files: int = 0
    rows: int = 0
    size_bytes: int = 0
    torn: int = 0
    changed: tuple[str, ...] = ()

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "folder": self.folder, "files": self.files, "rows": self.rows, "size_bytes": self.size_bytes,
            "torn": self.torn, "changed": list(self.changed),
        }  # fmt: skip


@dataclass(frozen=True)
class Taken:
    """How much of a file was pulled: its first `offset` bytes, and their SHA-256."""

    offset: int = 0
    sha256: str = hashlib.sha256().hexdigest()


def pull(
    engine: Engine, project: Project, name: str, containers: Sequence[Container], records: Sequence[Record]
) -> Pulled:
    """Bring what is new in the prediction logs of a deployment into the project.

    Args:
        containers: those of the deployment; records: what is recorded of it.

    Raises:
        NotFoundError: nothing is known of such a deployment.
        StoreError: it cannot be written.
        DockerError: the engine fails.
    """
    if not containers and not records:
        raise NotFoundError(f"no deployment is called {name}", "workbench package ps --all")
    settings = [one.settings for one in containers] + [one.settings for one in records]
    target = log_folder(project, name)
    results = [_pull(_folder_files(folder), target, folder) for folder in _folders(settings)]
    for volume in sorted({one.volume for one in settings if one.volume}):
        holder = next((one for one in containers if one.settings.volume == volume), None)
        if holder is not None:
            results.append(_pull(_volume_files(engine, holder), target, ""))
    return Pulled(
        target,
        sum(one.files for one in results),
        sum(one.rows for one in results),
        sum(one.size_bytes for one in results),
        sum(one.torn for one in results),
        tuple(name for one in results for name in one.changed),
    )


Source = Iterable[tuple[str, int, IO[bytes]]]
"""Name without `.part`, size in bytes and content of each file of a log."""


def _pull(source: Source, target: str, folder: str) -> Pulled:
    """Copy what is new; where the log is written into the target itself, only take note of it."""
    in_place = bool(folder) and os.path.realpath(folder) == os.path.realpath(target)
    ledger = read_ledger(target)
    files = rows = size_bytes = torn = 0
    changed = []
    try:
        for name, size, content in source:
            taken = ledger.get(name, Taken())
            if size == taken.offset:
                continue
            digest = _digest(content, taken.offset)
            if size < taken.offset or digest.hexdigest() != taken.sha256:
                changed.append(name)
                continue
            into = None if in_place else os.path.join(target, name)
            offset, count, is_torn = _append(content, into, taken.offset, digest)
            torn += is_torn
            if count:
                ledger[name] = Taken(offset, digest.hexdigest())
                _write_ledger(target, ledger)
                files, rows, size_bytes = files + 1, rows + count, size_bytes + offset - taken.offset
    except OSError as error:
        raise store_error(error, target) from None
    return Pulled(target, files, rows, size_bytes, torn, tuple(changed))


def read_ledger(folder: str) -> dict[str, Taken]:
    """How much of each file was pulled into a folder; nothing where there is no ledger, or a broken one."""
    try:
        with open(os.path.join(folder, LEDGER), encoding="utf-8") as file:
            document = json.load(file)
        return {name: Taken(int(offset), str(sha256)) for name, (offset, sha256) in document.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write_ledger(folder: str, ledger: dict[str, Taken]) -> None:
    os.makedirs(folder, exist_ok=True)
    path = os.path.join(folder, LEDGER)
    with open(f"{path}.new", "w", encoding="utf-8") as file:
        json.dump({name: [taken.offset, taken.sha256] for name, taken in sorted(ledger.items())}, file, indent=0)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


def _digest(content: IO[bytes], size_bytes: int) -> Any:
    """SHA-256 over the next bytes."""
    digest = hashlib.sha256()
    while size_bytes > 0:
        chunk = content.read(min(_CHUNK_BYTES, size_bytes))
        if not chunk:
            break
        digest.update(chunk)
        size_bytes -= len(chunk)
    return digest


def _append(content: IO[bytes], path: str | None, offset: int, digest: Any) -> tuple[int, int, bool]:
    """Write the whole lines that follow at an offset of a file; returns the new offset, their number, and whether
    something is left without an end."""
    rows, rest = 0, b""
    if path is not None:
        os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path or os.devnull, "r+b" if path is None or os.path.exists(path) else "w+b") as file:
        if path is not None:
            file.truncate(offset)  # what was appended before a kill, and is in no ledger
            file.seek(offset)
        while chunk := content.read(_CHUNK_BYTES):
            whole, newline, rest = (rest + chunk).rpartition(b"\n")
            if newline:
                file.write(whole + newline)
                digest.update(whole + newline)
                offset += len(whole) + 1
                rows += whole.count(b"\n") + 1
        if path is not None:
            file.flush()
            os.fsync(file.fileno())
    return offset, rows, bool(rest)


def _folders(settings: Iterable[Settings]) -> list[str]:
    return sorted({one.log_dir for one in settings if one.log_dir and os.path.isdir(one.log_dir)})


def _folder_files(folder: str) -> Iterator[tuple[str, int, IO[bytes]]]:
    for file in files_in(folder):
        try:
            opened = open(file.path, "rb")  # noqa: SIM115 - closed below
        except FileNotFoundError:
            opened = open(file.path.removesuffix(".part"), "rb")  # noqa: SIM115 - it was closed meanwhile
        with opened:
            yield file.name, os.fstat(opened.fileno()).st_size, opened


def _volume_files(engine: Engine, container: Container) -> Iterator[tuple[str, int, IO[bytes]]]:
    """The files in the volume of a container, which need not run."""
    with errors():
        chunks, _ = engine.client.get_archive(container.id, LOG_DIR)
        stream: Any = _Stream(chunks)
        with tarfile.open(fileobj=stream, mode="r|") as tar:
            for member in tar:
                below = "/".join(member.name.split("/")[2:])  # after the folder of the log and the one within a volume
                parsed = parse_name(below) if member.isfile() else None
                content = tar.extractfile(member) if parsed else None
                if parsed and content is not None:
                    yield parsed[0], member.size, content


class _Stream:
    """Chunks of bytes as a file that is read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._rest = b""

    def read(self, size: int) -> bytes:
        """At most so many bytes; fewer only at the end."""
        while len(self._rest) < size:
            chunk = next(self._chunks, None)
            if chunk is None:
                break
            self._rest += chunk
        data, self._rest = self._rest[:size], self._rest[size:]
        return data
