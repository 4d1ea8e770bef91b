"""All artifacts of a project as one tree, `EXPERIMENT/RUN/artifacts/PATH`: what `mlflow server` passes on.

A server is given `--artifacts-destination workbench:///home/me/fraud`, and takes paths below it from its clients.
"""

from __future__ import annotations

import posixpath
from urllib.parse import quote

from mlflow.entities import FileInfo
from mlflow.store.artifact.artifact_repo import ArtifactRepository

from workbench.base.project import FOLDER
from workbench.interop.mlflow.artifact_repository import WorkbenchArtifactRepository
from workbench.interop.mlflow.errors import as_mlflow, invalid
from workbench.interop.mlflow.uri import SCHEME, below_root, project_with_artifacts


class WorkbenchArtifactRoot(ArtifactRepository):  # type: ignore[misc]
    """See the module.

    Args:
        artifact_uri: of a project.

    Attributes:
        project: that project.

    Raises:
        InputError: it is no such URI.
        ProjectNotFoundError: there is no such project on this machine.
    """

    def __init__(self, artifact_uri: str, tracking_uri: str | None = None, registry_uri: str | None = None) -> None:
        super().__init__(artifact_uri, tracking_uri, registry_uri)
        self.project = project_with_artifacts(artifact_uri)

    def log_artifact(self, local_file: str, artifact_path: str | None = None) -> None:
        """See `ArtifactRepository`."""
        self._below(artifact_path).log_artifact(local_file)

    def log_artifacts(self, local_dir: str, artifact_path: str | None = None) -> None:
        """See `ArtifactRepository`."""
        self._below(artifact_path).log_artifacts(local_dir)

    def list_artifacts(self, path: str | None = None) -> list[FileInfo]:
        """See `ArtifactRepository`: nothing above the artifacts of a run or a model."""
        if not below_root(path or ""):
            return []
        listed = self._below(path).list_artifacts()
        return [FileInfo(posixpath.join(path or "", file.path), file.is_dir, file.file_size) for file in listed]

    def delete_artifacts(self, artifact_path: str | None = None) -> None:
        """Forget a file or a folder."""
        self._below(artifact_path).delete_artifacts()

    def download_artifacts(self, artifact_path: str, dst_path: str | None = None) -> str:
        """See `ArtifactRepository`, and the same method of `WorkbenchArtifactRepository`."""
        self._below(artifact_path).check_there()
        return str(super().download_artifacts(artifact_path, dst_path))

    def _download_file(self, remote_file_path: str, local_path: str) -> None:
        self._below(remote_file_path)._download_file("", local_path)

    def _below(self, path: str | None) -> WorkbenchArtifactRepository:
        """The artifacts at a path.

        Raises:
            MlflowException: it is not below the artifacts of a run or a model.
        """
        if not below_root(path or ""):
            raise invalid(f"{path or 'the root'!r} names no artifacts of a run or a logged model")
        with as_mlflow():
            return WorkbenchArtifactRepository(
                f"{SCHEME}://{quote(self.project.root)}/{FOLDER}/artifacts/{quote(path or '')}"
            )
