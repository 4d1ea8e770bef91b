"""The tracking store that MLflow code writes to and reads from with a `workbench:` URI.

Writes go to journals, reads to DuckDB after everything in the journals is folded in, so that every process reads what
any process has written. MLflow's parsers and validators decide what is accepted. MLflow's `SqlAlchemyStore` is what
this store is tested against; docs/mlflow.md lists where it differs on purpose.
"""

from __future__ import annotations

from mlflow.store.tracking.abstract_store import AbstractStore

from workbench.interop.mlflow.model_methods import ModelMethods
from workbench.interop.mlflow.place import Place
from workbench.interop.mlflow.unsupported import refuse_the_rest
from workbench.interop.mlflow.uri import artifact_root

KEPT = frozenset(
    (
        "supports_workspaces supports_trace_archival log_metric_async log_param_async set_tag_async log_batch_async "
        "end_async_logging flush_async_logging shut_down_async_logging _evenly_spaced_indices search_runs"
    ).split()
)
"""Methods of `AbstractStore` that work as they are, over those that this store has."""


@refuse_the_rest(AbstractStore, KEPT, "it tracks runs and models, not traces, prompts under evaluation or gateways")
class TrackingStore(ModelMethods, AbstractStore):  # type: ignore[misc]
    """See the module.

    Args:
        place: the project.
    """

    def __init__(self, place: Place) -> None:
        super().__init__()
        self.place = place

    @property
    def artifact_root(self) -> str:  # type: ignore[override]
        """The URI below which artifacts of the project are."""
        return artifact_root(self.place.project)
