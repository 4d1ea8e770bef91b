"""`workbench monitor show`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import InputError, NotFoundError
from workbench.cli import console, emit, session
from workbench.cli.drift.options import ColumnOption
from workbench.cli.monitor.options import MonitorArgument
from workbench.cli.options import JsonOption


def show(
    name: MonitorArgument,
    window: Annotated[
        str | None, typer.Option("--window", metavar="W", help="One window in full: its name, or @latest.")
    ] = None,
    column: ColumnOption = None,
    limit: Annotated[int, typer.Option("-n", "--limit", metavar="N", help="So many windows; 30.")] = 30,
    all_: Annotated[
        bool, typer.Option("--all", help="Every column of the window, not only those worth a look.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show a monitor over its windows, or one window in full.

    With -c, what the windows found of a column; together with --window, the column in full.

    Examples:
      workbench monitor show fraud
      workbench monitor show fraud --window 2026-11-03
      workbench monitor show fraud -c amount
    """
    if limit < 1:
        raise InputError("-n is the number of windows to show", "-n 30")
    from workbench.base.clock import now_us
    from workbench.drift.monitors.monitor import find_monitor
    from workbench.drift.monitors.reporting import column_over, monitor_document, window_document
    from workbench.output.drift_history import column_table
    from workbench.output.drift_view import column_lines
    from workbench.output.monitor_view import monitor_lines, one_window_lines

    width = console.drawing_width()
    with session.reading() as db:
        monitor = find_monitor(db, name)
        if window is not None:
            document = window_document(db, monitor, None if window == "@latest" else window)
        elif column:
            found = [row for one in column for row in column_over(db, monitor, one, limit)]
        else:
            document = monitor_document(db, monitor, now_us(), windows=limit)
    if column and window is None:
        _require(column, [row["column"] for row in found], name)
        if json:
            emit.emit_document(found)
        else:
            emit.emit_rows(emit.Form("table", None), *column_table(found))
        return
    if column:
        _require(column, [one["column"] for one in document["columns"]], name)
        document = {**document, "columns": [one for one in document["columns"] if one["column"] in column]}
    if json:
        emit.emit_document(document)
    elif column:
        console.draw(line for one in document["columns"] for line in column_lines(one, width=width))
    elif window is not None:
        console.draw(one_window_lines(document, width=width, everything=all_))
    else:
        console.draw(monitor_lines(document, width=width))


def _require(wanted: list[str], there: list[str], name: str) -> None:
    for column in wanted:
        if column not in there:
            raise NotFoundError(f"no window of {name} has a column {column!r}", f"workbench monitor show {name}")
