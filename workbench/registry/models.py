"""What can be done with registered models."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from hashlib import blake2b
from itertools import count
from typing import TYPE_CHECKING

from workbench.base.errors import InputError, ModelExistsError, ModelNotFoundError
from workbench.registry.holds import check_free
from workbench.registry.ledger import Change, Deed, Ledger, now_ms
from workbench.registry.queries import model_named, versions_of
from workbench.registry.records import TAG, Model

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def get(db: Connection, name: str) -> Model:
    """The registered model of this name.

    Raises:
        ModelNotFoundError: there is none, or it is deleted.
    """
    model = model_named(db, _encodable(name))
    if model is None:
        raise ModelNotFoundError(f"no registered model is called {name!r}", "workbench models list")
    return model


def register(
    db: Connection,
    ledger: Ledger,
    name: str,
    *,
    description: str | None = None,
    tags: Mapping[str, str] | None = None,
) -> Model:
    """Register a model, which has no versions at first.

    Here and below:

    Args:
        db: an open visit to the store. While it lasts nobody else registers anything.
        ledger: where it is recorded.

    Raises:
        ModelExistsError: the name is taken.
        InputError: it is no name for a model.
        StoreError: the journal cannot be written.
    """
    _check_name(name)
    _check_free(db, name)
    now = now_ms()
    model = Model(_free_id(db, name), name, now, now, description, dict(tags or {}))
    fields = {"name": name, "created_at": now, "updated_at": now, **_given(description=description)}
    fields |= {TAG + key: value for key, value in model.tags.items()}
    ledger.record(db, Deed("create", name, model.id), Change("model", model.id, fields))
    return model


def describe(db: Connection, ledger: Ledger, name: str, description: str | None) -> Model:
    """Replace the description; None removes it.

    Raises:
        ModelNotFoundError: there is no such model.
        StoreError: the journal cannot be written.
    """
    model = get(db, name)
    now = now_ms()
    change = Change("model", model.id, {"description": description, "updated_at": now})
    ledger.record(db, Deed("describe", name, model.id), change)
    return replace(model, description=description, updated_at_ms=now)


def rename(db: Connection, ledger: Ledger, name: str, new_name: str) -> Model:
    """Call a model something else; its versions and aliases stay with it, and its old name is free again.

    Raises:
        ModelNotFoundError: there is no such model.
        ModelExistsError: the new name is taken by another one.
        InputError: it is no name for a model.
        StoreError: the journal cannot be written.
    """
    _check_name(new_name)
    model = get(db, name)
    if new_name != name:
        _check_free(db, new_name)
    now = now_ms()
    moved = [Change("version", version.id, {"updated_at": now}) for version in versions_of(db, model)]
    deed = Deed("rename", name, model.id, evidence={"new_name": new_name})
    ledger.record(db, deed, Change("model", model.id, {"name": new_name, "updated_at": now}), *moved)
    return replace(model, name=new_name, updated_at_ms=now)


def delete(db: Connection, ledger: Ledger, name: str, *, let_go_of_aliases: bool = False) -> None:
    """Take a model and its versions out of the registry. Journals keep them, and `deletion.restore` brings them back.

    Args:
        let_go_of_aliases: aliases go with it; else they hold it.

    Raises:
        ModelNotFoundError: there is no such model.
        StillReferencedError: something holds one of its versions; the message names all that does.
        StoreError: the journal cannot be written.
    """
    model = get(db, name)
    check_free(db, model, aliases_hold=not let_go_of_aliases)
    ledger.record(db, Deed("delete", name, model.id), Change("model", model.id, {"deleted": True}))


def set_tag(db: Connection, ledger: Ledger, name: str, key: str, value: str | None) -> None:
    """Set a tag; None removes it, and is no error where there is none.

    Raises:
        ModelNotFoundError: there is no such model.
        StoreError: the journal cannot be written.
    """
    model = get(db, name)
    if model.tags.get(key) != value:
        ledger.record(db, Deed("tag", name, model.id), Change("model", model.id, {TAG + key: value}))


def _given(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def _check_free(db: Connection, name: str) -> None:
    if model_named(db, name) is not None:
        raise ModelExistsError(f"a registered model is called {name!r} already", f"workbench models show {name}")


def _check_name(name: str) -> None:
    """Names are parts of `NAME/VERSION` and of `models:/` URIs."""
    if not name.strip():
        raise InputError("the model's name is empty")
    if "/" in name or ":" in name:
        raise InputError(f"{name!r} is no name for a model: it has a / or a :")
    _encodable(name)


def _encodable(name: str) -> str:
    try:
        name.encode()
    except UnicodeEncodeError:
        raise InputError(f"{name!r} is no name for a model: it is no Unicode text") from None
    return name


def _free_id(db: Connection, name: str) -> str:
    """The first id of this name that no model has or had."""
    for start in count(0, 64):
        ids = [first_id(name, generation) for generation in range(start, start + 64)]
        rows = db.execute(
            "SELECT DISTINCT id FROM entity_field WHERE kind = 'model' AND id IN (SELECT unnest($1::VARCHAR[]))", [ids]
        ).fetchall()
        free = [candidate for candidate in ids if (candidate,) not in rows]
        if free:
            return free[0]
    raise AssertionError("counting does not end")


def first_id(name: str, generation: int) -> str:
    """The same on every machine, so that a model that two of them register is one model when their stores meet."""
    return blake2b(f"{generation} {name}".encode(), digest_size=16).hexdigest()
