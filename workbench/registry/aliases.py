"""Aliases: names such as `champion` that point to one version of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workbench.base.errors import AliasNotFoundError, ApprovalMissingError, InputError
from workbench.registry import models, versions
from workbench.registry.ledger import Change, Deed, Ledger
from workbench.registry.records import ALIAS, Model, Version
from workbench.registry.reviews import APPROVED, PENDING, read_review

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def find(db: Connection, name: str, alias: str) -> Version:
    """The version that an alias of a model points to.

    Raises:
        ModelNotFoundError: there is no such model.
        AliasNotFoundError: it has no such alias.
        VersionNotFoundError: the alias points to a version that another machine deleted.
    """
    model = models.get(db, name)
    if alias not in model.aliases:
        raise AliasNotFoundError(f"{name} has no alias {alias!r}", f"workbench models show {name}")
    return versions.get(db, name, model.aliases[alias])


def point(db: Connection, ledger: Ledger, name: str, alias: str, number: int, *, reason: str | None = None) -> Version:
    """Let an alias point to a version, wherever it pointed before.

    Args:
        db: an open visit to the store. While it lasts nobody else of this machine moves an alias.
        ledger: where it is recorded.
        reason: why.

    Raises:
        ModelNotFoundError, VersionNotFoundError: there is no such version.
        InputError: it is no alias.
        ApprovalMissingError: the alias is protected, and the version is not approved.
        SettingsError: the project's rules cannot be understood.
        StoreError: the journal cannot be written.
    """
    check_alias(alias)
    model, version = versions.find(db, name, number)
    move(db, ledger, model, version, alias, reason=reason)
    return version


def move(
    db: Connection, ledger: Ledger, model: Model, version: Version, alias: str, *, reason: str | None = None
) -> None:
    """`point`, for a model and a version that this visit may have just registered, which it does not see."""
    before = model.aliases.get(alias)
    if before != version.number:
        check_protected(db, ledger, version, alias)
        deed = Deed("alias", model.name, model.id, version.number, reason, {"alias": alias, "before": before})
        ledger.record(db, deed, Change("model", model.id, {ALIAS + alias: version.number}))


def remove(db: Connection, ledger: Ledger, name: str, alias: str, *, reason: str | None = None) -> None:
    """Remove an alias; no error where there is none.

    Raises:
        ModelNotFoundError: there is no such model.
        StoreError: the journal cannot be written.
    """
    model = models.get(db, name)
    if alias in model.aliases:
        before = model.aliases[alias]
        deed = Deed("unalias", name, model.id, before, reason, {"alias": alias, "before": before})
        ledger.record(db, deed, Change("model", model.id, {ALIAS + alias: None}))


def check_protected(db: Connection, ledger: Ledger, version: Version, alias: str) -> None:
    """Raise ApprovalMissingError where an alias may not point to a version, with what is missing."""
    if alias not in ledger.policy(version.name).protected_aliases:
        return
    review = read_review(db, version)
    if review.status != APPROVED:
        shown = f"{version.name}/{version.number}"
        raise ApprovalMissingError(
            f"{alias} is protected and {shown} is not approved: {review.missing}",
            f"workbench models {'approve' if review.status == PENDING else 'request'} {shown} --reason TEXT",
        )


def check_new(ledger: Ledger, name: str, alias: str) -> None:
    """Raise ApprovalMissingError where an alias may not point to a version that is about to be registered."""
    if alias in ledger.policy(name).protected_aliases:
        raise ApprovalMissingError(
            f"{alias} is protected, and a new version of {name} is not approved",
            "register it without the alias, then: workbench models request VERSION --reason TEXT",
        )


def check_alias(alias: str) -> None:
    """Raise InputError for what is no alias: they are parts of `NAME@ALIAS`, and never look like a version."""
    if not re.fullmatch(r"[\w-]{1,255}", alias):
        raise InputError(f"{alias!r} is no alias: it has other characters than letters, digits, _ and -")
    if alias.lower() == "latest" or re.fullmatch(r"[vV]\d+", alias):
        raise InputError(f"{alias!r} is no alias: it means a version by its number")
