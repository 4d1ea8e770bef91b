"""What is packaged: a version of a registered model or the model of a run, with all that is known of it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError
from workbench.base.project import Project
from workbench.registry.evidence import DESCRIPTION, Files, digest_of, files_of, metrics_of, read_description
from workbench.registry.loading import version_files
from workbench.registry.references import is_reference, resolve_version
from workbench.registry.registering import find_run_model
from workbench.store.blobs import BlobStore
from workbench.store.runs import run_documents

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.records import Version


@dataclass(frozen=True)
class Source:
    """A model that is to be packaged.

    Attributes:
        name: of the registered model, else of the run.
        version: its number; None for the model of a run.
        version_id: the id of the version; empty likewise.
        run_id: the run that made it; None where unknown.
        path: of the model within its run; empty where unknown.
        files: SHA-256 and size by path within the model.
        digest: `sha256:` over them.
        description: what its `MLmodel` says.
        run: the run's document; empty where unknown.
        metrics: the last value of each of the run's metrics.
    """

    name: str
    version: int | None
    version_id: str
    run_id: str | None
    path: str
    files: Files
    digest: str
    description: dict[str, Any]
    run: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)

    @property
    def shown(self) -> str:
        """How people call it: `fraud/3`, or the name of the run."""
        return f"{self.name}/{self.version}" if self.version is not None else self.name

    @property
    def tag(self) -> str:
        """The name and tag of its image."""
        name = re.sub(r"[^a-z0-9._-]+", "-", self.name.lower())
        name = re.sub(r"[._-]{2,}", "-", name).strip("-_.") or "model"
        return f"{name}:{self.version if self.version is not None else (self.run_id or 'run')[:8]}"

    @property
    def python(self) -> str:
        """The version of Python that it was trained with; empty where it does not say."""
        flavour = (self.description.get("flavors") or {}).get("python_function") or {}
        return str(flavour.get("python_version") or "")

    @property
    def flavours(self) -> dict[str, Any]:
        """The flavours that it can be loaded as."""
        found = self.description.get("flavors")
        return found if isinstance(found, dict) else {}


def find_source(db: Connection, project: Project, reference: str) -> Source:
    """The model that a reference names: `NAME@ALIAS`, `NAME/3`, or `RUN[:PATH]`.

    Raises:
        NotFoundError: there is no such version or run, or its files are not in the store.
        RefusedError: the files were changed after the version was registered.
        InputError: it is no model in the MLflow format.
    """
    if is_reference(reference):
        version = resolve_version(db, reference)
        files = version_files(db, version)
        documents = run_documents(db, [version.run]) if version.run else []
        return _source(db, project, version.name, version, files, version.run, "", documents[0] if documents else {})
    found = find_run_model(db, reference)
    [document] = run_documents(db, [found.run])
    files = files_of(db, found.source, found.run, found.logged_model)
    return _source(db, project, str(document["name"] or found.run[:8]), None, files, found.run, found.path, document)


def _source(
    db: Connection,
    project: Project,
    name: str,
    version: Version | None,
    files: Files,
    run_id: str | None,
    path: str,
    document: dict[str, Any],
) -> Source:
    description = read_description(project, files)
    if not description:
        raise InputError(f"{name} is no model in the MLflow format: it has no readable {DESCRIPTION}")
    return Source(
        name=name,
        version=version.number if version else None,
        version_id=version.id if version else "",
        run_id=run_id,
        path=path,
        files=files,
        digest=digest_of(files),
        description=description,
        run=document,
        metrics=metrics_of(db, run_id) if run_id else {},
    )


def materialise(project: Project, source: Source, folder: str) -> None:
    """Write a model's files into a folder, each checked against its hash.

    Raises:
        ArtifactNotFoundError, StoreError: one is missing or damaged.
    """
    blobs = BlobStore(project)
    for name, (content, _) in source.files.items():
        target = os.path.join(folder, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        blobs.copy_out(content, target)


def read_file(project: Project, source: Source, name: str) -> str | None:
    """A small text file of a model; None where it has none of that name.

    Raises: as `materialise`.
    """
    found = source.files.get(name)
    if found is None:
        return None
    with BlobStore(project).open(found[0]) as file:
        return file.read().decode("utf-8", "replace")


def created_at(source: Source) -> str:
    """When the model was made, ISO 8601 in UTC: the same however often it is packaged."""
    said = str(source.description.get("utc_time_created") or "")
    try:
        return datetime.fromisoformat(said).strftime("%Y-%m-%dT%H:%M:%SZ")
    except ValueError:
        return "1980-01-01T00:00:00Z"
