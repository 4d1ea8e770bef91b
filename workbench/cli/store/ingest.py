"""`workbench store ingest` and `workbench store rebuild`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from workbench.base.numbers import format_number, format_size
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption

if TYPE_CHECKING:
    from workbench.store.ingest import IngestReport


def ingest(json: JsonOption = False) -> None:
    """Read what was logged since the last look.

    Every command that reads does this first; this one only says what was new.
    """
    store = session.store()
    with console.waiting("reading journals"):
        report = store.ingest()
    _tell(report, store.notices, "read", json=json)


def rebuild(json: JsonOption = False) -> None:
    """Build the DuckDB file anew from the journals.

    Nothing is lost: the file only caches what the journals and segments hold. The old file is used until the new one
    is complete.
    """
    store = session.store()
    with console.waiting("building the store anew"):
        report = store.rebuild()
    _tell(report, store.notices, "rebuilt from", json=json)


def _tell(report: IngestReport, notices: list[str], verb: str, *, json: bool) -> None:
    for notice in notices:
        console.note(f"note: {notice}")
    if json:
        emit.emit_document(asdict(report))
        return
    journals = f"{format_number(report.journals)} journal{'s' * (report.journals != 1)}"
    console.out(f"{verb} {journals}, {format_size(report.size_bytes)}" if report.journals else "nothing new")
