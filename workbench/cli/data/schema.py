"""`workbench data schema`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console
from workbench.cli.data.options import (
    DataOrFileArgument,
    InputFormatOption,
    NullOption,
    named_data,
    reading_options,
)
from workbench.cli.options import OutputOption


def schema(
    data: DataOrFileArgument,
    output: OutputOption = None,
    force: Annotated[bool, typer.Option("--force", help="Replace FILE where it is there.")] = False,
    input_format: InputFormatOption = None,
    null: NullOption = None,
) -> None:
    """Write down what data look like, as a file of rules.

    Types, columns without nulls, identifiers that are unique, the values of columns with few of them, and bounds of
    numbers that are wider than what was seen by its whole range. The file is TOML, made to be read and changed;
    workbench data validate checks data against it, and its help shows what else a file can demand.

    Examples:
      workbench data schema data/train.parquet -o schema.toml
      workbench data schema transactions@v3
    """
    import os

    from workbench.data.inference import infer_schema
    from workbench.data.profiles import profile

    if output is not None and os.path.exists(output) and not force:
        raise InputError(f"{output} is there already", "--force replaces it, and what people wrote into it")
    named = named_data(data)
    with console.waiting(f"looking into {named.shown}"):
        text = infer_schema(profile(named.path, **reading_options(named, input_format, null)), named.shown)
    with console.data_file(output) as file:
        file.write(text)
