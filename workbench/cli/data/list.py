"""`workbench data list`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption

TABLE_ROWS = 50
"""Rows of a table where -n does not say: a table is for looking at."""


def list_(
    limit: Annotated[
        int | None, typer.Option("-n", "--limit", metavar="N", help="At most N datasets, 0 for all. A table shows 50.")
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List datasets.

    The one whose newest version was registered last comes first. ROWS, SIZE and FORMAT are those of the newest version,
    RUNS counts the runs that used any.

    Examples:
      workbench data list
      workbench data list --json
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    if limit is not None and limit < 0:
        raise InputError("-n is the number of datasets to list", "-n 0 lists all")
    from workbench.data.documents import dataset_rows
    from workbench.output.data_table import dataset_records, dataset_table

    with session.reading() as db:
        found = dataset_rows(db)
    documents = found[: (TABLE_ROWS if limit is None and form.name == "table" else limit) or None]
    if form.name == "json":
        emit.emit_document(documents, form.path)
    elif form.name in ("table", "md"):
        emit.emit_rows(form, *dataset_table(documents))
    else:
        emit.emit_rows(form, *dataset_records(documents))
    if form.name == "table" and not found:
        console.note("no datasets yet; next: workbench data add PATH NAME")
    elif form.name == "table" and len(documents) < len(found):
        console.note(f"{format_number(len(documents))} of {format_number(len(found))} datasets; -n 0 lists all")
