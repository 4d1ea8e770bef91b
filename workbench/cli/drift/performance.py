"""`workbench drift performance`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.base.errors import InputError
from workbench.cli import console, emit
from workbench.cli.drift.options import MarkdownOption, found_current
from workbench.cli.options import FormatOption, JsonOption, OutputOption
from workbench.output import terminal

if TYPE_CHECKING:
    from workbench.drift.performance.roles import Roles


def performance(
    current: Annotated[
        str, typer.Argument(metavar="CURRENT", help="Rows with predictions: file, folder, pattern, NAME@v3.")
    ],
    prediction: Annotated[str, typer.Option("--prediction", metavar="COLUMN", help="What the model said.")],
    label: Annotated[str, typer.Option("--label", metavar="COLUMN", help="What turned out to be true.")] = "label",
    score: Annotated[
        list[str] | None,
        typer.Option(
            "--score", metavar="COLUMN|CLASS=COLUMN", help="Probability of the positive class, or of each class."
        ),
    ] = None,
    positive: Annotated[
        str | None, typer.Option("--positive", metavar="CLASS", help="The positive class of two; 1 or true.")
    ] = None,
    labels: Annotated[
        str | None, typer.Option("--labels", metavar="FILE", help="Labels that came later; needs --key.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="COLUMN", help="Names a row, here and there; may be repeated.")
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option("--reference", "-r", metavar="REF", help="Rows with labels, which estimates are learnt from."),
    ] = None,
    problem: Annotated[
        str | None, typer.Option("--problem", metavar="P", help="binary, multiclass or regression; else values tell.")
    ] = None,
    weight: Annotated[
        str | None, typer.Option("--weight", metavar="COLUMN", help="How much each row counts; 1.")
    ] = None,
    window: Annotated[
        str | None, typer.Option("--window", metavar="W", help="Divide: size=1000, count=10 or period=1d.")
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", metavar="COLUMN", help="The times that period looks at.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="COLUMN", help="Also the rows of each value by themselves.")
    ] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    md: MarkdownOption = None,
) -> None:
    """Say how good a model is, with and without labels.

    Metrics are realised for the rows that have a label, each with its standard error. With a reference they are
    estimated for all rows: for classes from their probabilities (CBPE), for numbers from the errors that rows like
    them had (DLE). An estimate holds as long as its assumptions do, which are printed below it.

    Labels are a column of the data, or a file of keys and labels: the last one of a key counts.

    Examples:
      workbench drift performance log.parquet --prediction said --score p
      workbench drift performance log.parquet --prediction said --label paid \\
          --labels "labels/*.csv" --key request_id --window period=1d
      workbench drift performance today.csv --prediction price -r train.csv
      workbench drift performance log.csv --prediction said \\
          --score cat=p_cat --score dog=p_dog --score cow=p_cow --by country
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    if md == "-" and (form.name != "table" or form.path):
        raise InputError("--md - and another form both go to stdout", "name a file: --md FILE")
    if (labels is None) != (not key):
        raise InputError("--labels and --key belong together", "--labels FILE --key COLUMN")
    from workbench.drift.performance.measuring import performance as measured
    from workbench.drift.windows import Windows

    roles = _roles(label, prediction, score, positive, key, weight)
    windows = None if window is None else Windows.parsed(window, time)
    with console.waiting("measuring"):
        document = measured(
            found_current(current),
            roles,
            reference=None if reference is None else found_current(reference),
            labels=_labels(labels, roles),
            problem=problem,
            windows=windows,
            by=by,
        )
    _show(document, form, md)


def _roles(
    label: str,
    prediction: str,
    score: list[str] | None,
    positive: str | None,
    key: list[str] | None,
    weight: str | None,
) -> Roles:
    from workbench.drift.performance.roles import Roles

    pairs = [text.partition("=") for text in score or ()]
    if len(pairs) == 1 and not pairs[0][1]:
        return Roles(label, prediction, pairs[0][0], positive, key, weight)
    if any(not mark or not name or not column for name, mark, column in pairs):
        raise InputError("several scores are of one class each", "--score CLASS=COLUMN for each class")
    return Roles(label, prediction, {name: column for name, _, column in pairs} or None, positive, key, weight)


def _labels(path: str | None, roles: Roles) -> Any:
    if path is None:
        return None
    from workbench.drift.performance.labels import read_labels

    return read_labels(path, roles.keys, roles.label)


def _show(document: dict[str, Any], form: emit.Form, markdown: str | None) -> None:
    from workbench.output.performance_view import performance_lines, performance_records, write_markdown

    if form.name == "json":
        emit.emit_document(document, form.path)
    elif form.name == "table" and form.path is None:
        if markdown != "-":
            console.draw(performance_lines(document, width=console.drawing_width()))
    else:
        emit.emit_rows(form, *performance_records(document))
    if markdown is not None:
        with console.data_file(None if markdown == "-" else markdown) as file:
            write_markdown(document, file)
    if form.name == "table" and terminal.is_terminal(sys.stderr):
        for side in ("reference", "current"):
            for said in (document[side] or {}).get("notes", ()):
                console.note(f"note: {side}: {said}")
