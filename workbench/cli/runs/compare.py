"""`workbench runs compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption, RunsArgument


def compare(
    runs: RunsArgument,
    all: Annotated[bool, typer.Option("--all", help="Show also what is equal.")] = False,
    json: JsonOption = False,
) -> None:
    """Show what differs between runs.

    The pinned run, else the first one, is the baseline ⚑: the others show how far their metrics are from its. Whether
    higher or lower is better follows the metric's name (loss, error, rmse … lower).

    Examples:
      workbench runs compare quiet-lynx brave-otter
      workbench runs compare @latest @latest~1 @latest~2 --all
    """
    if len(runs) < 2:
        raise InputError("a comparison needs two runs or more", f"workbench runs compare {runs[0]} @latest")
    store = session.store()
    from workbench.output.compare_view import comparison_lines
    from workbench.store.runs import resolve_runs, run_documents
    from workbench.tracking.compare import compare_documents

    with session.reading(store) as db:
        documents = run_documents(db, resolve_runs(db, runs, deleted=True))
    pinned = [index for index, document in enumerate(documents) if document["pinned"]]
    comparison = compare_documents(documents, all=all, baseline=pinned[0] if pinned else 0)
    if json:
        emit.emit_document(comparison.to_json())
    else:
        console.draw(comparison_lines(comparison, width=console.width()))
