"""Logged models and the model registry of an MLflow store as facts of ours."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from hashlib import blake2b
from typing import TYPE_CHECKING

from workbench.base.jsonvalue import dumps, nonfinite_name
from workbench.interop.mlflow.importing.mapping import valid_ms
from workbench.interop.mlflow.importing.records import RunModels, SourceModel, SourceRegistered, SourceVersion
from workbench.registry.models import first_id
from workbench.store.entities import read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Facts = dict[tuple[str, str], dict[str, object]]


def logged_model_facts(
    model: SourceModel, experiment_id: str, files: Mapping[str, tuple[str, int]]
) -> dict[str, object]:
    """The fields of a logged model.

    Args:
        experiment_id: ours.
        files: SHA-256 and size by path.
    """
    fields: dict[str, object] = {
        "experiment_id": experiment_id,
        "name": model.name,
        "created_at": valid_ms(model.created_at),
        "updated_at": valid_ms(model.updated_at),
        "run": model.run or None,
        "status": model.status,
        "status_message": model.status_message or None,
        "type": model.type or None,
        "deleted": model.deleted or None,
    }
    fields |= {f"param:{key}": value for key, value in model.params.items()}
    fields |= {f"tag:{key}": value for key, value in model.tags.items()}
    for metric in model.metrics:
        said = {**metric, "value": _plain(metric["value"])}
        fields[f"metric:{_digest(said, 8)}"] = said
    return fields | {f"file:{path}": {"sha256": sha256, "size": size} for path, (sha256, size) in files.items()}


def run_model_facts(models: RunModels) -> dict[str, object]:
    """The fields of `run_models`: what a run used and made."""
    fields: dict[str, object] = {f"input:{model_id}": {} for model_id in sorted(models.inputs)}
    return fields | {f"output:{model_id}": {"step": step} for model_id, step in sorted(models.outputs.items())}


def registry_facts(
    db: Connection, models: Sequence[SourceRegistered], versions: Sequence[SourceVersion], notes: list[str]
) -> Facts:
    """The fields of registered models and their versions.

    A model that this store has by that name gets the versions. One whose number is taken here by another version gets
    the next free one, which `notes` says.
    """
    facts: Facts = {}
    present = read_entities(db, "model")
    ids = {
        str(fields["name"]): entity_id
        for entity_id, fields in present.items()
        if "name" in fields and not fields.get("deleted")
    }
    known = read_entities(db, "version")
    taken: dict[str, dict[int, str]] = {}
    for entity_id, fields in known.items():
        if isinstance(fields.get("number"), int):
            taken.setdefault(str(fields.get("model")), {})[fields["number"]] = entity_id
    for model in models:
        model_id = ids.setdefault(model.name, first_id(model.name, 0))
        own = taken.setdefault(model_id, {})
        numbers: dict[int, int] = {}
        for version in sorted((v for v in versions if v.name == model.name), key=lambda v: v.number):
            entity_id = _digest([version.name, version.number, version.created_at], 16)
            number = version.number
            if entity_id in known:
                number = int(known[entity_id].get("number", number))
            elif number in own:
                number = max(own) + 1
                notes.append(
                    f"version {version.number} of {model.name} is version {number} here: that number was taken"
                )
            own[number] = entity_id
            numbers[version.number] = number
            facts["version", entity_id] = _version_fields(version, model_id, number)
        facts["model", model_id] = {
            "name": model.name,
            "created_at": valid_ms(model.created_at),
            "updated_at": valid_ms(model.updated_at),
            "description": model.description or None,
            **{f"tag:{key}": value for key, value in model.tags.items()},
            **{f"alias:{alias}": numbers[number] for alias, number in model.aliases.items() if number in numbers},
        }
    return facts


def chosen_versions(
    models: Sequence[SourceRegistered],
    versions: Sequence[SourceVersion],
    run_ids: Collection[str],
    model_ids: Collection[str],
) -> tuple[list[SourceRegistered], list[SourceVersion]]:
    """The versions that come from these runs or logged models, and their registered models."""
    chosen = [version for version in versions if version.run in run_ids or version.model_id in model_ids]
    names = {version.name for version in chosen}
    return [model for model in models if model.name in names], chosen


def _version_fields(version: SourceVersion, model_id: str, number: int) -> dict[str, object]:
    return {
        "model": model_id,
        "number": number,
        "created_at": valid_ms(version.created_at),
        "updated_at": valid_ms(version.updated_at),
        "description": version.description or None,
        "stage": version.stage or "None",
        "source": version.source or None,
        "run": version.run,
        "run_link": version.run_link or None,
        "model_id": version.model_id or None,
        "status": version.status or "READY",
        "status_message": version.status_message or None,
        "user": version.user or None,
        **{f"tag:{key}": value for key, value in version.tags.items()},
    }


def _plain(value: object) -> object:
    """A number as JSON has it; SQLite keeps NaN as NULL."""
    if value is None:
        return nonfinite_name(float("nan"))
    return nonfinite_name(value) if isinstance(value, float) and value - value != 0.0 else value


def _digest(value: object, size: int) -> str:
    text = dumps(dict(sorted(value.items())) if isinstance(value, dict) else value)
    return blake2b(text.encode(), digest_size=size).hexdigest()
