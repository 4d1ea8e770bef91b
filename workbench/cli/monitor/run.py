"""`workbench monitor run`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.base.errors import ExitCode, InputError
from workbench.cli import console, emit, session
from workbench.cli.drift.options import HtmlOption, JunitOption, MarkdownOption, PrometheusOption
from workbench.cli.monitor.options import complete_monitor
from workbench.cli.options import JsonOption


def run(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME...]", help="Which ones; all of them.", autocompletion=complete_monitor),
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Only those whose next window has closed; else silent.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Also windows that have a result.")] = False,
    since: Annotated[
        str | None, typer.Option("--since", metavar="TIME", help="No window that begins earlier, from now on.")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="TIME", help="As if it were that time, UTC.")] = None,
    fail_on_drift: Annotated[bool, typer.Option("--fail-on-drift", help="Exit with 1 where there is drift.")] = False,
    json: JsonOption = False,
    md: MarkdownOption = None,
    html: HtmlOption = None,
    junit: JunitOption = None,
    prometheus: PrometheusOption = None,
) -> int:
    """Look at every window that is closed and has no result.

    However often it is called, each window has one result: let cron call it. A monitor that cannot be run does not keep
    the others from running; the exit status is that of the worst. --fail-on-drift looks at the windows of this run, and
    at the newest one of each monitor.

    Examples:
      workbench monitor run --due
      workbench monitor run fraud --fail-on-drift --md summary.md
      workbench monitor run fraud --since 2026-11-01 --until 2026-11-08
    """
    from workbench.base.clock import now_us
    from workbench.drift.monitors.documents import outcome_document
    from workbench.drift.monitors.monitor import find_monitor, monitors
    from workbench.drift.monitors.running import Asked
    from workbench.drift.monitors.running import run as run_one
    from workbench.drift.periods import moment_us
    from workbench.output.monitor_run import outcome_lines

    if md == "-" and json:
        raise InputError("--md - and --json both go to stdout", "name a file: --md FILE")
    asked = Asked(
        now_us=moment_us(until) if until else now_us(),
        since_us=moment_us(since) if since else None,
        again=again,
        due=due,
    )
    project = session.project()
    with session.reading() as db:
        chosen = [find_monitor(db, name) for name in dict.fromkeys(names)] if names else monitors(db)
    if not chosen and not due:
        console.note("no monitors yet; next: workbench monitor add NAME --source SRC --model NAME@ALIAS")
    outcomes = []
    for monitor in chosen:
        with console.waiting(f"looking at {monitor.name}"):
            outcome = run_one(project, session.reading, monitor, asked)
        if outcome is None:
            continue
        outcomes.append(outcome)
        if not json and md != "-":
            console.draw(outcome_lines(outcome_document(outcome), width=console.drawing_width()))
        if outcome.error is not None:
            console.error(f"{monitor.name}: {outcome.error.message}", [], outcome.error.hint)
        for ran in outcome.hooks:
            if ran.outcome in ("failed", "timeout"):
                console.error(f"{monitor.name}: the command of its alert failed: {ran.detail}", [], None)
    _say_differences(project, [one.monitor for one in outcomes])
    documents = [outcome_document(one) for one in outcomes]
    if json:
        emit.emit_document(documents)
    if outcomes:
        _write_reports(project, [one.monitor for one in outcomes if not one.error], md, html, junit, prometheus)
    return _status(outcomes, fail_on_drift)


def _status(outcomes: list[Any], fail_on_drift: bool) -> int:
    """The exit status of the worst that happened."""
    found = [int(one.error.exit_code) for one in outcomes if one.error is not None]
    hooks = [ran for one in outcomes for ran in one.hooks]
    found += [int(ExitCode.TOOL)] if any(ran.outcome in ("failed", "timeout") for ran in hooks) else []
    found += [int(ExitCode.NO)] if fail_on_drift and any(one.drifted for one in outcomes) else []
    return max(found, default=int(ExitCode.DONE))


def _say_differences(project: Any, chosen: list[Any]) -> None:
    """Say where workbench.toml, or what an alias means, is another thing than what is registered."""
    if not chosen:
        return
    from workbench.drift.monitors.standing import changes

    with session.reading() as db:
        said = changes(db, project, chosen)
    for name, what in said:
        console.note(f"note: {name}: {what}; workbench monitor add {name} --again stores it anew")


def _write_reports(
    project: Any, chosen: list[Any], md: str | None, html: str | None, junit: str | None, prometheus: str | None
) -> None:
    if not any((md, html, junit, prometheus)):
        return
    from workbench.cli.monitor.report import write_reports

    write_reports([one.name for one in chosen], md=md, html=html, junit=junit, prometheus=prometheus)
