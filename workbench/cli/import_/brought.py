"""What `import mlflow` and `import bundle` show: how far they are, and what they brought."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from workbench.base.numbers import format_number, format_size
from workbench.cli import console, emit
from workbench.output import terminal

if TYPE_CHECKING:
    from workbench.interop.intake.records import Tally

_BAR_CELLS = 24
_SHOWN = 20


@contextmanager
def showing_progress(label: str) -> Iterator[Callable[[int, int, int], None]]:
    """A function that draws a bar on a terminal's stderr: runs done, runs in all, points so far."""
    ticker = console.Ticker() if terminal.is_terminal(sys.stderr) else None

    def show(done: int, total: int, points: int = 0) -> None:
        if ticker is not None and total:
            filled = _BAR_CELLS * done // total
            bar = "█" * filled + "░" * (_BAR_CELLS - filled)
            counted = f"  {format_number(points)} points" if points else ""
            ticker.show(f"{label} {bar} {format_number(done)}/{format_number(total)} runs{counted}")

    if ticker is not None:
        ticker.show(f"{label} …")
    try:
        yield show
    finally:
        if ticker is not None:
            ticker.clear()


def show_brought(
    document: Mapping[str, object],
    tally: Tally,
    beside: Mapping[str, int],
    notes: Sequence[str],
    *,
    source: str,
    changed: bool,
    json: bool,
) -> None:
    """Say what an import brought.

    Args:
        document: the report as JSON.
        beside: how much is new of what is no run, by its name in the singular.
        notes: what is not as it was at the source.
        changed: whether anything was new.
    """
    shown = [f"warning: {text}" for text in tally.warnings] + [f"note: {text}" for text in notes]
    for line in shown[:_SHOWN]:
        console.note(line)
    if len(shown) > _SHOWN:
        console.note(f"… and {format_number(len(shown) - _SHOWN)} more; --json lists all of them")
    if json:
        emit.emit_document(document)
        return
    dry_run = bool(document["dry_run"])
    counts = {
        "run": tally.new_runs,
        "point": tally.points,
        "artifact": tally.artifacts,
        **beside,
    }
    new = [_counted(count, name) for name, count in counts.items() if count]
    if tally.updated_runs:
        new.insert(min(1, tally.new_runs), f"{format_number(tally.updated_runs)} updated")
    size = f" ({format_size(tally.bytes)} of files)" if tally.bytes else ""
    if changed:
        console.out(f"{'would import' if dry_run else 'imported'} {', '.join(new) or 'changes'}{size} from {source}")
    else:
        console.out(f"nothing new in {source}")
    if tally.unchanged_runs:
        console.out(
            f"{_counted(tally.unchanged_runs, 'run')} {'were' if tally.unchanged_runs != 1 else 'was'} here already"
        )
    if tally.kept:
        console.out(
            f"{_counted(tally.kept, 'fact')} edited here since {'stay' if tally.kept != 1 else 'stays'} as edited"
        )
    if tally.warnings:
        console.out(_counted(len(tally.warnings), "warning"))


def _counted(count: int, name: str) -> str:
    return f"{format_number(count)} {name}{'s' * (count != 1)}"
