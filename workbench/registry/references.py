"""Which version a person means: `NAME@ALIAS`, `NAME/3`, either after `models:/`, or `NAME` for its newest one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from workbench.base.errors import InputError, ModelNotFoundError, VersionNotFoundError
from workbench.registry import aliases, versions
from workbench.registry.queries import Search, model_named, search_models, versions_of
from workbench.registry.records import Model, Version
from workbench.store.hints import near_matches

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

PREFIX = "models:/"
LATEST = "latest"
"""The alias that every model has: its newest version. It cannot be set."""

MOST_SUGGESTED = 200
"""Models that suggestions are made of, those that were changed last."""


def resolve_model(db: Connection, reference: str) -> Model:
    """The registered model that a reference names, with or without a version.

    Raises:
        ModelNotFoundError: there is none; the hint names those that are called nearly so.
    """
    name = reference.removeprefix(PREFIX)
    model = model_named(db, _storable(name))
    if model is None:
        name = _parts(reference)[0]
        model = model_named(db, _storable(name))
    if model is None:
        names = [found.name for found in search_models(db, Search(limit=20_000))]
        hint = near_matches(name, names) or "workbench models list"
        raise ModelNotFoundError(f"no registered model is called {name!r}", hint)
    return model


def resolve_version(db: Connection, reference: str) -> Version:
    """The version that a reference names.

    Raises:
        InputError: it names none.
        ModelNotFoundError, VersionNotFoundError, AliasNotFoundError: there is no such thing.
    """
    name, number, alias = _parts(reference)
    model = resolve_model(db, name)
    if number is not None:
        return versions.get(db, model.name, number)
    if alias is not None and alias.lower() != LATEST:
        return aliases.find(db, model.name, alias)
    found = versions_of(db, model)
    if not found:
        raise VersionNotFoundError(
            f"{model.name} has no versions", f"workbench models register RUN {model.name}, where RUN has a model"
        )
    if alias is None and len(found) > 1:
        raise InputError(
            f"{reference} names a model of {len(found)} versions", f"name one: {model.name}/{found[-1].number}"
        )
    return found[-1]


def resolve(db: Connection, reference: str) -> tuple[Model, Version | None]:
    """The registered model that a reference names, and the version where it names one rather than the model.

    Raises: as `resolve_version`.
    """
    named = model_named(db, _storable(reference.removeprefix(PREFIX)))
    if named is not None:
        return named, None
    _, number, alias = _parts(reference)
    if number is None and alias is None:
        return resolve_model(db, reference), None
    version = resolve_version(db, reference)
    return resolve_model(db, version.name), version


def number_in(db: Connection, model: Model, text: str) -> int:
    """The number of a version of a model: `3`, `v3`, or any reference to it.

    Raises: as `resolve_version`, and
        InputError: it is a version of another model.
    """
    if re.fullmatch(r"[vV]?\d{1,18}", text):
        return int(text.lstrip("vV"))
    version = resolve_version(db, text)
    if version.model != model.id:
        raise InputError(f"{text} is no version of {model.name}", f"workbench models show {model.name}")
    return version.number


def is_reference(text: str) -> bool:
    """Whether a text names a version rather than a run: `models:/…`, `NAME@ALIAS` or `NAME/3`."""
    return text.startswith(PREFIX) or re.fullmatch(r"[^/@:]+(@[\w-]+|/\d+)", text) is not None


def suggestions(db: Connection, typed: str, *, versions: bool = True) -> list[str]:
    """References that begin with what somebody has typed: names; `NAME@ALIAS`; numbers after `NAME/`.

    Args:
        versions: False leaves out all but names.
    """
    found = search_models(db, Search(limit=MOST_SUGGESTED, order=(("updated_at", False),)))
    said = [model.name for model in found]
    if versions:
        said += [f"{model.name}@{alias}" for model in found for alias in model.aliases]
        name, slash, _ = typed.rpartition("/")
        said += [
            f"{name}/{one.number}" for model in found if slash and model.name == name for one in versions_of(db, model)
        ]
    return [reference for reference in said if reference.startswith(typed)]


def _parts(reference: str) -> tuple[str, int | None, str | None]:
    """Name, number and alias; at most one of the last two is given."""
    text = reference.removeprefix(PREFIX)
    numbered = re.fullmatch(r"(.+)/v?(\d{1,18})", text, re.DOTALL)
    if numbered is not None:
        return numbered[1], int(numbered[2]), None
    name, at, alias = text.rpartition("@")
    if at and name:
        return name, None, alias
    if "/" in text:
        raise InputError(f"{reference} names no version", "a version is NAME/3 or NAME@ALIAS")
    return text, None, None


def _storable(text: str) -> str:
    """Text that can be a parameter; what no database can hold equals nothing in it."""
    return text.encode("utf-8", "backslashreplace").decode()
