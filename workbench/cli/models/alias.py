"""`workbench models alias` and `unalias`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, session
from workbench.cli.models.options import VersionArgument, complete_version, shown
from workbench.cli.reasons import ReasonOption
from workbench.output.cells import visible


def alias(
    version: VersionArgument,
    alias: Annotated[str, typer.Argument(metavar="ALIAS", help="A name such as champion.")],
    reason: ReasonOption = None,
) -> None:
    """Let an alias point to a version.

    An alias that workbench.toml protects only goes to approved versions.

    Examples:
      workbench models alias fraud/3 challenger
      workbench models alias fraud@challenger champion --reason "won the A/B test"
    """
    from workbench.registry import aliases, models
    from workbench.registry.references import resolve_version

    with session.governing() as (db, ledger):
        found = resolve_version(db, version)
        before = models.get(db, found.name).aliases.get(alias)
        aliases.point(db, ledger, found.name, alias, found.number, reason=reason)
    if before == found.number:
        console.out(f"{visible(alias)} points to {shown(found)} already")
    else:
        moved = f", no longer to {visible(found.name)}/{before}" if before is not None else ""
        console.out(f"{visible(alias)} points to {shown(found)}{moved}")


def unalias(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|NAME@ALIAS", help="The model, or the alias itself.", autocompletion=complete_version
        ),
    ],
    alias: Annotated[str | None, typer.Argument(metavar="[ALIAS]", help="The alias, where a model is named.")] = None,
    reason: ReasonOption = None,
) -> None:
    """Remove an alias.

    Its history stays; workbench models history shows it.

    Examples:
      workbench models unalias fraud challenger
      workbench models unalias fraud@challenger
    """
    from workbench.base.errors import AliasNotFoundError
    from workbench.registry import aliases
    from workbench.registry.references import resolve_model

    if alias is None:
        model, at, alias = model.rpartition("@")
        if not at:
            raise InputError("no alias is named", f"workbench models unalias {alias} ALIAS")
    with session.governing() as (db, ledger):
        found = resolve_model(db, model)
        if alias not in found.aliases:
            raise AliasNotFoundError(f"{found.name} has no alias {alias!r}", f"workbench models show {found.name}")
        aliases.remove(db, ledger, found.name, alias, reason=reason)
    console.out(f"{visible(alias)} of {visible(found.name)} is removed; it pointed to v{found.aliases[alias]}")
