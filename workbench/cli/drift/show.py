"""`workbench drift show`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, emit, session
from workbench.cli.drift.options import CheckArgument, ColumnOption
from workbench.cli.options import JsonOption


def show(
    check: CheckArgument = "@latest",
    column: ColumnOption = None,
    all_: Annotated[bool, typer.Option("--all", help="Show every column, not only those worth a look.")] = False,
    json: JsonOption = False,
) -> None:
    """Show a stored check, or some of its columns in full.

    Examples:
      workbench drift show @latest
      workbench drift show 3f2a91c0 -c amount
    """
    from workbench.base.errors import NotFoundError
    from workbench.drift.history import find_check
    from workbench.output.drift_view import column_lines, drift_lines

    with session.reading() as db:
        found = find_check(db, check)
    document = {"id": found["id"], "at": found["at"], "name": found["name"], **found["document"]}
    chosen = [one for one in document.get("columns", ()) if one["column"] in (column or ())]
    for wanted in column or ():
        if wanted not in {one["column"] for one in chosen}:
            raise NotFoundError(f"the check has no column {wanted!r}", f"workbench drift show {check} --all")
    if json:
        emit.emit_document({**document, "columns": chosen} if column else document)
    elif column:
        console.draw(line for one in chosen for line in column_lines(one, width=console.drawing_width()))
    else:
        console.draw(drift_lines(document, width=console.drawing_width(), everything=all_))
