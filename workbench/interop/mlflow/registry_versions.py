"""Versions of registered models, behind MLflow's interface."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlparse

from mlflow.entities import LoggedModel
from mlflow.entities.model_registry import ModelVersion, ModelVersionTag
from mlflow.entities.model_registry.model_version_stages import (
    ALL_STAGES,
    DEFAULT_STAGES_FOR_GET_LATEST_VERSIONS,
    get_canonical_stage,
)
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.utils.models import _parse_model_uri
from mlflow.store.entities.paged_list import PagedList
from mlflow.store.model_registry import SEARCH_MODEL_VERSION_MAX_RESULTS_DEFAULT
from mlflow.tracking.client import MlflowClient
from mlflow.utils.validation import _validate_model_name, _validate_model_version_tag, _validate_tag_name

from workbench.interop.mlflow.registry_entities import model_version
from workbench.interop.mlflow.registry_locations import absolute, movable
from workbench.interop.mlflow.registry_search import next_page_token, version_search
from workbench.interop.mlflow.registry_visit import RegistryVisitor, version_number
from workbench.registry import models, queries, versions


class VersionMethods(RegistryVisitor):
    """The methods of MLflow's registry that are about versions. See MLflow for what they take and return."""

    def create_model_version(
        self,
        name: str,
        source: str | None,
        run_id: str | None = None,
        tags: Sequence[ModelVersionTag] | None = None,
        run_link: str | None = None,
        description: str | None = None,
        local_model_path: str | None = None,
        model_id: str | None = None,
    ) -> ModelVersion:
        """Register the next version of a model.

        Raises:
            MlflowException: there is no such model, the source names a model that is not there, or the name, the
                source or a tag is invalid.
        """
        _validate_model_name(name)
        for tag in tags or ():
            _validate_model_version_tag(tag.key, tag.value)
        location = source
        if urlparse(source).scheme == "models":
            location, run_id, model_id = self._resolved(source, run_id, model_id)
        if not run_id and model_id:
            run_id = self._logged_model(model_id).source_run_id
        with self._visit(name) as db:
            version = versions.register(
                db,
                self._ledger,
                name,
                source=movable(source, self._project),
                storage_location=movable(location, self._project),
                run=run_id,
                run_link=run_link,
                logged_model=model_id,
                description=description,
                tags={tag.key: tag.value for tag in tags or ()},
            )
        return model_version(version, self._project)

    def get_model_version(self, name: str, version: int | str) -> ModelVersion:
        """A version by its number.

        Raises:
            MlflowException: there is none, or the name or the number is invalid.
        """
        _validate_model_name(name)
        number = version_number(version)
        with self._visit(name, number) as db:
            model, found = versions.find(db, name, number)
        return model_version(found, self._project, model.aliases_of(number))

    def get_latest_versions(self, name: str, stages: Sequence[str] | None = None) -> list[ModelVersion]:
        """The newest version in each of these stages, or in each that there is.

        Raises:
            MlflowException: there is no such model or stage.
        """
        _validate_model_name(name)
        with self._visit(name) as db:
            model = models.get(db, name)
            newest = versions.newest(db, name)
        wanted = {get_canonical_stage(stage) for stage in stages or ALL_STAGES}
        return [
            model_version(found, self._project, model.aliases_of(found.number))
            for found in newest
            if found.stage in wanted
        ]

    def update_model_version(self, name: str, version: int | str, description: str | None = None) -> ModelVersion:
        """Replace the description of a version.

        Raises:
            MlflowException: there is no such version, or the name or the number is invalid.
        """
        _validate_model_name(name)
        number = version_number(version)
        with self._visit(name, number) as db:
            model = models.get(db, name)
            changed = versions.describe(db, self._ledger, name, number, description)
        return model_version(changed, self._project, model.aliases_of(number))

    def transition_model_version_stage(
        self, name: str, version: int | str, stage: str, archive_existing_versions: bool
    ) -> ModelVersion:
        """Move a version to a stage, and those that are there to the archive if that is asked for.

        Raises:
            MlflowException: there is no such version or stage, or the stage cannot be cleared.
        """
        canonical = get_canonical_stage(stage)
        if archive_existing_versions and canonical not in DEFAULT_STAGES_FOR_GET_LATEST_VERSIONS:
            raise MlflowException(
                "Model version transition cannot archive existing model versions because "
                f"'{stage}' is not an Active stage. Valid stages are {DEFAULT_STAGES_FOR_GET_LATEST_VERSIONS}"
            )
        _validate_model_name(name)
        number = version_number(version)
        with self._visit(name, number) as db:
            model = models.get(db, name)
            archive = bool(archive_existing_versions)
            moved = versions.set_stage(db, self._ledger, name, number, canonical, archive_others=archive)
        return model_version(moved, self._project, model.aliases_of(number))

    def delete_model_version(self, name: str, version: int | str) -> None:
        """Delete a version and the aliases that point to it.

        Raises:
            MlflowException: there is no such version, the name or the number is invalid, or an approval, an image or
                a deployment holds it.
        """
        number = version_number(version)
        _validate_model_name(name)
        with self._visit(name, number) as db:
            versions.delete(db, self._ledger, name, number, let_go_of_aliases=True)

    def get_model_version_download_uri(self, name: str, version: int | str) -> str | None:
        """Where the files of a version are.

        Raises:
            MlflowException: there is no such version, or the name or the number is invalid.
        """
        _validate_model_name(name)
        number = version_number(version)
        with self._visit(name, number) as db:
            found = versions.get(db, name, number)
        return absolute(found.storage_location or found.source, self._project)

    def search_model_versions(
        self,
        filter_string: str | None = None,
        max_results: int | None = SEARCH_MODEL_VERSION_MAX_RESULTS_DEFAULT,
        order_by: list[str] | None = None,
        page_token: str | None = None,
    ) -> PagedList[ModelVersion]:
        """A page of the versions that meet a filter; like MLflow's, they come without their aliases.

        Raises:
            MlflowException: an argument is invalid.
        """
        search = version_search(filter_string, max_results, order_by, page_token, self._project)
        with self._visit() as db:
            found = queries.search_versions(db, search)
        page = found[: (search.limit or 1) - 1]
        entities = [model_version(version, self._project) for version in page]
        return PagedList(entities, next_page_token(search, len(found)))

    def set_model_version_tag(self, name: str, version: int | str, tag: ModelVersionTag) -> None:
        """Set a tag of a version.

        Raises:
            MlflowException: there is no such version, or an argument is invalid.
        """
        _validate_model_name(name)
        number = version_number(version)
        _validate_model_version_tag(tag.key, tag.value)
        with self._visit(name, number) as db:
            versions.set_tag(db, self._ledger, name, number, tag.key, tag.value)

    def delete_model_version_tag(self, name: str, version: int | str, key: str) -> None:
        """Remove a tag of a version; no error where there is none.

        Raises:
            MlflowException: there is no such version, or an argument is invalid.
        """
        _validate_model_name(name)
        number = version_number(version)
        _validate_tag_name(key)
        with self._visit(name, number) as db:
            versions.set_tag(db, self._ledger, name, number, key, None)

    def _await_model_version_creation(self, mv: ModelVersion, await_creation_for: float | None) -> None:
        """A version is ready when it is registered."""

    def _resolved(
        self, source: str | None, run_id: str | None, model_id: str | None
    ) -> tuple[str | None, str | None, str | None]:
        """Where the files of a `models:/` URI are, which run made them, and which logged model they are."""
        parsed = _parse_model_uri(source)
        try:
            if parsed.model_id is None:
                return self.get_model_version_download_uri(parsed.name, parsed.version), run_id, model_id
            logged = self._logged_model(parsed.model_id)
            return logged.artifact_location, run_id or logged.source_run_id, model_id or parsed.model_id
        except Exception as error:  # MLflow's own stores take whatever a tracking store raises for this
            raise MlflowException(
                f"Unable to fetch model from model URI source artifact location '{source}'.Error: {error}"
            ) from error

    def _logged_model(self, model_id: str) -> LoggedModel:
        return MlflowClient(self._tracking_uri).get_logged_model(model_id)
