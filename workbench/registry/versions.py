"""What can be done with versions of registered models."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.base.errors import InputError, VersionNotFoundError
from workbench.registry import models
from workbench.registry.evidence import gather
from workbench.registry.holds import check_free
from workbench.registry.ledger import Change, Deed, Ledger, now_ms
from workbench.registry.queries import (
    contested,
    highest_number,
    newest_of_each_stage,
    version_numbered,
    versions_of,
)
from workbench.registry.records import ALIAS, READY, STAGES, TAG, Model, Version

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def find(db: Connection, name: str, number: int) -> tuple[Model, Version]:
    """A version and its model.

    Raises:
        ModelNotFoundError: there is no such model.
        VersionNotFoundError: it has no version of this number, or that is deleted.
    """
    model = models.get(db, name)
    version = version_numbered(db, model, number)
    if version is None:
        raise VersionNotFoundError(f"{name} has no version {number}", f"workbench models show {name}")
    return model, version


def get(db: Connection, name: str, number: int) -> Version:
    """A version of a registered model.

    Raises: as `find`.
    """
    return find(db, name, number)[1]


def newest(db: Connection, name: str) -> list[Version]:
    """The newest version in each stage.

    Raises:
        ModelNotFoundError: there is no such model.
    """
    model = models.get(db, name)
    return newest_of_each_stage(db, [model])[model.id]


def register(
    db: Connection,
    ledger: Ledger,
    name: str,
    *,
    model: Model | None = None,
    source: str | None,
    storage_location: str | None = None,
    run: str | None = None,
    run_link: str | None = None,
    logged_model: str | None = None,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
    user: str | None = None,
) -> Version:
    """Register the next version of a model. Its number is one more than any version of the model ever had.

    Here and below:

    Args:
        db: an open visit to the store. While it lasts nobody else registers anything.
        ledger: where it is recorded.
        model: the model of this name, where this visit has just registered it, which it does not see.
        user: who does it; default who this process belongs to.

    Raises:
        ModelNotFoundError: there is no such model.
        StoreError: the journal cannot be written.
    """
    model = model or models.get(db, name)
    evidence = gather(db, ledger.project, source, run, logged_model, storage_location)
    now = now_ms()
    version = Version(
        id=os.urandom(16).hex(),
        model=model.id,
        name=name,
        number=highest_number(db, model) + 1,
        created_at_ms=now,
        updated_at_ms=now,
        description=description,
        source=source,
        storage_location=storage_location,
        run=run,
        run_link=run_link,
        logged_model=logged_model,
        user=user or ledger.who,
        digest=evidence.digest,
        size_bytes=evidence.size_bytes,
        tags=dict(tags or {}),
    )
    fields: dict[str, object] = {
        "model": model.id, "number": version.number, "created_at": now, "updated_at": now, "description": description,
        "stage": STAGES[0], "source": source, "storage_location": storage_location, "run": run, "run_link": run_link,
        "model_id": logged_model, "status": READY, "user": version.user, **evidence.as_fields(),
        **{TAG + key: value for key, value in version.tags.items()},
    }  # fmt: skip
    fields = {field: value for field, value in fields.items() if value is not None}
    deed = Deed("register", name, model.id, version.number)
    ledger.record(db, deed, Change("version", version.id, fields), Change("model", model.id, {"updated_at": now}))
    return version


def describe(db: Connection, ledger: Ledger, name: str, number: int, description: str | None) -> Version:
    """Replace the description; None removes it.

    Raises:
        ModelNotFoundError, VersionNotFoundError: there is no such version.
        StoreError: the journal cannot be written.
    """
    version = get(db, name, number)
    now = now_ms()
    change = Change("version", version.id, {"description": description, "updated_at": now})
    ledger.record(db, Deed("describe", name, version.model, number), change)
    return replace(version, description=description, updated_at_ms=now)


def set_stage(
    db: Connection, ledger: Ledger, name: str, number: int, stage: str, *, archive_others: bool = False
) -> Version:
    """Move a version to a stage.

    Args:
        stage: one of `records.STAGES`.
        archive_others: archive the model's other versions that are in that stage.

    Raises:
        ModelNotFoundError, VersionNotFoundError: there is no such version.
        InputError: there is no such stage.
        StoreError: the journal cannot be written.
    """
    if stage not in STAGES:
        raise InputError(f"there is no stage {stage!r}", f"one of: {', '.join(STAGES)}")
    model, version = find(db, name, number)
    now = now_ms()
    others = [v for v in versions_of(db, model) if v.stage == stage and v.number != number] if archive_others else []
    ledger.record(
        db,
        Deed("stage", name, model.id, number, evidence={"stage": stage}),
        *(Change("version", other.id, {"stage": "Archived", "updated_at": now}) for other in others),
        Change("version", version.id, {"stage": stage, "updated_at": now}),
        Change("model", model.id, {"updated_at": now}),
    )
    return replace(version, stage=stage, updated_at_ms=now)


def delete(db: Connection, ledger: Ledger, name: str, number: int, *, let_go_of_aliases: bool = False) -> None:
    """Take a version out of the registry. Journals keep what it was, and `deletion.restore` brings it back.

    Args:
        let_go_of_aliases: aliases that point to it are removed; else they hold it.

    Raises:
        ModelNotFoundError, VersionNotFoundError: there is no such version.
        StillReferencedError: something holds it; the message names all that does.
        StoreError: the journal cannot be written.
    """
    model, version = find(db, name, number)
    check_free(db, version, aliases_hold=not let_go_of_aliases)
    now = now_ms()
    without_aliases = {ALIAS + alias: None for alias in model.aliases_of(number)}
    ledger.record(
        db,
        Deed("delete", name, model.id, number),
        Change("version", version.id, {"deleted": True, "updated_at": now}),
        Change("model", model.id, {"updated_at": now, **without_aliases}),
    )


def set_tag(db: Connection, ledger: Ledger, name: str, number: int, key: str, value: str | None) -> None:
    """Set a tag; None removes it, and is no error where there is none.

    Raises:
        ModelNotFoundError, VersionNotFoundError: there is no such version.
        StoreError: the journal cannot be written.
    """
    version = get(db, name, number)
    if version.tags.get(key) != value:
        change = Change("version", version.id, {TAG + key: value})
        ledger.record(db, Deed("tag", name, version.model, number), change)


def renumbering(db: Connection, model: Model) -> list[tuple[Version, int]]:
    """The versions of a model that share a number with an earlier one, each with the next free number."""
    first = highest_number(db, model) + 1
    return [(version, first + place) for place, version in enumerate(contested(db, model))]


def renumber(db: Connection, ledger: Ledger, version: Version, number: int) -> Version:
    """Give a version of `renumbering` the number that it says.

    Raises:
        ModelNotFoundError: its model is deleted.
        StoreError: the journal cannot be written.
    """
    model = models.get(db, version.name)
    deed = Deed("renumber", version.name, model.id, number, evidence={"number": version.number})
    ledger.record(db, deed, Change("version", version.id, {"number": number, "updated_at": now_ms()}))
    return replace(version, number=number)
