"""`workbench models delete` and `restore`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.models.options import complete_version, shown
from workbench.cli.options import DryRunOption, JsonOption, YesOption
from workbench.output.cells import visible


def delete(
    names: Annotated[
        list[str],
        typer.Argument(
            metavar="MODEL|VERSION...",
            help="NAME deletes a model with all versions, NAME/3 one version.",
            autocompletion=complete_version,
        ),
    ],
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Take models or versions out of the registry.

    What an alias points to, what is approved or waits for approval, and what an image or a deployment was made from is
    refused, with all that holds it. Nothing is erased: files stay with the run that logged them, the history stays, and
    `workbench models restore` brings everything back. A number is never given to another version.

    Examples:
      workbench models delete fraud/2 --dry-run
      workbench models unalias fraud@challenger
      workbench models delete fraud/2 fraud/3 --yes
    """
    store = session.store()
    from workbench.registry import deletion
    from workbench.registry.writing import open_ledger

    with session.reading(store) as db:
        plan = deletion.plan_deletion(db, names)
    for line in _lines(plan):
        console.note(line)
    question = f"delete {_count(plan)} from the registry?"
    agreed = not dry_run and console.confirm(question, yes=yes)
    if agreed:
        with store.reading() as db, open_ledger(session.project()) as ledger:
            plan = deletion.delete(db, ledger, names)
    if json:
        emit.emit_document({**_document(plan), "deleted": bool(agreed)})
    elif dry_run:
        console.out(f"would delete {_count(plan)} from the registry")
    else:
        console.out(f"deleted {_count(plan)} from the registry" if agreed else "kept everything")
    if agreed and not json:
        console.note(f"back with: workbench models restore {visible(names[0])}")


def restore(
    name: Annotated[str, typer.Argument(metavar="MODEL|VERSION", help="A deleted model, or a deleted version NAME/3.")],
    json: JsonOption = False,
) -> None:
    """Bring back a deleted model or version.

    A model comes back with its versions, a version with its number. Aliases that a version had are not given back.

    Examples:
      workbench models restore fraud/2
    """
    store = session.store()
    from workbench.registry.deletion import restore as bring_back
    from workbench.registry.records import Version
    from workbench.registry.writing import open_ledger

    with store.reading() as db, open_ledger(session.project()) as ledger:
        restored = bring_back(db, ledger, name)
    back = shown(restored) if isinstance(restored, Version) else visible(restored.name)
    if json:
        emit.emit_document({"restored": back})
    else:
        console.out(f"{back} is back")


def _lines(plan: Any) -> list[str]:
    """What goes, and what its files stay for."""
    lines = [f"  {visible(model.name)}, the model" for model in plan.models]
    for one in plan.leaving:
        kept = f", which stay for {visible(', '.join(one.kept_by))}" if one.kept_by else ""
        size = f"{format_size(one.version.size_bytes)} of files{kept}" if one.version.size_bytes else "no files here"
        lines.append(f"  {shown(one.version)}, {size}")
    return lines


def _count(plan: Any) -> str:
    models, versions = len(plan.models), len(plan.leaving)
    parts = [f"{models} model{'s' * (models != 1)}"] * bool(models)
    parts += [f"{versions} version{'s' * (versions != 1)}"] * bool(versions or not models)
    return " and ".join(parts)


def _document(plan: Any) -> dict[str, Any]:
    return {
        "models": [model.name for model in plan.models],
        "versions": [one.as_document() for one in plan.leaving],
    }
