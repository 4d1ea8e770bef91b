"""`workbench models rollback`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, session
from workbench.cli.models.options import ModelArgument, complete_version, shown
from workbench.cli.options import DryRunOption
from workbench.cli.reasons import RequiredReasonOption, required_reason
from workbench.output.cells import visible


def rollback(
    model: ModelArgument,
    alias: Annotated[
        str | None, typer.Option("--alias", metavar="ALIAS", help="Default: champion, or the only one.")
    ] = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="VERSION", help="A version that had it before.", autocompletion=complete_version),
    ] = None,
    reason: RequiredReasonOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask on a terminal.")] = False,
    dry_run: DryRunOption = False,
) -> None:
    """Move an alias back to the version before.

    That is the last one that it pointed to which is still there and was not rejected; a protected alias goes back to
    approved versions only. Rolling back again goes one further. Nothing is erased.

    Examples:
      workbench models rollback fraud --reason "errors since the release"
      workbench models rollback fraud --to fraud/3 --reason "the last good one"
      workbench models rollback fraud --dry-run
    """
    from workbench.registry.history import rollback as move_back
    from workbench.registry.history import rollback_target, usual_alias
    from workbench.registry.references import number_in, resolve_model

    with session.governing() as (db, ledger):
        found = resolve_model(db, model)
        name = alias or usual_alias(ledger, found)
        wanted = None if to is None else number_in(db, found, to)
        before, target = rollback_target(db, ledger, found.name, name, wanted)
    move = f"{visible(name)} of {visible(found.name)} from v{before} back to v{target.number}"
    if dry_run:
        console.out(f"would move {move}")
        return
    if not yes and console.interactive() and not console.confirm(f"move {move}?", yes=False):
        console.out("nothing is moved")
        return
    why = required_reason(reason)
    with session.governing() as (db, ledger):
        before, target = move_back(db, ledger, found.name, name, why, to=target.number)
    console.out(f"moved {visible(name)} of {visible(found.name)} from v{before} back to v{target.number}")
    console.note(f"it points to {shown(target)} now; workbench models history {visible(found.name)} has all of it")
