"""`workbench data remove`."""

from __future__ import annotations

from workbench.base.numbers import format_size
from workbench.cli import console, emit, session
from workbench.cli.data.options import DataArgument
from workbench.cli.options import DryRunOption, JsonOption, YesOption


def remove(
    reference: DataArgument, yes: YesOption = False, dry_run: DryRunOption = False, json: JsonOption = False
) -> None:
    """Take versions out that nothing uses.

    NAME takes the dataset with all versions, NAME@v3 one version. What a run used, or a model was trained on, is
    refused. Originals are never touched; copies in the project go with the next `workbench store gc`. A number is never
    given to another content.

    Examples:
      workbench data remove transactions@v2 --dry-run
      workbench data remove scratch --yes
    """
    from workbench.data.datasets import plan_removal
    from workbench.data.datasets import remove as take_out

    with session.reading() as db:
        plan = plan_removal(db, reference)
    for version in plan:
        held = f", {format_size(version.size_bytes)} of copies" if version.copied else ""
        console.note(f"  {version.reference}{held}")
    what = f"{len(plan)} version{'s' * (len(plan) != 1)}"
    agreed = not dry_run and console.confirm(f"remove {what}?", yes=yes)
    if agreed:
        with session.reading() as db:
            plan = take_out(db, session.project(), reference)
    if json:
        emit.emit_document({"versions": [version.reference for version in plan], "removed": bool(agreed)})
    elif dry_run:
        console.out(f"would remove {what}")
    else:
        console.out(f"removed {what}" if agreed else "kept everything")
