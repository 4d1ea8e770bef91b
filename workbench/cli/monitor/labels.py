"""`workbench monitor labels`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.monitor.options import MonitorArgument, found_monitor, who
from workbench.cli.options import JsonOption


def labels(
    name: MonitorArgument,
    file: Annotated[str, typer.Argument(metavar="FILE", help="CSV, Parquet or JSON lines with keys and labels.")],
    key: Annotated[
        list[str] | None,
        typer.Option("--key", metavar="COLUMN", help="The request's id in FILE, rid; a second one is the row in it."),
    ] = None,
    label: Annotated[str | None, typer.Option("--label", metavar="COLUMN", help="What is true; label.")] = None,
    json: JsonOption = False,
) -> None:
    """Give a monitor labels that have come later.

    They are kept in the project and joined to the rows by their key. The next run computes the performance of the
    windows anew that they are of. Where labels of one key contradict each other, the last one counts.

    Examples:
      workbench monitor labels fraud labels.csv --key order_id --label is_fraud
      workbench monitor labels sales truth.parquet
    """
    from workbench.drift.monitors.labelling import give_labels

    project = session.project()
    monitor = found_monitor(name)
    with console.waiting("reading"):
        told = give_labels(project, session.reading, monitor, file, key or [], label or "", who())
    if json:
        emit.emit_document(vars(told))
        return
    extra = {
        "of unknown keys": told.unknown,
        "repeated": told.duplicates,
        "keys with several labels": told.contradicting,
        "without a value": told.nulls,
    }
    said = ", ".join(f"{format_number(count)} {what}" for what, count in extra.items() if count)
    console.out(f"{format_number(told.rows)} labels, {format_number(told.known)} of known rows{said and f'; {said}'}")
    console.note(f"next: workbench monitor run {name}")
