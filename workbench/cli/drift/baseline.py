"""`workbench drift baseline`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.base.numbers import format_number, format_size
from workbench.cli import console
from workbench.cli.drift.options import ColumnOption, IgnoreOption, KindOption, check_options, found_current


def baseline(
    reference: Annotated[
        str, typer.Argument(metavar="REF", help="File, folder, pattern, NAME@v3, run:RUN or model:NAME@ALIAS.")
    ],
    output: Annotated[str, typer.Option("-o", "--output", metavar="FILE.json", help="Where it goes.")],
    column: ColumnOption = None,
    ignore: IgnoreOption = None,
    kind: KindOption = None,
) -> None:
    """Store what checks need of a reference, once.

    Some tens of kilobytes for each column, however many rows there are. Counts, moments and deciles are exact; a
    distance between distribution functions is right to 0.00013, which is taken off before anything is called drift.

    Examples:
      workbench drift baseline train.parquet -o train.baseline.json
      workbench drift check -r train.baseline.json --current today.parquet
    """
    if not output.endswith(".json"):
        raise InputError("a baseline is JSON", "-o FILE.json")
    from workbench.drift.baseline import make_baseline

    options = check_options(columns=column, ignore=ignore, kinds=kind)
    with console.waiting("reading"):
        made = make_baseline(found_current(reference), options)
        data = made.to_bytes()
    with console.data_file(output) as file:
        file.write(data.decode())
    rows, columns = format_number(made.rows), format_number(len(made.names))
    console.out(f"{columns} columns of {rows} rows in {format_size(len(data))}")
