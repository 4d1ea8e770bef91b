"""`workbench data validate`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.base.errors import ExitCode
from workbench.cli import console, emit, session
from workbench.cli.data.options import (
    DataOrFileArgument,
    InputFormatOption,
    NullOption,
    named_data,
    reading_options,
)
from workbench.cli.options import JsonOption, complete_run


def validate(
    data: DataOrFileArgument,
    schema: Annotated[
        str, typer.Option("--schema", metavar="FILE", help="The rules; workbench data schema infers some.")
    ],
    environment: Annotated[
        str | None,
        typer.Option("--env", metavar="NAME", help="train, serving …: leave out rules of other environments."),
    ] = None,
    run: Annotated[
        str | None,
        typer.Option(
            "--run",
            metavar="RUN",
            help="Record the result as the run's tag data_validation.",
            autocompletion=complete_run,
        ),
    ] = None,
    junit: Annotated[str | None, typer.Option("--junit", metavar="FILE", help="Write JUnit XML to FILE.")] = None,
    markdown: Annotated[str | None, typer.Option("--markdown", metavar="FILE", help="Write Markdown to FILE.")] = None,
    no_mask: Annotated[
        bool, typer.Option("--no-mask", help="Show values of bad rows also where they look like personal data.")
    ] = False,
    input_format: InputFormatOption = None,
    null: NullOption = None,
    json: JsonOption = False,
) -> None:
    """Check data against a file of rules.

    Types, nulls, bounds, allowed values, patterns, lengths, uniqueness, numbers of rows, freshness, and conditions over
    several columns. Ends with 1 where a rule of the severity `error` is broken, with the first rows that break it;
    warnings are shown and do not count. Row 1 is the first one after the header.

    A file of rules:

      [columns.amount]
      type = "number"
      nulls = 0.01
      min = 0

      [columns.label]
      type = "integer"
      allowed = [0, 1]
      environments = ["train"]

      [[rules]]
      name = "paid after ordered"
      check = "paid_at >= ordered_at OR paid_at IS NULL"
      severity = "warning"

    Examples:
      workbench data validate data/new.parquet --schema schema.toml
      workbench data validate "logs/*.jsonl" --schema schema.toml --env serving
      workbench data validate new.csv --schema schema.toml --junit report.xml
      workbench data validate transactions --schema schema.toml --run brave-otter
    """
    from workbench.data.schemas import read_schema
    from workbench.data.validation import validate as check

    rules = read_schema(schema)
    uid = _run_id(run) if run is not None else None
    named = named_data(data)
    with console.waiting(f"checking {named.shown}"):
        document = {
            "data": named.shown,
            "schema": schema,
            **check(
                named.path,
                rules,
                environment=environment,
                mask=not no_mask,
                **reading_options(named, input_format, null),
            ),
        }
    if uid is not None:
        _record(uid, document)
    _write_reports(document, junit, markdown)
    if json:
        emit.emit_document(document)
    else:
        from workbench.output.validation_view import validation_lines

        console.draw(validation_lines(document, width=console.drawing_width()))
        for said in document["notes"]:
            console.note(f"note: {said}")
    if not document["passed"]:
        raise typer.Exit(ExitCode.NO)


def _run_id(reference: str) -> str:
    from workbench.store.runs import resolve_runs

    with session.reading() as db:
        return resolve_runs(db, [reference])[0]


def _record(uid: str, document: dict[str, Any]) -> None:
    from workbench.store.edits import set_tag

    outcome = "passed" if document["passed"] else "failed"
    set_tag(session.project(), uid, "data_validation", outcome)
    console.note(f"the run's tag data_validation is {outcome}")


def _write_reports(document: dict[str, Any], junit: str | None, markdown: str | None) -> None:
    from workbench.output.validation_reports import validation_junit, validation_markdown

    for path, make in ((junit, validation_junit), (markdown, validation_markdown)):
        if path is not None:
            with console.data_file(path) as file:
                file.write(make(document))
