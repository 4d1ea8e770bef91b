"""Registering a model that a run has logged."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.registry import aliases, models, versions
from workbench.registry.ledger import Ledger
from workbench.registry.queries import model_named, versions_of
from workbench.registry.records import Model, Version
from workbench.store.entities import read_entities
from workbench.store.runs import resolve_run, run_documents
from workbench.tracking.models import chosen_model, model_folders, parse_reference

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_LOGGED_MODEL = re.compile(r"models/(m-[0-9a-f]{32})")
"""Where MLflow's logged models lie among the artifacts of the run that made them."""


@dataclass(frozen=True)
class Registration:
    """What came of it.

    Attributes:
        version: the version that is the run's model.
        is_new: it was made now; else it was there already.
        is_new_model: so was its registered model.
    """

    version: Version
    is_new: bool = True
    is_new_model: bool = False


@dataclass(frozen=True)
class RunModel:
    """A model of a run.

    Attributes:
        run: the run's id.
        path: its folder among the run's artifacts.
        logged_model: the id of the MLflow logged model that it is, if it is one.
        storage_location: where MLflow code finds its files, if not at `source`.
    """

    run: str
    path: str
    logged_model: str | None = None
    storage_location: str | None = None

    @property
    def source(self) -> str:
        """`runs:/RUN/PATH`."""
        return f"runs:/{self.run}/{self.path}"


def register_run(
    db: Connection,
    ledger: Ledger,
    run_reference: str,
    name: str,
    *,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    alias: str | None = None,
    again: bool = False,
) -> Registration:
    """Register a run's model as the next version of a registered model, which is made where it is new.

    Nothing is registered where the alias may not point to it. What is killed in between is completed by doing it again.

    Args:
        db: an open visit to the store. While it lasts nobody else of this machine registers anything.
        ledger: where it is recorded, and the rules.
        run_reference: `RUN:PATH` or `runs:/RUN/PATH`; `RUN` alone where the run has one model.
        name: of the registered model.
        description, tags: of a new version.
        alias: points to the version then.
        again: make a new version also where this model of the run has one.

    Raises:
        RunNotFoundError, AmbiguousNameError: there is no such run, or several.
        ArtifactNotFoundError: the run has no such model, or several.
        InputError: the name or the alias is none.
        ApprovalMissingError: the alias is protected, and the version is not approved.
        SettingsError: the project's rules cannot be understood.
        StoreError: the journal cannot be written.
    """
    if alias is not None:
        aliases.check_alias(alias)
    found = find_run_model(db, run_reference)
    model = model_named(db, name)
    present = None if model is None or again else _registered(db, model, found)
    if model is not None and present is not None:
        if alias is not None:
            aliases.move(db, ledger, model, present, alias)
        return Registration(present, is_new=False)
    if alias is not None:
        aliases.check_new(ledger, name, alias)
    made = model or models.register(db, ledger, name)
    version = versions.register(
        db,
        ledger,
        name,
        model=made,
        source=found.source,
        storage_location=found.storage_location,
        run=found.run,
        logged_model=found.logged_model,
        description=description,
        tags=tags,
    )
    if alias is not None:
        aliases.move(db, ledger, made, version, alias)
    return Registration(version, is_new_model=model is None)


def find_run_model(db: Connection, run_reference: str) -> RunModel:
    """The model of a run that a reference names: by its folder, or a logged model by its name.

    Raises:
        RunNotFoundError, AmbiguousNameError: there is no such run, or several.
        ArtifactNotFoundError: the run has no such model, or several.
        InputError: the path leads out of the run.
    """
    run, path = parse_reference(run_reference)
    run_id = resolve_run(db, run)
    [document] = run_documents(db, [run_id])
    folders = model_folders(artifact["path"] for artifact in document["artifacts"])
    logged = {match[1]: folder for folder in folders if (match := _LOGGED_MODEL.fullmatch(folder))}
    known = read_entities(db, "logged_model", list(logged)) if logged else {}
    if path not in folders:
        named = [logged[model_id] for model_id, fields in known.items() if fields.get("name") == path]
        path = named[-1] if len(named) == 1 else path
    folder = chosen_model(run, folders, path)
    model_id = next((model_id for model_id, place in logged.items() if place == folder and model_id in known), None)
    if model_id is None:
        return RunModel(run_id, folder)
    location = f"workbench:artifacts/{known[model_id].get('experiment_id')}/models/{model_id}/artifacts"
    return RunModel(run_id, folder, model_id, location)


def _registered(db: Connection, model: Model, found: RunModel) -> Version | None:
    """The newest version that is this model of the run, whether we or MLflow registered it."""
    for version in reversed(versions_of(db, model)):
        same_model = found.logged_model is not None and version.logged_model == found.logged_model
        if same_model or (version.run == found.run and version.source == found.source):
            return version
    return None
