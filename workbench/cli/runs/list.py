"""`workbench runs list`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import FilterError, InputError
from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption
from workbench.output.run_table import table_of

if TYPE_CHECKING:
    from workbench.store.runs import RunPage, RunQuery

TABLE_ROWS = 50
"""Rows of a table where -n does not say: a table is for looking at."""


def list_(
    experiment: Annotated[
        str | None, typer.Option("-e", "--experiment", metavar="NAME", help="Only runs of this experiment.")
    ] = None,
    where: Annotated[str | None, typer.Option("-w", "--where", metavar="FILTER", help="Only runs that fit.")] = None,
    sort: Annotated[
        list[str] | None,
        typer.Option("-s", "--sort", metavar="[-]COLUMN", help="Sort by a column, - for descending; may be repeated."),
    ] = None,
    column: Annotated[
        list[str] | None, typer.Option("-c", "--column", metavar="COLUMN", help="Show this column; may be repeated.")
    ] = None,
    limit: Annotated[
        int | None, typer.Option("-n", "--limit", metavar="N", help="At most N runs, 0 for all. A table shows 50.")
    ] = None,
    deleted: Annotated[bool, typer.Option("--deleted", help="Show the trash instead.")] = False,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List runs, newest first.

    FILTER is made of comparisons with AND, OR, NOT and parentheses:

      metrics.auc > 0.9 AND (params.model = 'gbm' OR tags.kind LIKE 'base%')
      attributes.status IN ('finished', 'running') AND tags.kind IS NOT NULL
      best(metrics.loss) < 0.2 AND attributes.started_at > '2026-11-01'

    A key is attributes.NAME, params.NAME, metrics.NAME (its last value) or tags.NAME; odd characters go in
    backticks: metrics.`val loss`. Comparisons are = != < <= > >= LIKE ILIKE IN and IS NULL.

    COLUMN is such a key, the bare name where only one thing has it, or one number for a metric: max(auc), min(loss),
    first(loss), last(loss), mean(loss), step(min(loss)). It may be named: "min(loss) as best".

    Examples:
      workbench runs list -e fraud -s -auc -n 10
      workbench runs list -w "params.model = 'gbm' AND metrics.auc > 0.9"
      workbench runs list -c name -c lr -c "max(auc)" --format csv -o runs.csv
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    if limit is not None and limit < 0:
        raise InputError("-n is the number of runs to list", "-n 0 lists all")
    store = session.store()
    from workbench.store.overview import marked_runs
    from workbench.store.runs import RunQuery, list_runs, run_documents

    query = RunQuery(
        where=where,
        experiment=experiment,
        sort=tuple(sort or ()),
        columns=tuple(column or ()),
        limit=(TABLE_ROWS if limit is None and form.name == "table" else limit) or None,
        deleted=deleted,
    )
    as_documents = form.name == "json" and not column
    try:
        with session.reading(store) as db:
            found = run_documents(db, None, query) if as_documents else list_runs(db, query)
            marked = marked_runs(db) if form.name == "table" and not column else {}
    except FilterError as error:
        error.hint = error.hint or "workbench runs list --help shows the filter language"
        raise
    if isinstance(found, list):
        emit.emit_document(found, form.path)
    else:
        _emit_page(form, found, query, marked)


def _emit_page(form: emit.Form, page: RunPage, query: RunQuery, marked: Mapping[str, tuple[bool, bool]]) -> None:
    for notice in page.notices:
        console.note(f"note: {notice}")
    if form.name in ("table", "md"):
        names, rows, columns = table_of(page, chosen=bool(query.columns), sort=query.sort, marked=marked)
        emit.emit_rows(form, names, rows, columns)
    else:
        emit.emit_rows(form, page.columns, page.rows)
    if form.name == "table" and len(page.rows) < page.total:
        console.note(f"{format_number(len(page.rows))} of {format_number(page.total)} runs; -n 0 lists all")
    elif form.name == "table" and not page.rows:
        console.note(_why_empty(query))


def _why_empty(query: RunQuery) -> str:
    if query.deleted:
        return "the trash is empty"
    if query.where or query.experiment:
        return "no run fits"
    return "no runs yet; next: workbench run -- python train.py, or workbench demo"
