"""The bytes of a registered version: where they can be read, and writing them somewhere, checked by their hash."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError, NotFoundError, StoreError, store_error
from workbench.base.jsonvalue import loads
from workbench.base.project import Project
from workbench.data.datasets import Content, read_content
from workbench.data.references import resolve_data
from workbench.data.sources import is_remote
from workbench.data.versions import DatasetVersion
from workbench.store.blobs import BlobStore
from workbench.store.copies import copy_file
from workbench.store.digests import FileDigest, digest_files, folder_digest

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


class ContentMissingError(NotFoundError):
    """A version's bytes are nowhere: the project has no copy, and the original is gone or another one."""


def data_path(project: Project, version: DatasetVersion) -> str:
    """A path where the version's bytes can be read: the original where it is still the same, else the copy.

    Args:
        version: with its files.

    Raises:
        ContentMissingError: they are nowhere.
    """
    original = _original(project, version)
    if original is not None:
        return version.path if is_remote(version.path) else os.path.join(project.root, version.path)
    if not version.copied:
        raise ContentMissingError(
            f"{version.reference} is no longer at {version.path}, and the project has no copy of it",
            f"workbench data add PATH {version.name} --copy, with a path that still has it",
        )
    return _laid_out(project, version)


def glance(project: Project, version: DatasetVersion) -> str:
    """What became of the original as far as the file system says without reading it.

    Returns:
        "remote" where that is another machine's; "gone"; "changed" for a file of another size; else "there".
    """
    if is_remote(version.path):
        return "remote"
    path = os.path.join(project.root, version.path)
    try:
        size_bytes = os.stat(path).st_size
    except OSError:
        return "gone"
    return "changed" if not version.folder and size_bytes != version.size_bytes else "there"


def find_data(db: Connection, project: Project, reference: str) -> tuple[DatasetVersion, str]:
    """The version that a reference names, and a path where it can be read.

    Raises: as `resolve_data` and `data_path`.
    """
    version = resolve_data(db, reference)
    return version, data_path(project, version)


def checkout(
    project: Project,
    version: DatasetVersion,
    target: str,
    *,
    force: bool = False,
    progress: Callable[[int], None] = lambda size_bytes: None,
) -> str:
    """Write a version to `target`, which appears when all of it is there and has its hash.

    Args:
        target: a file, or a folder where the version is one.
        force: replace what is there.

    Returns:
        Where the bytes came from: `original` or `copy`.

    Raises:
        InputError: something is there already.
        ContentMissingError: the bytes are nowhere.
        StoreError: they are damaged, or cannot be written.
    """
    if os.path.lexists(target) and not force:
        if _is(project, version, target):
            return "present"
        raise InputError(
            f"{target} is there already, and is something else", "--force replaces it, -o names another place"
        )
    original = _original(project, version)
    if original is None and not version.copied:
        data_path(project, version)
    found = original.files if original is not None else ()
    paths = {name: file.path for (name, _, _), file in zip(version.files, found, strict=False)}
    blobs = BlobStore(project)
    temporary = f"{target}.{os.urandom(4).hex()}"
    files: list[FileDigest] = []
    try:
        for name, _, sha256 in version.files:
            source = paths.get(name) or blobs.path_of(sha256)
            place = _below(temporary, name) if version.folder else temporary
            os.makedirs(os.path.dirname(os.path.abspath(place)), exist_ok=True)
            copy_file(source, place)
            os.chmod(place, 0o644)
            [written] = digest_files(None, [(place, name)], root=place, progress=progress)
            files.append(written)
        digest = folder_digest(files) if version.folder else files[0].sha256
        if f"sha256:{digest}" != version.digest:
            raise StoreError(f"the bytes of {version.reference} are damaged", "workbench store verify")
        if os.path.lexists(target):
            _discard(target)
        os.replace(temporary, target)
    except FileNotFoundError as error:
        raise ContentMissingError(
            f"a file of {version.reference} is missing: {error.filename}", "workbench store verify"
        ) from None
    except OSError as error:
        raise store_error(error, target) from None
    finally:
        if os.path.lexists(temporary):
            _discard(temporary)
    return "original" if original is not None else "copy"


def stored_profile(project: Project, version: DatasetVersion) -> Mapping[str, Any] | None:
    """The profile that was made when the version was registered; None where it is no table.

    Raises:
        ArtifactNotFoundError: its bytes are missing.
    """
    return None if version.profile is None else read_profile(project, version.profile)


def read_profile(project: Project, sha256: str) -> Mapping[str, Any] | None:
    """A profile by the SHA-256 of its bytes; None where those are no profile.

    Raises:
        ArtifactNotFoundError: its bytes are missing.
    """
    with BlobStore(project).open(sha256) as file:
        found = loads(file.read())
    return found if isinstance(found, dict) else None


def _original(project: Project, version: DatasetVersion) -> Content | None:
    """What is where the version was registered from, where that still has its digest."""
    try:
        path = version.path if is_remote(version.path) else os.path.join(project.root, version.path)
        content = read_content(project, path)
    except InputError:
        return None
    return content if content.digest == version.digest else None


def _is(project: Project, version: DatasetVersion, path: str) -> bool:
    try:
        return read_content(project, path).digest == version.digest
    except InputError:
        return False


def _below(folder: str, name: str) -> str:
    """The path of a file of a manifest, which may have been written by another program.

    Raises:
        StoreError: it leads out of the folder.
    """
    parts = name.split("/")
    if ".." in parts or "" in parts or "\0" in name:
        raise StoreError(f"the file {name!r} does not lie within its dataset")
    return os.path.join(folder, *parts)


def _laid_out(project: Project, version: DatasetVersion) -> str:
    """The copy under the names that the files have, made of links to the contents, which may not be written."""
    base = os.path.join(project.folder, "cache", "datasets", version.digest.partition(":")[2][:32])
    blobs = BlobStore(project)
    for name, _, sha256 in version.files:
        place = _below(base, name)
        if os.path.exists(place):
            continue
        if not os.path.exists(blobs.path_of(sha256)):
            raise ContentMissingError(
                f"the copy of {version.reference} is missing its file {name}", "workbench store verify"
            )
        try:
            os.makedirs(os.path.dirname(place), exist_ok=True)
            if os.path.lexists(place):
                os.unlink(place)
            os.symlink(os.path.relpath(blobs.path_of(sha256), os.path.dirname(place)), place)
        except OSError as error:
            raise store_error(error, place) from None
    return base if version.folder else os.path.join(base, version.files[0][0])


def _discard(path: str) -> None:
    if os.path.isdir(path) and not os.path.islink(path):
        shutil.rmtree(path)
    else:
        os.unlink(path)
