"""What `import tensorboard`, `wandb` and `csv` show: how far they are, and what they brought."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import ExitCode, InputError
from workbench.base.numbers import format_number
from workbench.cli import console, emit
from workbench.cli.import_.brought import showing_progress

if TYPE_CHECKING:
    from workbench.interop.importing import ImportReport

SHOWN_RUNS = 20
SHOWN_NOTES = 10

ExperimentOption = Annotated[
    str | None, typer.Option("-e", "--experiment", metavar="NAME", help="Put all runs into this experiment.")
]


@contextmanager
def progress() -> Iterator[Callable[[int, int, str], None]]:
    """A function that shows on a terminal's stderr how many runs are done."""
    with showing_progress("importing") as show:
        yield lambda done, total, label: show(done, total, 0)


def tell(
    report: ImportReport,
    failed: Sequence[tuple[str, str]],
    *,
    json: bool,
    dry_run: bool = False,
    more: Mapping[str, object] | None = None,
) -> int:
    """Show a report and return the exit status: that of wrong input where every source was skipped.

    Args:
        report: of the import.
        failed: `(source, reason)` of those that were skipped before it.
        json: print one document.
        dry_run: nothing was written.
        more: keys that the document has as well.

    Raises:
        InputError: without `json`, every source was skipped.
    """
    from workbench.interop.importing import Skipped

    report.skipped[:0] = [Skipped(source, reason) for source, reason in failed]
    nothing = bool(report.skipped) and not (report.new or report.updated or report.unchanged)
    if json:
        emit.emit_document({**asdict(report), "dry_run": dry_run, **(more or {})})
        return ExitCode.USAGE if nothing else ExitCode.DONE
    _note([f"skipped {one.source}: {one.reason}" for one in report.skipped[nothing:]])
    _note(report.notes)
    if nothing:
        first = report.skipped[0]
        raise InputError(f"nothing was imported: {first.source}: {first.reason}")
    listed = [("+", run) for run in report.new] + [("~", run) for run in report.updated]
    for mark, run in listed[:SHOWN_RUNS]:
        console.out(f"{mark} {run.run_id[:8]}  {run.name}  {_count(run.points, 'point')}")
    if len(listed) > SHOWN_RUNS:
        console.out(f"… and {format_number(len(listed) - SHOWN_RUNS)} more")
    brought = f"{_count(len(report.new), 'new run')}, {format_number(len(report.updated))} updated"
    kept = f"{format_number(len(report.unchanged))} unchanged"
    skipped = f", {format_number(len(report.skipped))} skipped" if report.skipped else ""
    would = "would be: " if dry_run else ""
    console.out(f"{would}{brought}, {kept}{skipped}; {_count(report.points, 'point')}")
    return ExitCode.DONE


def _note(lines: Sequence[str]) -> None:
    for line in lines[:SHOWN_NOTES]:
        console.note(line)
    if len(lines) > SHOWN_NOTES:
        console.note(f"… and {format_number(len(lines) - SHOWN_NOTES)} more of the kind; --json lists all")


def _count(number: int, what: str) -> str:
    return f"{format_number(number)} {what}{'s' * (number != 1)}"
