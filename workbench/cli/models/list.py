"""`workbench models list`."""

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
        int | None, typer.Option("-n", "--limit", metavar="N", help="At most N models, 0 for all. A table shows 50.")
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List registered models.

    The one that was changed last comes first. STATUS is that of the newest version: ? waits for approval, ✓ approved,
    ✗ rejected.

    Examples:
      workbench models list
      workbench models list --json
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    if limit is not None and limit < 0:
        raise InputError("-n is the number of models to list", "-n 0 lists all")
    from workbench.output.model_table import model_records, model_table
    from workbench.registry.overview import model_rows

    with session.reading() as db:
        found = model_rows(db)
    documents = found[: (TABLE_ROWS if limit is None and form.name == "table" else limit) or None]
    if form.name == "json":
        emit.emit_document(documents, form.path)
    elif form.name in ("table", "md"):
        emit.emit_rows(form, *model_table(documents))
    else:
        emit.emit_rows(form, *model_records(documents))
    if form.name == "table" and not found:
        console.note("no registered models yet; next: workbench models register RUN NAME, for a run with a model")
    elif form.name == "table" and len(documents) < len(found):
        console.note(f"{format_number(len(documents))} of {format_number(len(found))} models; -n 0 lists all")
