"""`workbench import csv`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import console, session
from workbench.cli.import_.outcome import ExperimentOption, progress, tell
from workbench.cli.options import DryRunOption, JsonOption

if TYPE_CHECKING:
    from workbench.interop.csv.columns import Plan

ColumnsOption = list[str] | None


def csv(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A table with the names of its columns in line 1.")],
    experiment: ExperimentOption = None,
    name: Annotated[str | None, typer.Option("--name", metavar="COLUMN", help="The column of the runs' names.")] = None,
    run: Annotated[
        str | None, typer.Option("--run", metavar="COLUMN", help="The column that tells runs apart.")
    ] = None,
    param: Annotated[
        ColumnsOption, typer.Option("--param", metavar="COLUMN", help="A parameter; may be repeated.")
    ] = None,
    metric: Annotated[
        ColumnsOption, typer.Option("--metric", metavar="COLUMN", help="A metric; may be repeated.")
    ] = None,
    tag: Annotated[ColumnsOption, typer.Option("--tag", metavar="COLUMN", help="A tag; may be repeated.")] = None,
    step: Annotated[
        str | None, typer.Option("--step", metavar="COLUMN", help="The column of steps: a row is a step of a run.")
    ] = None,
    time: Annotated[str | None, typer.Option("--time", metavar="COLUMN", help="The column of times.")] = None,
    separator: Annotated[
        str | None, typer.Option("--separator", metavar="C", help="What separates cells; guessed from line 1.")
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Bring in a table of results.

    It has a row for each run, or a row for each step of a run.

    What a column is, the first that fits decides: an option; a prefix (params. metrics. tags. attributes.); a name of
    ours (run_id, name, experiment, status, started_at, ended_at, duration_s, note, step, time). Of the other columns,
    in a table with steps numbers are metrics and texts parameters. Without steps, numbers with a word for a measure
    in their name (loss, auc, f1 …) are metrics, and the rest parameters. --dry-run shows it.

    Reads what workbench runs list --format csv and workbench runs metrics --format csv write. Again, it brings what is
    new since.

    Examples:
      workbench import csv sweep.csv --dry-run
      workbench import csv sweep.csv --name trial --metric profit -e sweep
      workbench import csv history.csv --run seed --step epoch
    """
    project = session.project()
    from workbench.interop.csv.columns import Choices
    from workbench.interop.csv.runs import find_table_runs
    from workbench.interop.csv.table import read_table
    from workbench.interop.importing import import_runs

    choices = Choices(name, run, step, time, tuple(param or ()), tuple(metric or ()), tuple(tag or ()))
    with progress() as show:
        table = read_table(file, separator)
        plan, sources = find_table_runs(table, choices, experiment)
        report = import_runs(project, "csv", file, sources, dry_run=dry_run, progress=show)
    if not json:
        for line in _described(plan):
            (console.out if dry_run else console.note)(line)
    return tell(report, [], json=json, dry_run=dry_run, more={"columns": _document(plan)})


def _document(plan: Plan) -> dict[str, object]:
    return {
        "params": plan.params,
        "metrics": plan.metrics,
        "tags": plan.tags,
        "attributes": plan.attributes,
        "step": plan.step,
        "time": plan.time,
        "key": plan.key,
        "value": plan.value,
        "left_out": plan.left_out,
    }


def _described(plan: Plan) -> list[str]:
    lines = []
    for what, columns in (("params", plan.params), ("metrics", plan.metrics), ("tags", plan.tags)):
        if columns:
            lines.append(f"{what:<10}  {', '.join(columns)}")
    if plan.key is not None:
        lines.append(f"{'metrics':<10}  {plan.value} of each {plan.key}")
    known = dict(plan.attributes)
    known |= {what: column for what, column in (("step", plan.step), ("time", plan.time)) if column is not None}
    if known:
        shown = [what if column == what else f"{what} from {column}" for what, column in known.items()]
        lines.append(f"{'known':<10}  {', '.join(shown)}")
    if plan.left_out:
        lines.append(f"{'left out':<10}  {', '.join(plan.left_out)}")
    return lines
