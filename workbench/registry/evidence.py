"""What a version was when it was registered: its files' digest, its signature, its run's metrics and data."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from workbench.base.errors import WorkbenchError
from workbench.base.jsonvalue import loads
from workbench.base.project import Project
from workbench.store.blobs import BlobStore
from workbench.store.entities import read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.records import Version

FIELD = "evidence"
"""The field of a version that holds it."""
DESCRIPTION = "MLmodel"
"""The file that says what a model in the MLflow format is."""
MOST_METRICS = 1000
MAX_DESCRIPTION_BYTES = 4 * 1024 * 1024

_SOURCES = (
    re.compile(r"runs:/(?P<run>[0-9a-f]{32})/(?P<path>.*)"),
    re.compile(r".*/(?P<run>[0-9a-f]{32})/artifacts/(?P<path>.*)"),
)

Files = dict[str, tuple[str, int]]
"""SHA-256 and size in bytes by path within the model."""


@dataclass(frozen=True)
class Evidence:
    """What a version was.

    Attributes:
        files: of the model, as far as they are in the store.
        metrics: the last value of each metric of its run.
        datasets: `{"name", "digest", "context"}` of what its run used.
        signature: `inputs`, `outputs` and `params` as the MLflow format has them; None where the model has none.
    """

    files: Files = field(default_factory=dict)
    metrics: dict[str, float] = field(default_factory=dict)
    datasets: list[dict[str, Any]] = field(default_factory=list)
    signature: dict[str, Any] | None = None

    @property
    def digest(self) -> str | None:
        """`sha256:` over paths and contents; None where no files are known."""
        return digest_of(self.files) if self.files else None

    @property
    def size_bytes(self) -> int | None:
        """Of all files; None where none are known."""
        return sum(size for _, size in self.files.values()) if self.files else None

    def as_fields(self) -> dict[str, object]:
        """The fields of a version that say it."""
        said = {"metrics": self.metrics, "datasets": self.datasets, "signature": self.signature}
        return {"digest": self.digest, "size_bytes": self.size_bytes, FIELD: said}


def digest_of(files: Mapping[str, tuple[str, int]]) -> str:
    """The digest of a model: SHA-256 over a line `SHA-256 path` for each file, in the order of their paths."""
    lines = "".join(f"{content} {path}\n" for path, (content, _) in sorted(files.items()))
    return f"sha256:{sha256(lines.encode('utf-8', 'surrogatepass')).hexdigest()}"


def gather(
    db: Connection,
    project: Project,
    source: str | None,
    run: str | None,
    logged_model: str | None,
    location: str | None = None,
) -> Evidence:
    """The evidence for what is about to be registered.

    Args:
        source: where it is registered from: `runs:/RUN/PATH`, or a place below the project's artifacts.
        run: the run that made it.
        logged_model: the id of the MLflow logged model that it is, if it is one.
        location: where its files are, if that is another place.
    """
    files = files_of(db, source, run, logged_model, location)
    return Evidence(
        files,
        metrics_of(db, run) if run else {},
        datasets_of(db, run) if run else [],
        read_signature(project, files),
    )


def registered_evidence(db: Connection, version: Version) -> dict[str, Any]:
    """`metrics`, `datasets` and `signature` as they were when a version was registered; empty for imported ones."""
    return registered_evidences(db, [version]).get(version.id, {})


def registered_evidences(db: Connection, versions: Sequence[Version]) -> dict[str, dict[str, Any]]:
    """`registered_evidence` of versions by their ids, for those that have one."""
    rows = db.execute(
        "SELECT id, value FROM entity_field WHERE kind = 'version' AND name = $1 AND value IS NOT NULL "
        "AND id IN (SELECT unnest($2::VARCHAR[]))",
        [FIELD, [version.id for version in versions]],
    ).fetchall()
    found = {version_id: loads(value) for version_id, value in rows}
    return {version_id: value for version_id, value in found.items() if isinstance(value, dict)}


def files_of(
    db: Connection, source: str | None, run: str | None, logged_model: str | None, location: str | None = None
) -> Files:
    """The files of a model that the store has, by their paths within it. Args: see `gather`."""
    if logged_model:
        fields = read_entities(db, "logged_model", [logged_model]).get(logged_model, {})
        found = {
            name.removeprefix("file:"): (str(value["sha256"]), int(value.get("size") or 0))
            for name, value in fields.items()
            if name.startswith("file:") and isinstance(value, dict) and "sha256" in value
        }
        if found:
            return found
    owner, path = place_of(source, run)
    if owner is None and location:
        owner, path = place_of(location, None)
    if owner is None:
        return {}
    rows = db.execute(
        "SELECT path, sha256, size FROM artifact WHERE sha256 IS NOT NULL AND starts_with(path, $2) "
        "AND run_id IN (SELECT run_id FROM run WHERE uid = $1)",
        [owner, f"{path}/" if path else ""],
    ).fetchall()
    return {name.removeprefix(path).lstrip("/"): (str(content), int(size or 0)) for name, content, size in rows}


def place_of(source: str | None, run: str | None) -> tuple[str | None, str]:
    """The run and the path within its artifacts that a source names; the run is None where it names none."""
    for pattern in _SOURCES:
        match = pattern.fullmatch(source or "")
        if match is not None:
            return match["run"], match["path"].strip("/")
    return (run, "model") if run and not source else (None, "")


def metrics_of(db: Connection, run: str) -> dict[str, float]:
    """The last value of each metric of a run, but those of the machine."""
    rows = db.execute(
        "SELECT k.name, s.last FROM metric_summary s JOIN run r USING (run_id) JOIN metric_key k USING (key_id) "
        f"WHERE r.uid = $1 AND NOT starts_with(k.name, 'system/') ORDER BY k.name LIMIT {MOST_METRICS}",
        [run],
    ).fetchall()
    return dict(rows)


def datasets_of(db: Connection, run: str) -> list[dict[str, Any]]:
    """What data a run used, by name."""
    rows = db.execute(
        "SELECT DISTINCT d.name, d.digest, d.detail->>'$.context' FROM dataset d JOIN run r USING (run_id) "
        "WHERE r.uid = $1 ORDER BY ALL",
        [run],
    ).fetchall()
    return [{"name": name, "digest": digest, "context": context} for name, digest, context in rows]


def read_signature(project: Project, files: Files) -> dict[str, Any] | None:
    """The signature that a model's description states; None where there is no description or it cannot be read."""
    described = read_description(project, files)
    signature = described.get("signature")
    if not isinstance(signature, dict):
        return None
    return {
        part: loads(text) if isinstance(text, str) else text
        for part, text in signature.items()
        if part in ("inputs", "outputs", "params")
    }


def read_description(project: Project, files: Files) -> dict[str, Any]:
    """The model's `MLmodel` file; empty where it is not in the store, too large or broken."""
    content, size = files.get(DESCRIPTION, ("", 0))
    if not content or size > MAX_DESCRIPTION_BYTES:
        return {}
    try:
        with BlobStore(project).open(content) as file:
            found = parse_yaml(file.read())
    except (WorkbenchError, OSError):
        return {}
    return found if isinstance(found, dict) else {}


def parse_yaml(text: bytes | str) -> object:
    """What a YAML text says, as plain values; None where it is no YAML."""
    import yaml  # type: ignore[import-untyped]  # only who registers, checks or packages a model needs it

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except (yaml.YAMLError, ValueError):
        return None
