"""`workbench export bundle`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.export.chosen import ExperimentsOption, SomeRunsArgument, chosen_ids
from workbench.cli.import_.brought import showing_progress
from workbench.cli.options import JsonOption


def bundle(
    file: Annotated[str, typer.Argument(metavar="FILE", help="The file to write, such as runs.tar.")],
    runs: SomeRunsArgument = None,
    experiment: ExperimentsOption = None,
    json: JsonOption = False,
) -> None:
    """Write runs, models and files to one file.

    Without RUN it is everything, what is in the trash included. The same store gives the same bytes. Another project
    takes it in with workbench import bundle.

    Examples:
      workbench export bundle everything.tar
      workbench export bundle fraud.tar -e fraud
      workbench export bundle one.tar bold-crane
    """
    store = session.store()
    ids = chosen_ids(store, runs or (), experiment or ()) if runs or experiment else None
    from workbench.interop.bundle.writing import write_bundle

    with showing_progress("exporting") as progress:
        report = write_bundle(store, file, ids, lambda done, total: progress(done, total, 0))
    if json:
        emit.emit_document({"file": file, **asdict(report)})
        return
    counts = {"run": report.runs, "point": report.points, "content": report.contents}
    told = ", ".join(f"{format_number(count)} {name}{'s' * (count != 1)}" for name, count in counts.items())
    console.out(f"wrote {told} to {file}")
