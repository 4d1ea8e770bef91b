"""`workbench export parquet` and `workbench export csv`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.export.chosen import ExperimentsOption, SomeRunsArgument, chosen_ids
from workbench.cli.options import JsonOption

FolderArgument = Annotated[str, typer.Argument(metavar="DIR", help="The folder to write to; it is made if need be.")]


def parquet(
    folder: FolderArgument,
    runs: SomeRunsArgument = None,
    experiment: ExperimentsOption = None,
    json: JsonOption = False,
) -> None:
    """Write the tables of the store to Parquet files.

    One file for each of runs, params, metrics, tags, artifacts and datasets, with the columns that docs/sql.md names.

    Examples:
      workbench export parquet tables -e fraud
    """
    _write(folder, "parquet", runs, experiment, json=json)


def csv(
    folder: FolderArgument,
    runs: SomeRunsArgument = None,
    experiment: ExperimentsOption = None,
    json: JsonOption = False,
) -> None:
    """Write the tables of the store to CSV files.

    One file for each of runs, params, metrics, tags, artifacts and datasets, with the columns that docs/sql.md names.

    Examples:
      workbench export csv tables bold-crane
    """
    _write(folder, "csv", runs, experiment, json=json)


def _write(folder: str, form: str, runs: list[str] | None, experiment: list[str] | None, *, json: bool) -> None:
    store = session.store()
    ids = chosen_ids(store, runs or (), experiment or ())
    from workbench.store.tables import write_tables

    with console.waiting("writing tables"):
        written = write_tables(store, folder, form, ids)
    if json:
        emit.emit_document([asdict(table) for table in written])
        return
    for table in written:
        console.out(f"{table.path}  {format_number(table.rows)} row{'s' * (table.rows != 1)}")
