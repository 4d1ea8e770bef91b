"""The artifacts of a run: what it kept, not where the bytes are (`store.blobs`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.errors import ArtifactNotFoundError
from workbench.store.hints import near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_COLUMNS = (
    "SELECT path, kind, size, sha256, t FROM artifact WHERE sha256 IS NOT NULL "
    "AND run_id = (SELECT run_id FROM run WHERE uid = $1)"
)


@dataclass(frozen=True)
class Artifact:
    """One file of a run.

    Attributes:
        path: within the run, with `/`.
        kind: file, model or dataset.
        size_bytes: its size.
        sha256: hex digest of its content, by which `store.blobs` finds it.
        time_us: when it was logged, microseconds since the epoch.
    """

    path: str
    kind: str
    size_bytes: int
    sha256: str
    time_us: int


def list_artifacts(db: Connection, uid: str, path: str = "") -> list[Artifact]:
    """The artifacts of a run by path; with `path`, that file or what is in that folder."""
    folder = path.strip("/")
    rows = db.execute(f"{_COLUMNS} ORDER BY path", [uid]).fetchall()
    found = [Artifact(*row) for row in rows]
    return [a for a in found if not folder or a.path == folder or a.path.startswith(folder + "/")]


def require_artifacts(db: Connection, uid: str, path: str = "") -> list[Artifact]:
    """As `list_artifacts`, but at least one.

    Raises:
        ArtifactNotFoundError: the run has no artifact there; the hint names paths that look like it.
    """
    found = list_artifacts(db, uid, path)
    if found:
        return found
    paths = [artifact.path for artifact in list_artifacts(db, uid)]
    if not paths:
        raise ArtifactNotFoundError(f"run {uid[:8]} has no artifacts")
    folders = {known.rpartition("/")[0] for known in paths} - {""}
    hint = near_matches(path.strip("/"), [*paths, *sorted(folders)]) or f"workbench runs artifacts {uid[:8]}"
    raise ArtifactNotFoundError(f"run {uid[:8]} has no artifact {path}", hint)
