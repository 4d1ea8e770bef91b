"""`workbench package ps`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.base.errors import StoreError
from workbench.cli import console, emit, session
from workbench.cli.options import FormatOption, JsonOption, OutputOption
from workbench.cli.package.options import docker


def ps(
    all_: Annotated[
        bool, typer.Option("--all", "-a", help="Also what is stopped, and what is kept to go back to.")
    ] = False,
    json: JsonOption = False,
    format: FormatOption = None,
    output: OutputOption = None,
) -> None:
    """List what runs.

    STATUS is healthy, starting, unhealthy, dead (it should run and does not), interrupted (a switch was begun and not
    finished), stopped or kept. REQ/H and P50 are since the server was started. A star before the port says that other
    machines reach it.

    Examples:
      workbench package ps
      workbench package ps --all --json
    """
    form = emit.Form.chosen(json=json, format=format, path=output)
    from workbench.output.deployment_table import deployment_notes, deployment_records, deployment_table
    from workbench.packaging.watching import catch_up, list_rows

    project = session.project()
    with docker() as engine:
        rows = list_rows(engine, project)
        try:
            catch_up(engine, project, session.governing, rows)
        except StoreError as error:
            console.note(f"note: what changed is not recorded: {error.message}")
    documents = [row.as_document() for row in rows if all_ or row.is_active]
    if form.name == "json":
        emit.emit_document(documents, form.path)
    elif form.name in ("table", "md"):
        emit.emit_rows(form, *deployment_table(documents))
    else:
        emit.emit_rows(form, *deployment_records(documents))
    if form.name == "table":
        for note in deployment_notes(documents):
            console.note(f"note: {note}")
        if not documents:
            stopped = len({row.container.name for row in rows})
            console.note(
                f"nothing runs; {stopped} stopped: workbench package ps --all"
                if stopped
                else "nothing runs; next: workbench package run IMAGE"
            )
