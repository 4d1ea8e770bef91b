"""Registered models, behind MLflow's interface."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mlflow.entities.model_registry import RegisteredModel, RegisteredModelTag
from mlflow.exceptions import MlflowException
from mlflow.prompt.registry_utils import handle_resource_already_exist_error, has_prompt_tag
from mlflow.protos.databricks_pb2 import RESOURCE_ALREADY_EXISTS
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.model_registry import SEARCH_REGISTERED_MODEL_MAX_RESULTS_DEFAULT
from mlflow.utils.validation import (
    _validate_model_name,
    _validate_model_renaming,
    _validate_registered_model_tag,
    _validate_tag_name,
)

from workbench.base.errors import ModelExistsError
from workbench.interop.mlflow.registry_entities import registered_model
from workbench.interop.mlflow.registry_search import model_search, next_page_token
from workbench.interop.mlflow.registry_visit import RegistryVisitor
from workbench.registry import models, queries, versions


class ModelMethods(RegistryVisitor):
    """The methods of MLflow's registry that are about registered models. See MLflow for what they take and return."""

    def create_registered_model(
        self,
        name: str,
        tags: Sequence[RegisteredModelTag] | None = None,
        description: str | None = None,
        deployment_job_id: str | None = None,
    ) -> RegisteredModel:
        """Register a model.

        Raises:
            MlflowException: the name is taken, or the name or a tag is invalid.
        """
        _validate_model_name(name)
        for tag in tags or ():
            _validate_registered_model_tag(tag.key, tag.value)
        given = {tag.key: tag.value for tag in tags or () if tag.value is not None}
        with self._visit(name) as db:
            try:
                model = models.register(db, self._ledger, name, description=description, tags=given)
            except ModelExistsError:
                existing = models.get(db, name)
                handle_resource_already_exist_error(name, has_prompt_tag(existing.tags), has_prompt_tag(tags))
                raise
        return registered_model(model, (), self._project)

    def get_registered_model(self, name: str) -> RegisteredModel:
        """A model by its name.

        Raises:
            MlflowException: there is none, or the name is invalid.
        """
        _validate_model_name(name)
        with self._visit(name) as db:
            return registered_model(models.get(db, name), versions.newest(db, name), self._project)

    def update_registered_model(
        self, name: str, description: str | None, deployment_job_id: str | None = None
    ) -> RegisteredModel:
        """Replace the description.

        Raises:
            MlflowException: there is no such model, or the name is invalid.
        """
        _validate_model_name(name)
        with self._visit(name) as db:
            model = models.describe(db, self._ledger, name, description)
            return registered_model(model, versions.newest(db, name), self._project)

    def rename_registered_model(self, name: str, new_name: str) -> RegisteredModel:
        """Rename a model and with it its versions.

        Raises:
            MlflowException: there is no such model, the new name is taken, or a name is invalid.
        """
        _validate_model_renaming(new_name)
        _validate_model_name(name)
        with self._visit(name) as db:
            newest = versions.newest(db, name)
            try:
                model = models.rename(db, self._ledger, name, new_name)
            except ModelExistsError as error:
                message = f"Registered Model (name={new_name}) already exists."
                raise MlflowException(message, RESOURCE_ALREADY_EXISTS) from error
        moved = [replace(version, name=new_name, updated_at_ms=model.updated_at_ms) for version in newest]
        return registered_model(model, moved, self._project)

    def delete_registered_model(self, name: str) -> None:
        """Delete a model with its versions.

        Raises:
            MlflowException: there is no such model, the name is invalid, or an approval, an image or a deployment
                holds one of its versions.
        """
        _validate_model_name(name)
        with self._visit(name) as db:
            models.delete(db, self._ledger, name, let_go_of_aliases=True)

    def search_registered_models(
        self,
        filter_string: str | None = None,
        max_results: int | None = SEARCH_REGISTERED_MODEL_MAX_RESULTS_DEFAULT,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[RegisteredModel]:
        """A page of the models that meet a filter.

        Raises:
            MlflowException: an argument is invalid.
        """
        search = model_search(filter_string, max_results, order_by, page_token)
        with self._visit() as db:
            found = queries.search_models(db, search)
            page = found[: (search.limit or 1) - 1]
            newest = queries.newest_of_each_stage(db, page)
            by_stage = [sorted(newest[model.id], key=lambda version: version.stage) for model in page]
        entities = [registered_model(*each, self._project) for each in zip(page, by_stage, strict=True)]
        return PagedList(entities, next_page_token(search, len(found)))

    def set_registered_model_tag(self, name: str, tag: RegisteredModelTag) -> None:
        """Set a tag of a model.

        Raises:
            MlflowException: there is no such model, or the name or the tag is invalid.
        """
        _validate_model_name(name)
        _validate_registered_model_tag(tag.key, tag.value)
        with self._visit(name) as db:
            models.set_tag(db, self._ledger, name, tag.key, tag.value)

    def delete_registered_model_tag(self, name: str, key: str) -> None:
        """Remove a tag of a model; no error where there is none.

        Raises:
            MlflowException: there is no such model, or the name or the key is invalid.
        """
        _validate_model_name(name)
        _validate_tag_name(key)
        with self._visit(name) as db:
            models.set_tag(db, self._ledger, name, key, None)
