"""`workbench audit verify`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import ExitCode
from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption
from workbench.output.cells import visible

if TYPE_CHECKING:
    from workbench.registry.findings import Report


def verify(
    every_signature: Annotated[
        bool,
        typer.Option("--every-signature", help="Check each signature. One vouches for all before it in its chain."),
    ] = False,
    json: JsonOption = False,
) -> int:
    """Check that nothing was changed, removed or made up.

    Reads every event from the journals again: its hash, its place in its chain, its signature. What this copy of the
    project, its DuckDB file and other people's events have seen is compared with what is there. Whose keys count is in
    workbench.toml. Exits with 1 where something is wrong, and names the first event that is.

    Where copies of the project contradict each other without anything being wrong, that is noted.

    Examples:
      workbench audit verify
      workbench audit verify --json
    """
    from workbench.registry.verification import audit_store

    store = session.store()
    with console.waiting("verifying"):
        report, contradictions = audit_store(store, every_signature=every_signature)
    if json:
        listed = [contradiction.as_document() for contradiction in contradictions]
        emit.emit_document({**report.as_document(), "contradictions": listed})
    else:
        _tell(report)
        for contradiction in contradictions:
            console.note(f"contradiction: {visible(contradiction.sentence)}")
    return ExitCode.DONE if report.whole else ExitCode.NO


def _tell(report: Report) -> None:
    for finding in report.findings[:1]:
        console.out(f"✗ {visible(finding.sentence)}")
        if finding.hint:
            console.note(f"hint: {finding.hint}")
    more = len(report.findings) - 1
    if more > 0:
        console.out(f"✗ and {format_number(more)} more; --json lists them")
    counted = ", ".join(
        f"{format_number(count)} {noun if count == 1 else plural}"
        for count, noun, plural in (
            (report.events, "event", "events"),
            (report.chains, "chain", "chains"),
            (report.signed, "signed", "signed"),
        )
    )
    console.out(f"{'✓' if report.whole else '✗'} checked {counted} in {report.duration_s:.2f} s")
    for note in report.notes:
        console.note(f"note: {visible(note)}")
