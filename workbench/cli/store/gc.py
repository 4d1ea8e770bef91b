"""`workbench store gc`."""

from __future__ import annotations

from dataclasses import asdict

from workbench.base.numbers import format_number, format_size
from workbench.cli import console, emit, session
from workbench.cli.options import DryRunOption, JsonOption, YesOption


def gc(yes: YesOption = False, dry_run: DryRunOption = False, json: JsonOption = False) -> None:
    """Delete contents that no run refers to.

    Such contents stay behind when a purge or an upload was interrupted. What is younger than a day is kept: it may
    belong to an artifact that is being logged now.

    Examples:
      workbench store gc --dry-run
      workbench store gc --yes
    """
    from workbench.store.maintenance import collect_garbage

    store = session.store()
    with console.waiting("looking for contents that nothing refers to"):
        report = collect_garbage(store, dry_run=True)
    what = f"{format_number(report.blobs)} content{'s' * (report.blobs != 1)}, {format_size(report.size_bytes)}"
    agreed = not dry_run and report.blobs and console.confirm(f"delete {what} for good?", yes=yes)
    if agreed:
        report = collect_garbage(store, dry_run=False)
        what = f"{format_number(report.blobs)} content{'s' * (report.blobs != 1)}, {format_size(report.size_bytes)}"
    if json:
        emit.emit_document(asdict(report))
    elif not report.blobs:
        console.out("nothing to delete: every content is referred to, or younger than a day")
    elif dry_run:
        console.out(f"would delete {what}")
    else:
        console.out(f"deleted {what}" if agreed else "kept everything")
