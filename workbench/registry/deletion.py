"""Deleting models and versions by reference, all or none, and bringing deleted ones back.

A deletion hides them. What they were, their files and their cards stay: journals keep the facts, runs the files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError, ModelExistsError, NotFoundError
from workbench.registry import models, versions
from workbench.registry.columns import CLAIMED_VERSIONS, LIVE_VERSIONS, read_models, read_versions
from workbench.registry.evidence import place_of
from workbench.registry.holds import holds_on, still_held
from workbench.registry.ledger import Change, Deed, Ledger, now_ms
from workbench.registry.queries import model_named, version_numbered, versions_of
from workbench.registry.records import Model, Version
from workbench.registry.references import PREFIX, resolve

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


@dataclass(frozen=True)
class Leaving:
    """A version that goes, and what its files stay for.

    Attributes:
        kept_by: what else has its files: its run, its logged model, versions with the same digest.
    """

    version: Version
    kept_by: list[str]

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "version": f"{self.version.name}/{self.version.number}",
            "digest": self.version.digest,
            "size_bytes": self.version.size_bytes,
            "kept_by": self.kept_by,
        }


@dataclass(frozen=True)
class Deletion:
    """What goes.

    Attributes:
        models: those that go as a whole.
        leaving: every version that goes, also those of `models`.
    """

    models: list[Model] = field(default_factory=list)
    leaving: list[Leaving] = field(default_factory=list)


def plan_deletion(db: Connection, references: Sequence[str]) -> Deletion:
    """What deleting these models and versions takes out of the registry.

    Args:
        references: `NAME` is a model with all its versions, `NAME/3` one version.

    Raises:
        ModelNotFoundError, VersionNotFoundError, AliasNotFoundError: there is no such thing.
        StillReferencedError: something holds one of them; the message names all that does.
    """
    named = [version or model for model, version in (resolve(db, reference) for reference in references)]
    whole = {one.id: one for one in named if isinstance(one, Model)}
    single = {one.id: one for one in named if isinstance(one, Version) and one.model not in whole}
    targets: list[Model | Version] = [*whole.values(), *single.values()]
    holds = [hold for target in targets for hold in holds_on(db, target)]
    if holds:
        held = [one.name if isinstance(one, Model) else f"{one.name}/{one.number}" for one in targets]
        raise still_held(", ".join(held), holds)
    leaving = [version for model in whole.values() for version in versions_of(db, model)] + list(single.values())
    kept_by = _kept_by(db, leaving)
    return Deletion(list(whole.values()), [Leaving(version, kept_by[version.id]) for version in leaving])


def delete(db: Connection, ledger: Ledger, references: Sequence[str]) -> Deletion:
    """Delete these models and versions.

    Args:
        db: an open visit to the store. While it lasts nobody else of this machine changes the registry.
        ledger: where it is recorded.

    Returns:
        What went.

    Raises: as `plan_deletion`, and then nothing is deleted, and
        StoreError: the journal cannot be written.
    """
    plan = plan_deletion(db, references)
    whole = {model.id for model in plan.models}
    for model in plan.models:
        models.delete(db, ledger, model.name)
    for one in plan.leaving:
        if one.version.model not in whole:
            versions.delete(db, ledger, one.version.name, one.version.number)
    return plan


def restore(db: Connection, ledger: Ledger, reference: str) -> Model | Version:
    """Bring back a deleted model with its versions (`NAME`), or one deleted version (`NAME/3`).

    A version has its old number, which nobody else was given.

    Args: as `delete`.

    Raises:
        NotFoundError: nothing of this name was deleted.
        ModelExistsError: another model has the name now.
        InputError: it is not deleted, or the reference names an alias.
        StoreError: the journal cannot be written.
    """
    name, slash, number = reference.removeprefix(PREFIX).rpartition("/")
    if not slash:
        return _restore_model(db, ledger, reference.removeprefix(PREFIX))
    if not number.removeprefix("v").isdecimal():
        raise InputError(f"{reference} names no version", "a deleted version is named by its number: NAME/3")
    return _restore_version(db, ledger, name, int(number.removeprefix("v")[:18]))


def _kept_by(db: Connection, leaving: Sequence[Version]) -> dict[str, list[str]]:
    """What else has the files of versions, by the versions' ids."""
    owners = {version.id: place_of(version.source, version.run)[0] or version.run for version in leaving}
    runs = dict(
        db.execute(
            "SELECT uid, name FROM run WHERE uid IN (SELECT unnest($1::VARCHAR[]))",
            [[run for run in owners.values() if run]],
        ).fetchall()
    )
    alike = db.execute(
        f"SELECT digest, name || '/' || number FROM {LIVE_VERSIONS} WHERE digest IN (SELECT unnest($1::VARCHAR[])) "
        "AND id NOT IN (SELECT unnest($2::VARCHAR[])) ORDER BY name, number",
        [[version.digest for version in leaving], [version.id for version in leaving]],
    ).fetchall()
    kept = {}
    for version in leaving:
        run = owners[version.id] or ""
        kept[version.id] = [f"the run {runs[run]} ({run[:8]})"] if run in runs else []
        kept[version.id] += [f"the logged model {version.logged_model}"] if version.logged_model else []
        kept[version.id] += [shown for digest, shown in alike if digest == version.digest]
    return kept


def _restore_model(db: Connection, ledger: Ledger, name: str) -> Model:
    rows = db.execute(
        "SELECT m.id FROM model m JOIN entity_field f ON f.kind = 'model' AND f.id = m.id AND f.name = 'deleted' "
        "WHERE m.name = $1 AND m.deleted ORDER BY f.t DESC, m.id LIMIT 1",
        [name.encode("utf-8", "backslashreplace").decode()],
    ).fetchall()
    present = model_named(db, name.encode("utf-8", "backslashreplace").decode())
    if present is not None and rows:
        raise ModelExistsError(
            f"another model is called {name!r} now", f"delete that one first: workbench models delete {name}"
        )
    if present is not None:
        raise InputError(f"{name} is not deleted")
    if not rows:
        raise NotFoundError(f"no deleted model is called {name!r}", "workbench models list")
    fields = {"deleted": False, "updated_at": now_ms()}
    ledger.record(db, Deed("restore", name, rows[0][0]), Change("model", rows[0][0], fields))
    return read_models(db, [rows[0][0]])[0]


def _restore_version(db: Connection, ledger: Ledger, name: str, number: int) -> Version:
    model = models.get(db, name)
    if version_numbered(db, model, number) is not None:
        raise InputError(f"{name}/{number} is not deleted")
    rows = db.execute(
        f"SELECT id FROM {CLAIMED_VERSIONS} WHERE model = $1 AND number = $2 AND claim = 1", [model.id, number]
    ).fetchall()
    if not rows:
        raise NotFoundError(f"{name} never had a version {number}", f"workbench models show {name}")
    fields = {"deleted": False, "updated_at": now_ms()}
    deed = Deed("restore", name, model.id, number)
    ledger.record(
        db, deed, Change("version", rows[0][0], fields), Change("model", model.id, {"updated_at": fields["updated_at"]})
    )
    return read_versions(db, [rows[0][0]])[0]
