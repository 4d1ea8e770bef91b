"""Registering data by its content, and taking it out again.

A version is a digest and what was found out about its content: the bytes stay where they are unless a copy is asked
for. Everything is recorded as facts of entities, so that copies of a project merge.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.base.errors import InputError, StillReferencedError
from workbench.base.jsonvalue import dumps
from workbench.base.project import Project
from workbench.data.sources import is_remote, local_path
from workbench.data.versions import (
    TAG,
    DatasetVersion,
    dataset_id,
    find_dataset,
    runs_using,
    version_id,
    versions_of,
)
from workbench.store.blobs import BlobStore
from workbench.store.dataset_versions import DATASET, VERSION
from workbench.store.digests import FileDigest, digest_files, folder_digest
from workbench.store.entities import entity_events, latest_us
from workbench.store.writing import write_events
from workbench.tracking.artifacts import regular_files
from workbench.tracking.capture.process import user_name
from workbench.tracking.datasets import relative_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Event = dict[str, object]

_NAME = re.compile(r"[^\W_][\w.-]{0,99}")


@dataclass(frozen=True)
class Content:
    """What is at a path.

    Attributes:
        path: as it is recorded.
        local: where it can be read on this machine.
        folder: whether it is a folder.
        digest: `sha256:…`.
        files: what it is made of.
    """

    path: str
    local: str
    folder: bool
    digest: str
    files: Sequence[FileDigest]

    @property
    def size_bytes(self) -> int:
        """Of all files."""
        return sum(file.size_bytes for file in self.files)


@dataclass(frozen=True)
class Added:
    """What `add` did.

    Attributes:
        version: the version.
        is_new: whether it was registered now.
        copies: how many files were copied, by how: reflink, link, copy, present.
    """

    version: DatasetVersion
    is_new: bool
    copies: Mapping[str, int]


def check_name(name: str) -> str:
    """The name, which begins with a letter or a digit and has letters, digits, `.`, `_` and `-`.

    Raises:
        InputError: it does not.
    """
    if _NAME.fullmatch(name) is None:
        raise InputError(
            f"{name!r} is no name for a dataset", "letters, digits, '.', '_' and '-', 100 at most: transactions"
        )
    return name


def read_content(project: Project, path: str, progress: Callable[[int], None] = lambda size_bytes: None) -> Content:
    """The digest of what is at a path; files that were not touched since the last time are not read.

    Args:
        path: a file, a folder or an address; what an address names is fetched.

    Raises:
        InputError: it is missing, unreadable, an empty folder, or changed while it was read.
    """
    if is_remote(path):
        return _remote_content(project, path, progress)
    whole = os.path.abspath(local_path(path))
    recorded = relative_path(project, whole)
    if not os.path.isdir(whole):
        if not os.path.exists(whole):
            raise InputError(f"there is no file {path}", "check the path; a pattern is no path, a folder is")
        files = digest_files(project, [(whole, os.path.basename(whole))], root=whole, progress=progress)
        return Content(recorded, whole, False, f"sha256:{files[0].sha256}", files)
    files = digest_files(project, regular_files(whole), root=whole, progress=progress)
    if not files:
        raise InputError(f"the folder {path} has no files")
    return Content(recorded, whole, True, f"sha256:{folder_digest(files)}", files)


def known_version(db: Connection, name: str, digest: str) -> DatasetVersion | None:
    """The version of a dataset that has this content, if there is one that was not removed."""
    found = [one for one in versions_of(db, dataset_id(name), whole=True) if one.digest == digest]
    return found[0] if found else None


def add(
    db: Connection,
    project: Project,
    content: Content,
    name: str,
    *,
    profile: Mapping[str, Any] | None = None,
    copy: bool = False,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Added:
    """Register a content as the next version of a dataset; a content that is a version already is that version.

    Args:
        db: an open visit to the store. While it lasts nobody else registers anything.
        profile: of it; None where it is no table.
        copy: keep the bytes in the project, sharing them with the original where the file system can.
        description: what is to be said about the version; where it is the first one, about the dataset as well.
        tags: of the dataset.

    Raises:
        InputError: the name is no name, or a file changed since `content` was made.
        StoreError: it cannot be written.
    """
    owner = dataset_id(check_name(name))
    versions = versions_of(db, owner, removed=True)
    present = next((one for one in versions if one.digest == content.digest and one.removed_us is None), None)
    key = version_id(owner, content.digest)
    earlier = next((one for one in versions if one.id == key), None)
    number = earlier.number if earlier else max((one.number for one in versions), default=0) + 1
    copies = keep(project, content) if copy else {}
    now = now_us()
    facts: dict[str, object] = {}
    if not present:
        facts = {
            "dataset": owner,
            "number": number,
            "digest": content.digest,
            "folder": content.folder,
            "size_bytes": content.size_bytes,
            "file_count": len(content.files),
            "files": [[file.name, file.size_bytes, file.sha256] for file in content.files],
            "format": profile["format"] if profile else "folder" if content.folder else "file",
            "rows": profile["rows"] if profile else None,
            "columns": [{"name": one["name"], "type": one["type"]} for one in profile["columns"]] if profile else [],
            "column_count": len(profile["columns"]) if profile else 0,
            "notes": list(profile["notes"]) if profile else [],
            "profile": BlobStore(project).put_bytes(dumps(profile).encode())[0] if profile else None,
            "path": content.path,
            "created_us": now,
            "who": user_name(),
            "copied": copy,
            "removed_us": None,
        }
    elif copy and not present.copied:
        facts = {"copied": True}
    elif present.path != content.path and not present.copied:
        facts = {"path": content.path}  # the bytes were found in another place
    if description is not None:
        facts["description"] = description
    events = entity_events(VERSION, key, facts, latest_us(db, VERSION, key)) if facts else []
    about: dict[str, object] = {TAG + tag: value for tag, value in (tags or {}).items()}
    if not any(one.removed_us is None for one in versions):
        about |= {"name": name, "created_us": now} | ({"description": description} if description else {})
    if about:
        events += entity_events(DATASET, owner, about, latest_us(db, DATASET, owner))
    write_events(project, events)
    made = DatasetVersion(
        id=key,
        dataset_id=owner,
        name=name,
        number=number,
        digest=content.digest,
        folder=content.folder,
        size_bytes=content.size_bytes,
        file_count=len(content.files),
        format=str(facts.get("format") or (present.format if present else "file")),
        rows=profile["rows"] if profile else present.rows if present else None,
        path=content.path,
        copied=copy or bool(present and present.copied),
        created_us=present.created_us if present else now,
        who=present.who if present else user_name(),
        description=description or (present.description if present else ""),
    )
    return Added(made, not present, copies)


def keep(project: Project, content: Content) -> dict[str, int]:
    """Put the bytes of a content into the project; how many files were put there by which way.

    Raises:
        InputError: a file changed since the content was read.
        StoreError: it cannot be written.
    """
    blobs = BlobStore(project)
    ways: dict[str, int] = {}
    for file in content.files:
        way = blobs.put_known(file.path, file.sha256)
        ways[way] = ways.get(way, 0) + 1
    return ways


def plan_removal(db: Connection, reference: str) -> list[DatasetVersion]:
    """The versions that a reference takes: `NAME` all of a dataset, `NAME@v3` one.

    Raises:
        DatasetNotFoundError: there is none.
        StillReferencedError: a run or a model uses one; the message names them.
    """
    from workbench.data.references import resolve_data

    chosen = [resolve_data(db, reference)] if "@" in reference else versions_of(db, find_dataset(db, reference).id)
    uses = runs_using(db, [version.digest for version in chosen])
    for version in chosen:
        runs = uses.get(version.digest, [])
        if runs:
            models = sorted({model for run in runs for model in run["models"]})
            by = [f"run {run['name'] or run['run_id'][:8]}" for run in runs[:3]] + [
                f"model {one}" for one in models[:3]
            ]
            more = f" and {len(runs) + len(models) - len(by)} more" if len(runs) + len(models) > len(by) else ""
            raise StillReferencedError(
                f"{version.reference} is used by {', '.join(by)}{more}", f"workbench data show {version.reference}"
            )
    return chosen


def remove(db: Connection, project: Project, reference: str) -> list[DatasetVersion]:
    """Take versions out; numbers are never given to another content. Copies go with the next `workbench store gc`.

    Raises: as `plan_removal`.
    """
    chosen = plan_removal(db, reference)
    # without the hashes nothing refers to copies any more
    gone = {"removed_us": now_us(), **dict.fromkeys(("digest", "files", "profile", "copied"))}
    write_events(
        project,
        [event for one in chosen for event in entity_events(VERSION, one.id, gone, latest_us(db, VERSION, one.id))],
    )
    return chosen


def _remote_content(project: Project, address: str, progress: Callable[[int], None]) -> Content:
    from workbench.data.remote import fetch

    fetched = fetch(address)
    if len(fetched) == 1:
        local = fetched[0][1]
        files = digest_files(project, [(local, os.path.basename(local))], root=local, progress=progress)
        return Content(address, local, False, f"sha256:{files[0].sha256}", files)
    above = os.path.commonpath([os.path.dirname(name) for name, _ in fetched])
    named = [(local, name.removeprefix(above.replace(":/", "://")).lstrip("/")) for name, local in fetched]
    files = digest_files(project, named, root=address, progress=progress)
    return Content(address, "", True, f"sha256:{folder_digest(files)}", files)
