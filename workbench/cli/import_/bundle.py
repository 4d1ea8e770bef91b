"""`workbench import bundle`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import session
from workbench.cli.import_.brought import show_brought, showing_progress
from workbench.cli.options import DryRunOption, JsonOption


def bundle(
    file: Annotated[str, typer.Argument(metavar="FILE", help="What workbench export bundle wrote.")],
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Bring in a bundle of another project.

    Runs, models and files that are here already are not brought again, and what was edited here stays as it is here.

    Examples:
      workbench import bundle runs.tar
    """
    project = session.project()
    from workbench.interop.bundle.reading import import_bundle

    with showing_progress("importing") as progress:
        report = import_bundle(project, file, dry_run=dry_run, progress=progress)
    tally = report.tally
    document = {
        "source": file,
        "dry_run": dry_run,
        "runs": {
            "new": tally.new_runs,
            "updated": tally.updated_runs,
            "unchanged": tally.unchanged_runs,
            "left_out": report.left_out_runs,
        },
        "points": tally.points,
        "artifacts": {"files": tally.artifacts, "bytes": tally.bytes},
        "contents": report.contents,
        "facts": report.facts,
        "kept": tally.kept,
        "notes": report.notes,
        "warnings": tally.warnings,
    }
    changed = bool(tally.new_runs or tally.updated_runs or report.facts or report.contents)
    show_brought(document, tally, {"fact": report.facts}, report.notes, source=file, changed=changed, json=json)
