"""Contents of artifacts, stored once each under their SHA-256.

References name only the hash, so a store that is moved, renamed or merged keeps every artifact.
"""

from __future__ import annotations

import hashlib
import os

from workbench.base.errors import ArtifactNotFoundError, InputError, StoreError, StorePermissionError, store_error

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import BinaryIO

    from workbench.base.project import Project

CHUNK_BYTES = 1024 * 1024


class BlobStore:
    """The contents below a project's `blobs/` folder, as `sha256/ab/cdef…`."""

    def __init__(self, project: Project) -> None:
        self.folder = os.path.join(project.blob_dir, "sha256")

    def path_of(self, sha256: str) -> str:
        """Where a content lies, whether it is there or not.

        Raises:
            InputError: `sha256` is not 64 lower-case hex digits.
        """
        if len(sha256) != 64 or any(c not in "0123456789abcdef" for c in sha256):
            raise InputError(f"{sha256!r} is no SHA-256")
        return os.path.join(self.folder, sha256[:2], sha256[2:])

    def put_file(self, path: str) -> tuple[str, int]:
        """Store a copy of the file at `path`; returns its SHA-256 and its size in bytes.

        Raises:
            InputError: the file is missing or unreadable.
            DiskFullError, StorePermissionError, StoreError: it cannot be stored.
        """
        try:
            source = open(path, "rb")  # noqa: SIM115 - closed below, errors of open alone are the user's
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from None
        with source:
            return self._put(iter(lambda: source.read(CHUNK_BYTES), b""))

    def put_known(self, path: str, sha256: str) -> str:
        """Store the file at `path`, whose SHA-256 is known, without copying its bytes where the file system can.

        Returns:
            How: `reflink`, `link` (of a read-only file), `copy`, or `present` where the content is there already.

        Raises:
            InputError: the file is missing, unreadable, or not what `sha256` says.
            DiskFullError, StorePermissionError, StoreError: it cannot be stored.
        """
        from workbench.store.copies import copy_file

        target = self.path_of(sha256)
        if os.path.exists(target):
            _touch(target)
            return "present"
        temporary = os.path.join(self.folder, f".{os.urandom(8).hex()}")
        try:
            before = os.stat(path)
        except OSError as error:
            raise InputError(f"cannot read {path}: {error.strerror}") from None
        try:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            try:
                how = copy_file(path, temporary, may_link=True)
                after = os.stat(path)
                changed = (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns)
                if changed or (how == "copy" and _digest_of(temporary) != sha256):
                    raise InputError(f"{path} changed while it was copied", "try again when nothing writes to it")
                if how != "link":
                    os.chmod(temporary, 0o444)
                os.replace(temporary, target)
            finally:
                if os.path.exists(temporary):
                    os.unlink(temporary)
        except OSError as error:
            raise store_error(error, self.folder) from None
        return how

    def put_bytes(self, content: bytes) -> tuple[str, int]:
        """Store `content`; returns its SHA-256 and its size in bytes."""
        return self._put(iter([content]))

    def open(self, sha256: str) -> BinaryIO:
        """The content for reading.

        Raises:
            ArtifactNotFoundError: this store does not have it.
        """
        try:
            return open(self.path_of(sha256), "rb")
        except FileNotFoundError:
            raise ArtifactNotFoundError(
                f"the content {sha256[:12]}… is missing from the store", "workbench store verify lists what is missing"
            ) from None
        except PermissionError:
            raise StorePermissionError(f"{self.path_of(sha256)} may not be read", "check its owner and mode") from None

    def copy_out(self, sha256: str, target: str) -> None:
        """Write the content to `target`, checking its hash on the way.

        Raises:
            ArtifactNotFoundError: this store does not have it.
            StoreError: the content is damaged or cannot be written.
        """
        digest = hashlib.sha256()
        temporary = f"{target}.{os.urandom(4).hex()}"
        try:
            with self.open(sha256) as source, open(temporary, "wb") as file:
                while chunk := source.read(CHUNK_BYTES):
                    digest.update(chunk)
                    file.write(chunk)
            if digest.hexdigest() != sha256:
                raise StoreError(f"the content {sha256[:12]}… is damaged in the store", "workbench store verify")
            os.replace(temporary, target)
        except OSError as error:
            raise store_error(error, target) from None
        finally:
            if os.path.exists(temporary):
                os.unlink(temporary)

    def each(self) -> Iterator[tuple[str, int, float]]:
        """`(sha256, size in bytes, modification time in seconds)` of every stored content."""
        try:
            folders = sorted(os.listdir(self.folder))
        except FileNotFoundError:
            return
        for folder in folders:
            if len(folder) != 2:
                continue
            with os.scandir(os.path.join(self.folder, folder)) as entries:
                for entry in entries:
                    if len(entry.name) == 62:
                        status = entry.stat()
                        yield folder + entry.name, status.st_size, status.st_mtime

    def is_intact(self, sha256: str) -> bool:
        """Whether the stored bytes still have their hash."""
        digest = hashlib.sha256()
        with self.open(sha256) as file:
            while chunk := file.read(CHUNK_BYTES):
                digest.update(chunk)
        return digest.hexdigest() == sha256

    def _put(self, chunks: Iterator[bytes]) -> tuple[str, int]:
        digest = hashlib.sha256()
        size_bytes = 0
        temporary = os.path.join(self.folder, f".{os.urandom(8).hex()}")
        try:
            os.makedirs(self.folder, exist_ok=True)
            try:
                with open(temporary, "xb") as file:
                    for chunk in chunks:
                        digest.update(chunk)
                        size_bytes += len(chunk)
                        file.write(chunk)
                    file.flush()
                    os.fdatasync(file.fileno())
                sha256 = digest.hexdigest()
                target = self.path_of(sha256)
                if os.path.exists(target):
                    _touch(target)
                else:
                    os.makedirs(os.path.dirname(target), exist_ok=True)
                    os.chmod(temporary, 0o444)
                    os.replace(temporary, target)
            finally:
                if os.path.exists(temporary):
                    os.unlink(temporary)
        except OSError as error:
            raise store_error(error, self.folder) from None
        return sha256, size_bytes


def _digest_of(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _touch(path: str) -> None:
    """Make a content young, so that garbage collection spares what was just referred to again."""
    try:
        os.utime(path)
    except PermissionError:  # another user of a shared store has put it there
        return
