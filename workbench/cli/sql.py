"""`workbench sql`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption


def sql(
    query: Annotated[str, typer.Argument(metavar="QUERY", help="A SELECT; - reads it from stdin.")],
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Ask the store a question in SQL.

    The views are runs, params, metrics, metric_summaries, tags, captures, artifacts, datasets, outputs, experiments,
    journals and gaps; run_id is the full id of a run, times are UTC. The dialect is DuckDB's. Nothing can be changed,
    and no other file can be read.

    Examples:
      workbench sql "SELECT name, status FROM runs ORDER BY started_at LIMIT 5"
      workbench sql "SELECT key, max(max) FROM metric_summaries GROUP BY key"
      workbench sql "FROM params" --format csv -o params.csv
      workbench sql "DESCRIBE runs"
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    text = sys.stdin.read() if query == "-" else query
    if not text.strip():
        raise InputError("the query is empty", 'workbench sql "SELECT name, status FROM runs"')
    store = session.store()
    from workbench.store.sql import ask

    names, rows = ask(store, text)
    for notice in store.notices:
        console.note(f"note: {notice}")
    emit.emit_rows(form, names, rows)
    if form.name == "table" and not rows:
        console.note("no rows")
