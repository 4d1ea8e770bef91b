"""What gates know of a version and of those that it is compared with, gathered in one visit to the store."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.errors import RunNotFoundError, VersionNotFoundError
from workbench.base.project import Project
from workbench.registry import aliases, models, versions
from workbench.registry.evidence import FIELD, Files, files_of, metrics_of, place_of
from workbench.registry.records import Version
from workbench.store.blobs import BlobStore
from workbench.store.documents import run_documents
from workbench.store.entities import read_entities
from workbench.tracking.artifacts import artifact_path

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Reference = str | int
"""Another version of the model: an alias, or a number."""


@dataclass(frozen=True)
class Facts:
    """What is known of one version.

    Attributes:
        files: of the model, as far as they are in the store.
        registered_metrics: of its run when it was registered; empty for imported versions.
        metrics: the last values that its run has now.
        signature: as the MLflow format has it, where it was noted at registration.
        run_id: the run that made it.
        run_files: SHA-256 and size in bytes of the run's artifacts by path.
        run_tags: of the run.
        card: the version's model card, empty where it has none.
    """

    version: Version
    files: Files = field(default_factory=dict)
    registered_metrics: Mapping[str, float] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    signature: Mapping[str, Any] | None = None
    run_id: str | None = None
    run_files: Files = field(default_factory=dict)
    run_tags: Mapping[str, str] = field(default_factory=dict)
    card: object = None

    @property
    def shown(self) -> str:
        """`fraud/3`."""
        return f"{self.version.name}/{self.version.number}"


@dataclass(frozen=True)
class Candidate:
    """The version that gates judge.

    Attributes:
        project: where it is registered.
        facts: about itself.
        others: those that it is compared with, by how gates name them. None is an alias that nothing has yet; a text
            says why there is no such version otherwise.
    """

    project: Project
    facts: Facts
    others: Mapping[Reference, Facts | str | None] = field(default_factory=dict)


def gather_candidate(
    db: Connection, project: Project, version: Version, references: Iterable[Reference] = ()
) -> Candidate:
    """What gates need to know.

    Args:
        references: the versions that they compare with.

    Raises:
        ModelNotFoundError: the model was deleted.
    """
    model = models.get(db, version.name)
    others: dict[Reference, Facts | str | None] = {}
    for reference in references:
        try:
            if isinstance(reference, int):
                others[reference] = gather_facts(db, versions.get(db, model.name, reference))
            elif reference in model.aliases:
                others[reference] = gather_facts(db, aliases.find(db, model.name, reference))
            else:
                others[reference] = None
        except VersionNotFoundError as error:
            others[reference] = error.message
    return Candidate(project, gather_facts(db, version), others)


def gather_facts(db: Connection, version: Version) -> Facts:
    """What is known of a version."""
    fields = read_entities(db, "version", [version.id]).get(version.id, {})
    found = fields.get(FIELD)
    evidence: dict[str, Any] = found if isinstance(found, dict) else {}
    run_id = version.run or place_of(version.source, None)[0]
    run: dict[str, Any] = {}
    if run_id is not None:
        try:
            [run] = run_documents(db, [run_id])
        except RunNotFoundError:
            run_id = None
    return Facts(
        version=version,
        files=files_of(db, version.source, version.run, version.logged_model, version.storage_location),
        registered_metrics={name: float(value) for name, value in (evidence.get("metrics") or {}).items()},
        metrics=metrics_of(db, run_id) if run_id else {},
        signature=evidence.get("signature"),
        run_id=run_id,
        run_files={file["path"]: (file["sha256"], file["size"] or 0) for file in run.get("artifacts", ())},
        run_tags=run.get("tags", {}),
        card=fields.get("card"),
    )


def copy_files(project: Project, files: Files, folder: str) -> None:
    """Write files of the store to a folder, each checked against its hash.

    Raises:
        ArtifactNotFoundError: the store lacks one.
        InputError: a path leads out of the folder.
        StoreError: one is damaged, or cannot be written.
    """
    blobs = BlobStore(project)
    for path, (sha256, _) in files.items():
        target = os.path.join(folder, artifact_path(path))
        os.makedirs(os.path.dirname(target), exist_ok=True)
        blobs.copy_out(sha256, target)
