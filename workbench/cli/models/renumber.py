"""`workbench models renumber`."""

from __future__ import annotations

from workbench.cli import console, session
from workbench.cli.models.options import ModelArgument, shown
from workbench.cli.options import DryRunOption
from workbench.output.cells import visible


def renumber(model: ModelArgument, dry_run: DryRunOption = False) -> None:
    """Give versions that share a number with an earlier one a number of their own.

    Copies of a project that did not know of each other may each have registered a version of one number. The one that
    was created first has it; no number leads to the others until they get one. What was decided about them stays.

    Examples:
      workbench models renumber fraud --dry-run
      workbench models renumber fraud
    """
    from workbench.registry import versions
    from workbench.registry.references import resolve_model

    with session.governing() as (db, ledger):
        found = resolve_model(db, model)
        numbers = versions.renumbering(db, found)
        for version, number in [] if dry_run else numbers:
            versions.renumber(db, ledger, version, number)
    becomes = "would become" if dry_run else "is now"
    for version, number in numbers:
        whose = f" of {visible(version.user)}" if version.user else ""
        console.out(f"the other {shown(version)}{whose} {becomes} {visible(version.name)}/{number}")
    if not numbers:
        console.out(f"every version of {visible(found.name)} has a number of its own")
