"""`workbench store size`."""

from __future__ import annotations

from dataclasses import asdict

from workbench.cli import emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption


def size(json: JsonOption = False, format: FormatOption = None, output: OutputOption = None) -> None:
    """Say what takes up how much space.

    Examples:
      workbench store size
    """
    from workbench.output.table import Column
    from workbench.store.maintenance import measure_size

    form = emit.Form.chosen(json=json, format=format, path=output)
    report = measure_size(session.store())
    if form.name == "json":
        emit.emit_document({**asdict(report), "total_bytes": report.total_bytes}, form.path)
        return
    rows: list[tuple[str, int | None, int, str]] = [
        ("journals", report.journals, report.journal_bytes, "what was logged, as it was logged"),
        ("segments", report.segments, report.segment_bytes, "packed journals"),
        ("contents", report.blobs, report.blob_bytes, "of artifacts, each stored once"),
        ("cache", None, report.cache_bytes, f"DuckDB: {report.runs:,} runs, {report.points:,} points"),
        ("total", None, report.total_bytes, ""),
    ]
    columns = [Column("what"), Column("files", "number"), Column("size", "size"), Column("holds")]
    emit.emit_rows(form, [column.name for column in columns], rows, columns)
