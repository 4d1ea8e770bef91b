"""`workbench runs metrics`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from workbench.base.clock import iso_utc
from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption, RunArgument


def metrics(
    run: RunArgument,
    keys: Annotated[list[str] | None, typer.Argument(metavar="[KEY]...", help="Metrics; all where left out.")] = None,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """Print the metrics of a run, point by point.

    A table without KEY has one line for each metric, with its last, least and greatest value. Every other form has
    every point.

    Examples:
      workbench runs metrics @latest
      workbench runs metrics brave-otter loss auc --format csv -o curves.csv
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    store = session.store()
    from workbench.output.table import Column
    from workbench.store.metrics import history, summaries
    from workbench.store.runs import resolve_run

    with session.reading(store) as db:
        uid = resolve_run(db, run, deleted=True)
        if not keys and form.name == "table":
            summary = summaries(db, uid)
        else:
            summary = None
            points = history(db, [uid], keys or None)[uid]
    if summary is not None:
        names = ["metric", "points", "last", "at step", "min", "max", "mean"]
        columns = [Column(name, "number" if name != "metric" else "text") for name in names]
        rows = [[one.name, one.points, one.last, one.last_step, one.min, one.max, one.mean] for one in summary]
        emit.emit_rows(form, names, rows, columns)
        if not rows:
            console.note("the run logged no metrics")
    elif form.name == "json":
        series = {
            key: [{"step": step, "value": value, "time": iso_utc(time_us)} for step, value, time_us in values]
            for key, values in points.items()
        }
        emit.emit_document({"run_id": uid, "metrics": series}, form.path)
    else:
        names = ["key", "step", "time", "value"]
        columns = [Column("key"), Column("step", "number"), Column("time", "time"), Column("value", "number")]
        points_of = [(key, *point) for key, values in points.items() for point in values]
        lines = [[key, step, _moment(time_us), value] for key, step, value, time_us in points_of]
        emit.emit_rows(form, names, lines, columns)


def _moment(time_us: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)
