"""`workbench runs plot`."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from workbench.base.errors import InputError
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption, RunsArgument
from workbench.cli.runs.chosen import chosen_runs

CHART_ROWS = 16
MAX_CHARTS = 4
POINTS_PER_COLUMN = 2


def plot(
    runs: RunsArgument,
    metric: Annotated[
        list[str] | None,
        typer.Option("-m", "--metric", metavar="KEY", help="A metric, one chart each; may be repeated."),
    ] = None,
    x: Annotated[Literal["step", "time"], typer.Option("--x", help="What runs to the right.")] = "step",
    log_y: Annotated[bool, typer.Option("--log-y", help="Logarithmic values.")] = False,
    smooth: Annotated[float, typer.Option("--smooth", metavar="WEIGHT", help="Smoothing from 0 to below 1.")] = 0.0,
    width: Annotated[
        int | None, typer.Option("--width", metavar="COLUMNS", help="Width; the terminal's by default.")
    ] = None,
    height: Annotated[int, typer.Option("--height", metavar="ROWS", help="Height of a chart.")] = CHART_ROWS,
    json: JsonOption = False,
) -> None:
    """Draw metrics of runs in the terminal.

    The runs are drawn over each other, one chart for each metric. Without -m the first metrics of the first run are
    drawn.

    Examples:
      workbench runs plot @latest
      workbench runs plot quiet-lynx brave-otter -m loss --log-y
      workbench runs plot @latest -m loss --width 60 > loss.txt
    """
    if not 0 <= smooth < 1:
        raise InputError("--smooth is a weight from 0 to below 1", "--smooth 0.6")
    columns = console.drawing_width() if width is None else width
    if columns < 20 or height < 4:
        raise InputError("a chart needs 20 columns and 4 rows", "--width 80 --height 16")
    found = chosen_runs(runs, deleted=True)
    store = session.store()
    from workbench.store.curves import curves
    from workbench.store.metrics import metric_names

    uids = [run.uid for run in found]
    names = {run.uid: run.name for run in found}
    with session.reading(store) as db:
        keys = metric or [key for key in metric_names(db, uids[0]) if not key.startswith("system/")][:MAX_CHARTS]
        drawn = {key: curves(db, uids, key, width=columns * POINTS_PER_COLUMN, x=x) for key in keys}
    if json:
        series = {
            key: [
                {"run_id": one.uid, "xs": one.xs, "lows": one.lows, "highs": one.highs, "lasts": one.lasts}
                for one in curves_of_key
            ]
            for key, curves_of_key in drawn.items()
        }
        emit.emit_document({"x": x, "metrics": series})
        return
    if not keys:
        console.note(f"{found[0]} has no metrics")
    from workbench.plot.chart import Series, draw_chart

    for key, curves_of_key in drawn.items():
        chart = draw_chart(
            [Series.from_curve(names[one.uid], one) for one in curves_of_key],
            width=columns,
            height=height,
            title=key if len(found) > 1 else f"{key}  {found[0].name}",
            x=x,
            log_y=log_y,
            smoothing=smooth,
            ascii=console.ascii_only(),
        )
        console.draw(chart.lines)
