"""`workbench store compact`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from workbench.base.numbers import format_number, format_size
from workbench.cli import console, emit, session
from workbench.cli.options import DryRunOption, JsonOption


def compact(
    older_than: Annotated[
        float | None, typer.Option("--older-than", metavar="DAYS", help="Age in days from which journals are packed.")
    ] = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Pack finished journals to save space.

    Journals of runs that ended long ago become compressed segments, and the tables of the DuckDB file are sorted by
    how they are read. Nothing is lost, and nothing looks different afterwards.

    Examples:
      workbench store compact
      workbench store compact --older-than 1 --dry-run
    """
    from workbench.store.maintenance import compact as compact_store
    from workbench.store.pack import KEEP_DAYS, packable

    days = KEEP_DAYS if older_than is None else older_than
    store = session.store()
    if dry_run:
        found = packable(store.project, older_than_days=days)
        size_bytes = sum(size for _, size in found)
        if json:
            emit.emit_document({"journals": len(found), "before_bytes": size_bytes})
        else:
            console.out(f"would pack {_journals(len(found))}, {format_size(size_bytes)}")
        return
    with console.waiting("packing journals"):
        report = compact_store(store, older_than_days=days)
    for notice in store.notices:
        console.note(f"note: {notice}")
    if json:
        emit.emit_document(asdict(report))
    elif report.journals:
        before, after = format_size(report.before_bytes), format_size(report.after_bytes)
        console.out(f"packed {_journals(report.journals)}: {before} became {after}")
    else:
        console.out(f"no journal is older than {format_number(float(days))} days; sorted the tables")


def _journals(count: int) -> str:
    return f"{format_number(count)} journal{'s' * (count != 1)}"
