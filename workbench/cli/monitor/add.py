"""`workbench monitor add`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Annotated, Any

import typer

from workbench.base.errors import InputError
from workbench.base.numbers import format_number
from workbench.cli import console, session
from workbench.cli.drift.options import ColumnOption, IgnoreOption, KindOption, pairs
from workbench.cli.models.options import complete_version
from workbench.cli.monitor.options import who
from workbench.output.cells import visible


def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What it is to be called.")],
    source: Annotated[
        str | None, typer.Option("--source", metavar="SRC", help="deployment:NAME, a file, a folder or a pattern.")
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            "--model", metavar="VERSION", help="NAME@ALIAS or NAME/3: whose it is.", autocompletion=complete_version
        ),
    ] = None,
    reference: Annotated[
        str | None,
        typer.Option("--reference", "-r", metavar="REF", help="As for drift check; else the model's training data."),
    ] = None,
    every: Annotated[str | None, typer.Option("--every", metavar="T", help="Windows of time: 6h, 1d, 1w, 1mo.")] = None,
    rows: Annotated[int | None, typer.Option("--rows", metavar="N", help="Windows of N rows.")] = None,
    whole: Annotated[bool, typer.Option("--whole", help="All of the source, whenever it has changed.")] = False,
    time: Annotated[str | None, typer.Option("--time", metavar="COLUMN", help="The times of the rows.")] = None,
    column: ColumnOption = None,
    ignore: IgnoreOption = None,
    kind: KindOption = None,
    test: Annotated[
        list[str] | None, typer.Option("--test", metavar="TEST|COLUMN=TEST", help="As for drift check.")
    ] = None,
    threshold: Annotated[
        list[str] | None, typer.Option("--threshold", metavar="N|COLUMN=N", help="The least effect that is drift.")
    ] = None,
    alpha: Annotated[float | None, typer.Option("--alpha", metavar="P", help="Of all tests together; 0.01.")] = None,
    correction: Annotated[
        str | None, typer.Option("--correction", metavar="METHOD", help="holm, bonferroni, bh or none.")
    ] = None,
    min_rows: Annotated[
        int | None, typer.Option("--min-rows", metavar="N", help="With fewer values nothing is judged; 30.")
    ] = None,
    share: Annotated[
        float | None, typer.Option("--share", metavar="S", help="A window drifts from this share of columns on.")
    ] = None,
    preset: Annotated[str | None, typer.Option("--preset", metavar="NAME", help="evidently.")] = None,
    label: Annotated[str | None, typer.Option("--label", metavar="COLUMN", help="What turned out to be true.")] = None,
    prediction: Annotated[
        str | None, typer.Option("--prediction", metavar="COLUMN", help="What the model said.")
    ] = None,
    score: Annotated[
        list[str] | None,
        typer.Option(
            "--score", metavar="COL|CLASS=COL", help="The probability; of each class where there are several."
        ),
    ] = None,
    positive: Annotated[str | None, typer.Option("--positive", metavar="VALUE", help="The positive class.")] = None,
    problem: Annotated[
        str | None, typer.Option("--problem", metavar="P", help="binary, multiclass or regression.")
    ] = None,
    key: Annotated[
        list[str] | None, typer.Option("--key", metavar="COLUMN", help="What labels are joined by; of a log its rid.")
    ] = None,
    minimum: Annotated[
        list[str] | None, typer.Option("--min", metavar="METRIC=N", help="Below it the performance is bad.")
    ] = None,
    maximum: Annotated[
        list[str] | None, typer.Option("--max", metavar="METRIC=N", help="Above it the performance is bad.")
    ] = None,
    min_coverage: Annotated[
        float | None, typer.Option("--min-coverage", metavar="S", help="Labelled rows that such a verdict needs; 0.5.")
    ] = None,
    after: Annotated[
        int | None, typer.Option("--after", metavar="K", help="Windows in a row with drift that raise an alert; 1.")
    ] = None,
    clear: Annotated[
        int | None, typer.Option("--clear", metavar="K", help="Windows in a row without that clear it; 1.")
    ] = None,
    cooldown: Annotated[
        str | None, typer.Option("--cooldown", metavar="T", help="No command again so soon after one: 1d.")
    ] = None,
    grace: Annotated[
        str | None, typer.Option("--grace", metavar="T", help="A window is closed so long after its end; 1h, or 1m.")
    ] = None,
    on_alert: Annotated[
        str | None, typer.Option("--on-alert", metavar="CMD", help="Run once for each alert, in a shell.")
    ] = None,
    on_clear: Annotated[bool, typer.Option("--on-clear", help="Run it for each alert that is cleared, too.")] = False,
    again: Annotated[bool, typer.Option("--again", help="There is one already: store it anew.")] = False,
) -> None:
    """Register a monitor, and store what it compares with.

    Without options it is what [monitors.NAME] in workbench.toml says. A prediction log, and data with one column of
    times, is divided into days; other data is one window. The reference is read once; later runs need what is stored.

    An alert's command gets the alert as JSON on stdin, and WORKBENCH_MONITOR, WORKBENCH_MODEL, WORKBENCH_WINDOW and
    WORKBENCH_COLUMNS; it is ended after a minute.

    Examples:
      workbench monitor add fraud --model fraud@champion --source deployment:fraud
      workbench monitor add sales -r train.csv --source "logs/*.csv" --time sold_at
      workbench monitor add fraud --again
    """
    from workbench.drift.monitors.registering import register
    from workbench.drift.monitors.settings import Settings
    from workbench.drift.monitors.toml import declared_one

    project = session.project()
    given: dict[str, Any] = {
        "source": source and _below_root(source), "model": model, "reference": reference, "every": every, "rows": rows,
        "whole": whole or None, "time": time, "columns": _several(column), "ignore": _several(ignore),
        "kinds": pairs(kind, "--kind", alone=False), "tests": pairs(test, "--test"),
        "thresholds": _numbers(threshold, "--threshold"), "alpha": alpha, "correction": correction,
        "min_rows": min_rows, "share": share, "preset": preset, "label": label, "prediction": prediction,
        "score": pairs(score, "--score"), "positive": positive, "problem": problem, "key": _several(key),
        "min": _numbers(minimum, "--min", alone=False), "max": _numbers(maximum, "--max", alone=False),
        "min_coverage": min_coverage, "after": after, "clear": clear, "cooldown": cooldown, "grace": grace,
        "on_alert": on_alert, "on_clear": on_clear or None,
    }  # fmt: skip
    said = {option: value for option, value in given.items() if value not in (None, (), {})}
    settings = Settings(**{"source": "", **said}) if said else declared_one(project, name)
    with console.waiting("reading"):
        done = register(project, session.reading, name, settings, who(), again=again)
    monitor = done.monitor
    shown = visible(monitor.reference.shown)
    console.out(
        f"{'added' if done.is_new else 'stored anew:'} {name}: {visible(monitor.settings.source)}, "
        f"{_windows(monitor.divided)}, against {shown} ({format_number(monitor.reference.rows)} rows)"
    )
    for note in done.notes:
        console.note(f"note: {visible(note)}")
    console.note(f"next: workbench monitor run {name}; workbench monitor schedule prints a line for cron")


def _windows(divided: str) -> str:
    if divided == "whole":
        return "whole"
    return f"windows of {divided.removeprefix('rows=')} rows" if divided.startswith("rows=") else f"every {divided}"


def _below_root(source: str) -> str:
    """A path of this folder as seen from the project's root, where cron runs it."""
    if ":" in source.partition("/")[0] or os.path.isabs(source) or source.startswith("~"):
        return source
    return os.path.relpath(os.path.abspath(source), session.project().root)


def _several(given: Sequence[str] | None) -> tuple[str, ...]:
    return tuple(given or ())


def _numbers(given: Sequence[str] | None, option: str, *, alone: bool = True) -> dict[str, float]:
    found = {}
    for name, value in pairs(given, option, alone=alone).items():
        try:
            found[name] = float(value)
        except ValueError:
            raise InputError(f"{option} {value!r} is no number", f"{option} NAME=0.2") from None
    return found
