"""`workbench data diff`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import ExitCode
from workbench.cli import console, emit
from workbench.cli.data.options import InputFormatOption, NullOption, complete_data, named_data, reading_options
from workbench.cli.options import JsonOption


def diff(
    first: Annotated[
        str, typer.Argument(metavar="DATA|FILE", help="What there was before.", autocompletion=complete_data)
    ],
    second: Annotated[
        str, typer.Argument(metavar="DATA|FILE", help="What there is now.", autocompletion=complete_data)
    ],
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="COLUMN", help="What tells rows; may be repeated.")
    ] = None,
    exit_code: Annotated[bool, typer.Option("--exit-code", help="End with 1 where they differ.")] = False,
    input_format: InputFormatOption = None,
    null: NullOption = None,
    json: JsonOption = False,
) -> None:
    """Show what differs between two versions or files.

    Columns that came, went or changed their type; rows, by --key those that were added, removed and changed, without a
    key those that only one of the two has; and for each column how far the distributions of its values are apart
    (0 the same, 1 nothing in common), those that moved most first.

    Examples:
      workbench data diff transactions@v1 transactions@v2 --key id
      workbench data diff old.csv new.csv --json
    """
    from workbench.data.differences import compare_files
    from workbench.output.data_diff_view import difference_lines

    a, b = named_data(first), named_data(second)
    with console.waiting("comparing"):
        document = compare_files(
            a.path,
            b.path,
            key=key or (),
            names=(a.shown, b.shown),
            options=(reading_options(a, input_format, null), reading_options(b, input_format, null)),
        )
    if json:
        emit.emit_document(document)
    else:
        console.draw(difference_lines(document, width=console.drawing_width()))
    if exit_code and not document["equal"]:
        raise typer.Exit(ExitCode.NO)
