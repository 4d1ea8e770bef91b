"""`workbench runs delete`, `restore` and `purge`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.options import DryRunOption, JsonOption, RunsArgument, YesOption, complete_run
from workbench.cli.runs.chosen import ChosenRun, chosen_runs


def delete(runs: RunsArgument) -> None:
    """Put runs in the trash.

    They disappear from every list, and nothing of them is removed: `workbench runs restore` brings them back,
    `workbench runs purge` removes them for good.

    Examples:
      workbench runs delete bold-crane
    """
    from workbench.store.edits import delete as delete_run

    found = chosen_runs(runs, deleted=True)
    delete_run(session.project(), [run.uid for run in found])
    for run in found:
        console.out(f"{run} is in the trash")
    for run, versions in _registered(found):
        console.note(f"{run} made {', '.join(versions)}: it stays in the trash while they are registered")
    console.note("back with: workbench runs restore; gone for good with: workbench runs purge")


def restore(runs: RunsArgument) -> None:
    """Take runs out of the trash.

    Examples:
      workbench runs list --deleted
      workbench runs restore bold-crane
    """
    from workbench.store.edits import restore as restore_run

    found = chosen_runs(runs, deleted=True)
    restore_run(session.project(), [run.uid for run in found])
    for run in found:
        console.out(f"{run} is back")


def purge(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[RUN]...", help="Runs in the trash; all of them where left out.", autocompletion=complete_run
        ),
    ] = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Delete the runs in the trash for good.

    Removes their journals and the contents of artifacts that no other run refers to. This cannot be undone. A run that
    registered models came from stays in the trash until those are deleted: workbench models delete.

    Examples:
      workbench runs purge --dry-run
      workbench runs purge bold-crane --yes
    """
    from workbench.cli.runs.chosen import runs_in_trash
    from workbench.store.purge import plan_purge
    from workbench.store.purge import purge as carry_out

    found = chosen_runs(runs, deleted=True) if runs else _purgeable(runs_in_trash())
    store = session.store()
    plan = plan_purge(store, [run.uid for run in found])
    size = format_size(plan.journal_bytes + plan.content_bytes)
    count = f"{len(plan.run_ids)} run{'s' * (len(plan.run_ids) != 1)}"
    if not plan.run_ids:
        if json:
            emit.emit_document({**asdict(plan), "purged": False})
        else:
            console.out("the trash is empty")
        return
    for uid, name in zip(plan.run_ids, plan.names, strict=True):
        console.note(f"  {uid[:8]}  {name}")
    agreed = not dry_run and console.confirm(f"delete {count} for good, {size}?", yes=yes)
    if agreed:
        carry_out(store, plan)
    if json:
        emit.emit_document({**asdict(plan), "purged": bool(agreed)})
    elif dry_run:
        console.out(f"would delete {count} for good, {size}")
    else:
        console.out(f"deleted {count} for good, {size}" if agreed else "kept everything")


def _registered(runs: Sequence[ChosenRun]) -> list[tuple[ChosenRun, list[str]]]:
    """The runs that versions of registered models came from, with the names of those."""
    from workbench.store.registrations import registered_from

    with session.reading() as db:
        found = registered_from(db, [run.uid for run in runs])
    return [(run, found[run.uid]) for run in runs if run.uid in found]


def _purgeable(runs: Sequence[ChosenRun]) -> list[ChosenRun]:
    """The runs that no version of a registered model came from; the others are named on stderr."""
    kept = _registered(runs)
    for run, versions in kept:
        console.note(f"{run} stays: {', '.join(versions)} came from it")
    return [run for run in runs if run not in {run for run, _ in kept}]
