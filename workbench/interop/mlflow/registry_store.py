"""The model registry behind MLflow's own interface.

It answers as MLflow's SQL store does: the same checks in the same order, error codes, limits, orders and pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlflow.entities.model_registry import ModelVersion
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.model_registry.abstract_store import AbstractStore
from mlflow.utils.validation import (
    _REGISTERED_MODEL_ALIAS_LATEST,
    _validate_model_alias_name,
    _validate_model_alias_name_reserved,
    _validate_model_name,
)

from workbench.base.errors import AliasNotFoundError
from workbench.base.project import Project
from workbench.interop.mlflow.errors import invalid, missing
from workbench.interop.mlflow.place import place_at
from workbench.interop.mlflow.registry_entities import model_version
from workbench.interop.mlflow.registry_models import ModelMethods
from workbench.interop.mlflow.registry_versions import VersionMethods
from workbench.interop.mlflow.registry_visit import version_number
from workbench.interop.mlflow.unsupported import refuse_the_rest
from workbench.registry import aliases, models

if TYPE_CHECKING:
    from mlflow.entities.webhook import Webhook, WebhookEvent

    from workbench.registry.ledger import Ledger

KEPT = frozenset(
    """
    copy_model_version _await_model_version_creation_impl
    create_prompt get_prompt search_prompts delete_prompt set_prompt_tag delete_prompt_tag _parse_experiment_id_filter
    create_prompt_version get_prompt_version get_prompt_version_by_alias search_prompt_versions delete_prompt_version
    set_prompt_version_tag delete_prompt_version_tag set_prompt_alias delete_prompt_alias
    link_prompts_to_trace link_prompt_version_to_model link_prompt_version_to_run
    """.split()
)
"""What MLflow's base class makes of our methods, and does right."""


@refuse_the_rest(AbstractStore, KEPT, "workbench has no webhooks, and keeps nothing but models and prompts")
class RegistryStore(ModelMethods, VersionMethods, AbstractStore):  # type: ignore[misc]  # MLflow is untyped
    """MLflow's view of a project's registry. Threads may share it, and it works on in a forked child.

    Args:
        store_uri: the URI that the user gave.
        project: whose registry.
        ledger: where changes are recorded.
        tracking_uri: where logged models are looked up; None is MLflow's current tracking URI.
    """

    def __init__(self, store_uri: str, project: Project, ledger: Ledger, tracking_uri: str | None) -> None:
        super().__init__(store_uri, tracking_uri)
        self._place = place_at(project)
        self._ledger = ledger
        self._tracking_uri = tracking_uri

    def set_registered_model_alias(self, name: str, alias: str, version: int | str) -> None:
        """Let an alias point to a version.

        Raises:
            MlflowException: there is no such version, or an argument is invalid.
        """
        _validate_model_name(name)
        _validate_model_alias_name(alias)
        _validate_model_alias_name_reserved(alias)
        number = version_number(version)
        with self._visit(name, number) as db:
            aliases.point(db, self._ledger, name, alias, number)

    def delete_registered_model_alias(self, name: str, alias: str) -> None:
        """Remove an alias; no error where there is none.

        Raises:
            MlflowException: there is no such model, or an argument is invalid.
        """
        _validate_model_name(name)
        _validate_model_alias_name(alias)
        with self._visit(name) as db:
            aliases.remove(db, self._ledger, name, alias)

    def get_model_version_by_alias(self, name: str, alias: str) -> ModelVersion:
        """The version that an alias points to; `latest` is the one with the highest number.

        Raises:
            MlflowException: there is no such model or alias, or an argument is invalid.
        """
        _validate_model_name(name)
        _validate_model_alias_name(alias)
        if alias.lower() == _REGISTERED_MODEL_ALIAS_LATEST:
            newest = self.get_latest_versions(name)
            if not newest:
                raise missing(f"Latest version not found for model {name}.")
            return max(newest, key=lambda version: int(version.version))
        with self._visit(name) as db:
            model = models.get(db, name)
            try:
                version = aliases.find(db, name, alias)
            except AliasNotFoundError:
                raise invalid(f"Registered model alias {alias} not found.") from None
        return model_version(version, self._project, model.aliases_of(version.number))

    def list_webhooks(self, max_results: int | None = None, page_token: str | None = None) -> PagedList[Webhook]:
        """None: workbench has no webhooks. MLflow's web UI asks for them."""
        return PagedList([], None)

    def list_webhooks_by_event(
        self, event: WebhookEvent, max_results: int | None = None, page_token: str | None = None
    ) -> PagedList[Webhook]:
        """None. MLflow's server asks for them after each change of the registry, and logs a traceback if it cannot."""
        return PagedList([], None)
