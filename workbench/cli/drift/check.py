"""`workbench drift check`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.base.errors import ExitCode, InputError
from workbench.cli import console, emit, session
from workbench.cli.drift.options import (
    ColumnOption,
    HtmlOption,
    IgnoreOption,
    JunitOption,
    KindOption,
    MarkdownOption,
    PrometheusOption,
    check_options,
    found_current,
    found_reference,
    write_reports,
)
from workbench.cli.options import FormatOption, JsonOption, OutputOption
from workbench.output import terminal

if TYPE_CHECKING:
    from workbench.drift.options import Options


def check(
    reference: Annotated[
        str,
        typer.Option("--reference", "-r", metavar="REF", help="File, baseline, NAME@v3, run:RUN, model:NAME@ALIAS."),
    ],
    current: Annotated[str, typer.Option("--current", metavar="DATA", help="File, folder, pattern or NAME@v3.")],
    column: ColumnOption = None,
    ignore: IgnoreOption = None,
    kind: KindOption = None,
    test: Annotated[
        list[str] | None,
        typer.Option("--test", metavar="TEST|COLUMN=TEST", help="Of a column, of a kind of columns, or of all."),
    ] = None,
    threshold: Annotated[
        list[str] | None,
        typer.Option("--threshold", metavar="N|COLUMN=N", help="The least effect that is drift, likewise."),
    ] = None,
    alpha: Annotated[float | None, typer.Option("--alpha", metavar="P", help="Of all tests together; 0.01.")] = None,
    correction: Annotated[
        str | None, typer.Option("--correction", metavar="METHOD", help="holm (as it is), bonferroni, bh or none.")
    ] = None,
    min_rows: Annotated[
        int | None, typer.Option("--min-rows", metavar="N", help="With fewer values a column is not judged; 30.")
    ] = None,
    share: Annotated[
        float | None, typer.Option("--share", metavar="S", help="The data drifts from this share of columns on.")
    ] = None,
    preset: Annotated[
        str | None, typer.Option("--preset", metavar="NAME", help="evidently: its tests, thresholds and verdicts.")
    ] = None,
    by: Annotated[
        str | None, typer.Option("--by", metavar="COLUMN", help="Compare the rows of each value with their like.")
    ] = None,
    window: Annotated[
        str | None, typer.Option("--window", metavar="W", help="Divide: size=1000, count=10 or period=1d.")
    ] = None,
    time: Annotated[
        str | None, typer.Option("--time", metavar="COLUMN", help="The times that period looks at.")
    ] = None,
    multivariate: Annotated[bool, typer.Option("--multivariate", help="Also compare all columns together.")] = False,
    fail_on_drift: Annotated[bool, typer.Option("--fail-on-drift", help="Exit with 1 where there is drift.")] = False,
    save: Annotated[bool, typer.Option("--save", help="Keep the result in the project.")] = False,
    name: Annotated[str | None, typer.Option("--name", metavar="NAME", help="What it is kept as.")] = None,
    all_: Annotated[bool, typer.Option("--all", help="Show every column, not only those worth a look.")] = False,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
    md: MarkdownOption = None,
    html: HtmlOption = None,
    junit: JunitOption = None,
    prometheus: PrometheusOption = None,
) -> int:
    """Compare current data with a reference.

    A column drifts where three things hold: the p-value, corrected for all tests, is below alpha; the effect is at
    least its threshold; and it is larger than what chance makes of so few rows. Missing values are compared as well;
    values that are new, gone or out of range beyond chance are a warning, and so is a column that one side lacks.

    Tests: wasserstein, ks, psi, jensenshannon, hellinger, kl_div, tvd, l_infinity, chisquare, z; text; epoch, weekday
    and hour of times; none. Instead of a column the kinds numeric, categorical, boolean, text and datetime may be
    named. With --window, --reference may also be previous or last-year.

    Examples:
      workbench drift check -r train.parquet --current today.parquet
      workbench drift check -r transactions@v3 --current today.csv --html a.html
      workbench drift check -r run:@latest --current log.parquet --test amount=ks
      workbench drift check -r previous --current log.csv --window period=1d
      workbench drift check -r train.csv --current new.csv --preset evidently
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    if md == "-" and (form.name != "table" or form.path):
        raise InputError("--md - and another form both go to stdout", "name a file: --md FILE")
    if save:
        session.project()
    options = check_options(
        columns=column, ignore=ignore, kinds=kind, tests=test, thresholds=threshold, preset=preset, alpha=alpha,
        correction=correction, min_rows=min_rows, share=share, multivariate=multivariate,
    )  # fmt: skip
    found = found_reference(reference)
    with console.waiting("comparing"):
        document = _compared(found, found_current(current), options, by, window, time)
    if save:
        from workbench.drift.history import save_check

        document["id"] = save_check(session.project(), document, name=name or "", version=found.version)
    _show(document, form, md, everything=all_)
    write_reports(document, markdown=md, html=html, junit=junit, prometheus=prometheus)
    if save and form.name == "table":
        console.note(f"kept: workbench drift show {document['id'][:8]}")
    return ExitCode.NO if fail_on_drift and document["dataset_drift"] else ExitCode.DONE


def _compared(
    found: Any, current: Any, options: Options, by: str | None, window: str | None, time: str | None
) -> dict[str, Any]:
    if by is not None and window is not None:
        raise InputError("--by and --window cannot be used together", "leave one of them out")
    if window is not None:
        from workbench.drift.windows import Windows, check_windows

        return check_windows(found.reference, current, Windows.parsed(window, time), options)
    if isinstance(found.reference, str):
        raise InputError("a reference that is another window needs windows", "--window period=1d")
    if by is not None:
        from workbench.drift.segments import check_segments

        return check_segments(found.reference, current, by, options)
    from workbench.drift.check import check

    return check(found.reference, current, options)


def _show(document: dict[str, Any], form: emit.Form, markdown: str | None, *, everything: bool) -> None:
    from workbench.output.drift_view import drift_lines, drift_records

    if form.name == "json":
        emit.emit_document(document, form.path)
    elif form.name == "table" and form.path is None:
        if markdown != "-":
            console.draw(drift_lines(document, width=console.drawing_width(), everything=everything))
    else:
        emit.emit_rows(form, *drift_records(document))
    if form.name == "table" and terminal.is_terminal(sys.stderr):
        for side in ("reference", "current"):
            for said in document[side].get("notes", ()):
                console.note(f"note: {side}: {said}")
