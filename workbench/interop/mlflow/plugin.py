"""What MLflow finds through its entry points. Nothing of MLflow is imported before one of these functions is called:
MLflow loads them while it is itself being imported.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from workbench.interop.mlflow.artifact_repository import WorkbenchArtifactRepository
    from workbench.interop.mlflow.artifact_root import WorkbenchArtifactRoot
    from workbench.interop.mlflow.registry_store import RegistryStore
    from workbench.interop.mlflow.tracking_store import TrackingStore


def tracking_store(store_uri: str, artifact_uri: str | None = None) -> TrackingStore:
    """The tracking store of a `workbench:` URI, for the entry-point group `mlflow.tracking_store`.

    Args:
        artifact_uri: where a server keeps artifacts; ours lie in the project, whatever it says.

    Raises:
        MlflowException: the URI is none of ours, or the project cannot be used.
    """
    from workbench.interop.mlflow.errors import as_mlflow
    from workbench.interop.mlflow.place import place_of
    from workbench.interop.mlflow.tracking_store import TrackingStore

    with as_mlflow():
        return TrackingStore(place_of(store_uri))


def model_registry_store(store_uri: str, tracking_uri: str | None = None) -> RegistryStore:
    """The model registry of a `workbench:` URI, for the entry-point group `mlflow.model_registry_store`.

    Raises: as `tracking_store`.
    """
    from workbench.interop.mlflow.errors import as_mlflow
    from workbench.interop.mlflow.place import place_of
    from workbench.interop.mlflow.registry_store import RegistryStore
    from workbench.registry.ledger import Ledger

    with as_mlflow():
        place = place_of(store_uri)
        return RegistryStore(store_uri, place.project, Ledger(place.project, place.edit), tracking_uri)


def artifact_repository(
    artifact_uri: str, tracking_uri: str | None = None, registry_uri: str | None = None
) -> WorkbenchArtifactRepository | WorkbenchArtifactRoot:
    """The artifacts below a `workbench:` URI, for the entry-point group `mlflow.artifact_repository`.

    Raises: as `tracking_store`.
    """
    from workbench.interop.mlflow.artifact_repository import WorkbenchArtifactRepository
    from workbench.interop.mlflow.artifact_root import WorkbenchArtifactRoot
    from workbench.interop.mlflow.errors import as_mlflow
    from workbench.interop.mlflow.uri import check_served, names_artifacts, project_with_artifacts

    with as_mlflow():
        check_served(project_with_artifacts(artifact_uri))
        kind = WorkbenchArtifactRepository if names_artifacts(artifact_uri) else WorkbenchArtifactRoot
        return kind(artifact_uri, tracking_uri, registry_uri)
