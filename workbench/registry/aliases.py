"""Aliases: names such as `champion` that point to one version of a model."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workbench.base.errors import AliasNotFoundError, InputError
from workbench.registry import models, versions
from workbench.registry.changes import ALIAS, Change, Write, commit
from workbench.registry.records import Version

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


def point(db: Connection, write: Write, name: str, alias: str, number: int) -> None:
    """Let an alias point to a version, wherever it pointed before.

    Args:
        db: an open visit to the store. While it lasts nobody else moves an alias.
        write: appends the events.

    Raises:
        ModelNotFoundError, VersionNotFoundError: there is no such version.
        InputError: it is no alias.
        StoreError: the journal cannot be written.
    """
    _check_alias(alias)
    model, _ = versions.find(db, name, number)
    if model.aliases.get(alias) != number:
        commit(db, write, Change("model", model.id, {ALIAS + alias: number}))


def remove(db: Connection, write: Write, name: str, alias: str) -> None:
    """Remove an alias; no error where there is none.

    Raises:
        ModelNotFoundError: there is no such model.
        StoreError: the journal cannot be written.
    """
    model = models.get(db, name)
    if alias in model.aliases:
        commit(db, write, Change("model", model.id, {ALIAS + alias: None}))


def _check_alias(alias: str) -> None:
    """Aliases are parts of `NAME@ALIAS`, and never look like a version."""
    if not re.fullmatch(r"[\w-]{1,255}", alias):
        raise InputError(f"{alias!r} is no alias: it has other characters than letters, digits, _ and -")
    if alias.lower() == "latest" or re.fullmatch(r"[vV]\d+", alias):
        raise InputError(f"{alias!r} is no alias: it means a version by its number")
