"""Registered models and versions as MLflow's entities."""

from __future__ import annotations

from collections.abc import Sequence

from mlflow.entities.model_registry import (
    ModelVersion,
    ModelVersionTag,
    RegisteredModel,
    RegisteredModelAlias,
    RegisteredModelTag,
)

from workbench.base.project import Project
from workbench.interop.mlflow.registry_locations import absolute
from workbench.registry.records import Model, Version


def registered_model(model: Model, newest: Sequence[Version], project: Project) -> RegisteredModel:
    """A model with the newest version of each stage, which have no aliases here, as in MLflow."""
    return RegisteredModel(
        model.name,
        model.created_at_ms,
        model.updated_at_ms,
        model.description,
        [model_version(version, project) for version in newest],
        [RegisteredModelTag(key, value) for key, value in model.tags.items()],
        [RegisteredModelAlias(alias, number) for alias, number in model.aliases.items()],
    )


def model_version(version: Version, project: Project, aliases: Sequence[str] = ()) -> ModelVersion:
    """A version with those of its aliases that MLflow shows in this place."""
    return ModelVersion(
        version.name,
        version.number,
        version.created_at_ms,
        version.updated_at_ms,
        version.description,
        version.user,
        version.stage,
        absolute(version.source, project),
        version.run,
        version.status,
        version.status_message,
        [ModelVersionTag(key, value) for key, value in version.tags.items()],
        version.run_link,
        list(aliases),
        model_id=version.logged_model,
    )
