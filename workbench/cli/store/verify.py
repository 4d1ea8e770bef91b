"""`workbench store verify`."""

from __future__ import annotations

from dataclasses import asdict

from workbench.base.errors import ExitCode
from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption


def verify(json: JsonOption = False) -> int:
    """Check every journal and every artifact.

    Reads all of them again and compares them with their checksums, and the DuckDB file with both. Exits with 1 where
    something is damaged or missing.

    Examples:
      workbench store verify
    """
    from workbench.store.maintenance import verify as verify_store

    store = session.store()
    with console.waiting("verifying"):
        report = verify_store(store)
    if json:
        emit.emit_document(asdict(report))
    else:
        for problem in report.problems:
            console.out(f"✗ {problem}")
        counted = ", ".join(
            f"{format_number(count)} {name}"
            for count, name in (
                (report.journals, "journals"),
                (report.segments, "segments"),
                (report.blobs, "contents"),
                (report.points, "points"),
            )
        )
        console.out(f"{'✗' if report.problems else '✓'} checked {counted}")
    return ExitCode.NO if report.problems else ExitCode.DONE
