"""`workbench models describe`, `tag` and `rename`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, session
from workbench.cli.assignments import assignments
from workbench.cli.models.options import EitherArgument, ModelArgument
from workbench.output.cells import visible

if TYPE_CHECKING:
    from workbench.registry.records import Model, Version


def describe(
    reference: EitherArgument,
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The description; '' removes it.")],
) -> None:
    """Write the description of a model or a version.

    Examples:
      workbench models describe fraud "scores card payments, team risk"
      workbench models describe fraud/3 "trained without weekends"
    """
    from workbench.registry import models, versions
    from workbench.registry.references import resolve

    with session.governing() as (db, ledger):
        model, version = resolve(db, reference)
        if version is None:
            models.describe(db, ledger, model.name, text.strip() or None)
        else:
            versions.describe(db, ledger, model.name, version.number, text.strip() or None)
    console.out(f"{_named(model, version)}: the description is {'written' if text.strip() else 'removed'}")


def tag(
    reference: EitherArgument,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Tags to set.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("-r", "--remove", metavar="KEY", help="Remove a tag; may be repeated.")
    ] = None,
) -> None:
    """Set or remove tags of a model or a version.

    Examples:
      workbench models tag fraud team=risk
      workbench models tag fraud/3 reviewed=yes --remove draft
    """
    if not tags and not remove:
        raise InputError("no tag is named", "workbench models tag MODEL KEY=VALUE, or --remove KEY")
    values: dict[str, str | None] = {
        **assignments(tags or [], "workbench models tag MODEL"),
        **dict.fromkeys(remove or []),
    }
    from workbench.registry import models, versions
    from workbench.registry.references import resolve

    with session.governing() as (db, ledger):
        model, version = resolve(db, reference)
        for key, value in values.items():
            if version is None:
                models.set_tag(db, ledger, model.name, key, value)
            else:
                versions.set_tag(db, ledger, model.name, version.number, key, value)
    for key, value in values.items():
        what = "removed" if value is None else visible(value)
        console.out(f"{_named(model, version)}: tag {visible(key)} is {what}")


def rename(
    model: ModelArgument, name: Annotated[str, typer.Argument(metavar="NAME", help="What it is called from now on.")]
) -> None:
    """Give a model another name.

    Versions, aliases and history go with it. Its old name is free again: what names the model by it no longer finds it.

    Examples:
      workbench models rename fraud card-fraud
    """
    from workbench.registry import models
    from workbench.registry.references import resolve_model

    with session.governing() as (db, ledger):
        found = resolve_model(db, model)
        models.rename(db, ledger, found.name, name)
    console.out(f"{visible(found.name)} is called {visible(name)} now")


def _named(model: Model, version: Version | None) -> str:
    return visible(model.name) if version is None else f"{visible(model.name)}/{version.number}"
