"""The tracking store that MLflow code writes to and reads from with a `workbench:` URI.

Writes go to journals, reads to DuckDB after everything in the journals is folded in, so that every process reads what
any process has written. MLflow's parsers and validators decide what is accepted. MLflow's `SqlAlchemyStore` is what
this store is tested against; docs/mlflow.md lists where it differs on purpose.
"""

from __future__ import annotations

from typing import Any

from mlflow.store.tracking.abstract_store import AbstractStore

from workbench.interop.mlflow.model_methods import ModelMethods
from workbench.interop.mlflow.place import Place
from workbench.interop.mlflow.unsupported import refuse_the_rest
from workbench.interop.mlflow.uri import artifact_root

KEPT = frozenset(
    (
        "supports_workspaces supports_trace_archival log_metric_async log_param_async set_tag_async log_batch_async "
        "end_async_logging flush_async_logging shut_down_async_logging _evenly_spaced_indices search_runs "
        "set_model_versions_tags filter_active_experiment_ids"
    ).split()
)
"""Methods of `AbstractStore` that work as they are, over those that this store has."""

WITHOUT = frozenset(
    (
        "query_trace_metrics batch_get_traces batch_get_trace_infos find_completed_sessions search_issues "
        "search_datasets list_scorers list_scorers_across_experiments get_online_scoring_configs "
        "get_active_online_scorers list_label_schemas list_review_queues list_gateway_endpoints "
        "list_gateway_model_definitions list_endpoint_bindings list_budget_policies list_secret_infos "
        "list_gateway_guardrails list_endpoint_guardrail_configs search_mcp_servers search_mcp_access_endpoints"
    ).split()
)
"""Lists of what this store never has. They are empty, so that the pages of MLflow's web UI that ask for them open."""


@refuse_the_rest(
    AbstractStore, KEPT, "it tracks runs and models, not traces, prompts under evaluation or gateways", without=WITHOUT
)
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

    def search_traces(self, *_args: object, **_options: object) -> tuple[list[Any], None]:
        """None, as for `WITHOUT`; this is the one such method that answers with a pair."""
        return [], None
