"""`workbench drift history`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption


def history(
    column: Annotated[
        str | None, typer.Argument(metavar="[COLUMN]", help="What the checks found of this column.")
    ] = None,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="Only checks of this name.")] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List stored checks, or what they found of a column.

    The newest comes first. Checks are stored by --save of workbench drift check.

    Examples:
      workbench drift history
      workbench drift history amount --format csv
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    from workbench.drift.history import history_of, stored_checks
    from workbench.output.drift_history import check_records, check_table, column_records, column_table

    with session.reading() as db:
        checks = [one for one in stored_checks(db) if name in (None, one["name"])]
    if column is not None:
        found = history_of(checks, column)
    else:
        found = [{key: value for key, value in one.items() if key != "document"} | one["document"] for one in checks]
    if form.name == "json":
        emit.emit_document(found, form.path)
    elif form.name in ("table", "md"):
        emit.emit_rows(form, *(check_table(found) if column is None else column_table(found)))
    else:
        emit.emit_rows(form, *(check_records(found) if column is None else column_records(found)))
    if form.name == "table" and not found:
        console.note("no stored checks yet: workbench drift check … --save keeps one")
