"""`workbench monitor list`."""

from __future__ import annotations

from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption


def list_(json: JsonOption = False, format: FormatOption = None, output: OutputOption = None) -> None:
    """List monitors with their newest window and alert.

    RECENT has a mark for each of the newest windows: · ok, ! warning, ✗ drift, – too few rows. DUE is when the next
    window is closed, UTC.

    Examples:
      workbench monitor list
      workbench monitor list --json
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    from workbench.base.clock import now_us
    from workbench.drift.monitors.documents import state_document
    from workbench.drift.monitors.overview import overview
    from workbench.output.monitor_table import monitor_records, monitor_table

    project = session.project()
    with session.reading() as db:
        found = [state_document(one) for one in overview(db, project, now_us())]
    if form.name == "json":
        emit.emit_document(found, form.path)
    elif form.name in ("table", "md"):
        emit.emit_rows(form, *monitor_table(found))
    else:
        emit.emit_rows(form, *monitor_records(found))
    if form.name == "table" and not found:
        console.note("no monitors yet; next: workbench monitor add NAME --source SRC --model NAME@ALIAS")
