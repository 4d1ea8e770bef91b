"""`workbench models compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, emit, session
from workbench.cli.models.options import complete_version
from workbench.cli.options import JsonOption


def compare(
    first: Annotated[
        str,
        typer.Argument(metavar="VERSION", help="What is measured against.", autocompletion=complete_version),
    ],
    second: Annotated[
        str, typer.Argument(metavar="VERSION", help="NAME/3 or NAME@ALIAS.", autocompletion=complete_version)
    ],
    all: Annotated[bool, typer.Option("--all", help="Show also what is equal.")] = False,
    json: JsonOption = False,
) -> None:
    """Show what differs between two versions.

    Their metrics and data as they were registered, the parameters, code and packages of their runs, signature, size,
    gates and approvals. The first one is the baseline ⚑. Whether higher or lower is better follows the metric's name
    (loss, error, rmse … lower).

    Examples:
      workbench models compare fraud@champion fraud@challenger
      workbench models compare fraud/2 fraud/3 --json
    """
    from workbench.output.compare_view import comparison_lines
    from workbench.registry.comparison import compare_versions
    from workbench.registry.references import resolve_version

    with session.reading() as db:
        compared = compare_versions(db, [resolve_version(db, first), resolve_version(db, second)], all=all)
    if json:
        emit.emit_document(compared.to_json())
    else:
        console.draw(comparison_lines(compared.runs, width=console.width()))
