"""Artifacts of runs and logged models below a `workbench:` URI: contents stored once by their hash, listed by name."""

from __future__ import annotations

import os
import posixpath
from typing import TYPE_CHECKING, Any

from mlflow.entities import FileInfo
from mlflow.store.artifact.artifact_repo import ArtifactRepository, verify_artifact_path

from workbench.interop.mlflow.errors import as_mlflow, missing
from workbench.interop.mlflow.logged_models import ARTIFACT_FOLDER, KIND
from workbench.interop.mlflow.place import place_at
from workbench.interop.mlflow.uri import artifact_place, project_with_artifacts
from workbench.registry.holds import check_files_free
from workbench.store.blobs import BlobStore
from workbench.store.entities import entity_events, read_entities
from workbench.tracking.artifacts import artifact_path, join_path, regular_files

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Files = dict[str, dict[str, Any]]


class WorkbenchArtifactRepository(ArtifactRepository):  # type: ignore[misc]
    """The artifacts of one run or logged model.

    Args:
        artifact_uri: as the run or the model has it, with a path below it or not.

    Attributes:
        project: whose artifacts.

    Raises:
        InputError: the URI names no artifacts.
        ProjectNotFoundError: there is no such project on this machine.
    """

    def __init__(self, artifact_uri: str, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        super().__init__(artifact_uri, tracking_uri, registry_uri)
        self._of = artifact_place(artifact_uri)
        self.project = project_with_artifacts(artifact_uri)
        self._place = place_at(self.project)
        self._blobs = BlobStore(self.project)

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        """See `ArtifactRepository`."""
        verify_artifact_path(artifact_path)
        name = os.path.basename(os.path.normpath(local_file))
        with as_mlflow():
            self._record({self._inner(posixpath.join(artifact_path or "", name)): self._stored(local_file)})

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        """See `ArtifactRepository`."""
        verify_artifact_path(artifact_path)
        with as_mlflow():
            self._record(
                {
                    self._inner(posixpath.join(artifact_path or "", name)): self._stored(path)
                    for path, name in regular_files(local_dir)
                }
            )

    def list_artifacts(self, path: str | None = None) -> list[FileInfo]:
        """See `ArtifactRepository`: what lies directly in a folder; nothing for a file."""
        base = self._of.path
        folder = self._inner(path or "")
        prefix = f"{folder}/" if folder else ""
        found: dict[str, FileInfo] = {}
        for name, content in self._files().items():
            if not name.startswith(prefix):
                continue
            first, _, rest = name.removeprefix(prefix).partition("/")
            shown = (prefix + first).removeprefix(f"{base}/" if base else "")
            found[shown] = FileInfo(shown, True, None) if rest else FileInfo(shown, False, content["size"])
        return sorted(found.values(), key=lambda info: info.path)

    def delete_artifacts(self, artifact_path: str | None = None) -> None:
        """Forget a file or a folder, or everything; `workbench store gc` frees the space.

        Raises:
            MlflowException: INVALID_STATE, a registered version needs one of the files.
        """
        wanted = self._inner(artifact_path or "")
        gone = [name for name in self._files() if not wanted or name == wanted or name.startswith(f"{wanted}/")]
        with as_mlflow():
            with self._place.visit() as db:
                check_files_free(db, gone, run=self._of.run_id, logged_model=self._of.model_id)
            self._record(dict.fromkeys(gone))

    def download_artifacts(self, artifact_path: str, dst_path: str | None = None) -> str:
        """See `ArtifactRepository`, which makes a failure that clients try again of what is just not there."""
        self.check_there(artifact_path)
        return str(super().download_artifacts(artifact_path, dst_path))

    def check_there(self, path: str = "") -> None:
        """Make sure that a file or a folder is there.

        Raises:
            MlflowException: RESOURCE_DOES_NOT_EXIST.
        """
        wanted = self._inner(path)
        if wanted and not any(name == wanted or name.startswith(f"{wanted}/") for name in self._files()):
            raise missing(f"No such artifact: '{wanted}'")

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        path = self._inner(remote_file_path)
        content = self._files().get(path)
        if content is None:
            raise missing(f"No such artifact: '{path}'")
        with as_mlflow():
            self._blobs.copy_out(content["sha256"], local_path)

    def _inner(self, path: str) -> str:
        inner = artifact_path(path)
        return join_path(self._of.path, inner) if inner else self._of.path

    def _stored(self, local_file: str) -> dict[str, object]:
        sha256, size_bytes = self._blobs.put_file(local_file)
        return {"sha256": sha256, "size": size_bytes}

    def _files(self) -> Files:
        """What is stored, by path."""
        with self._place.visit() as db:
            if self._of.model_id is not None:
                fields = read_entities(db, KIND, [self._of.model_id]).get(self._of.model_id, {})
                return {name[5:]: value for name, value in fields.items() if name.startswith("file:")}
            rows = db.execute(
                "SELECT path, sha256, a.size FROM artifact a JOIN run USING (run_id) "
                "WHERE uid = ? AND sha256 IS NOT NULL AND NOT (kind = 'model' AND starts_with(path, ?)) ORDER BY path",
                [self._of.run_id, f"{ARTIFACT_FOLDER}/m-"],
            ).fetchall()
        return {path: {"sha256": sha256, "size": size} for path, sha256, size in rows}

    def _record(self, files: dict[str, dict[str, object] | None]) -> None:
        """Say which path has which content; None forgets one."""
        if not files:
            return
        if self._of.run_id is not None:
            self._place.journals.check(self._of.run_id, deleted=True)  # `mlflow gc` forgets the files of deleted runs
            self._place.journals.events(self._of.run_id, [_art(path, content) for path, content in files.items()])
            return
        assert self._of.model_id is not None
        with self._place.visit() as db:
            if not read_entities(db, KIND, [self._of.model_id]):
                raise missing(f"Logged model with ID '{self._of.model_id}' not found.")
            run_id = self._source_run(db, self._of.model_id)
            if run_id is not None:
                folder = f"{ARTIFACT_FOLDER}/{self._of.model_id}"
                events = [_art(f"{folder}/{path}", content, kind="model") for path, content in files.items()]
                self._place.journals.events(run_id, events)
            fields: dict[str, object] = {f"file:{path}": content for path, content in files.items()}
            self._place.edit(entity_events(KIND, self._of.model_id, fields))

    def _source_run(self, db: Connection, model_id: str) -> str | None:
        """The run whose artifacts list the model's files too, so that people find them there."""
        run_id = read_entities(db, KIND, [model_id]).get(model_id, {}).get("run")
        found = db.execute("SELECT 1 FROM run WHERE uid = ? AND NOT deleted", [run_id]).fetchall() if run_id else []
        return str(run_id) if found else None


def _art(path: str, content: dict[str, object] | None, kind: str = "file") -> dict[str, object]:
    content = content or {"sha256": None, "size": None}
    return {"e": "art", "path": path, "kind": kind, **content}
