"""`workbench package logs`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from workbench.base.errors import InputError
from workbench.base.numbers import format_number, format_size
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption
from workbench.cli.package.deployments import DeploymentArgument
from workbench.cli.package.options import docker


def logs(
    name: DeploymentArgument,
    follow: Annotated[bool, typer.Option("-f", "--follow", help="Go on until it stops, or Ctrl-C.")] = False,
    last: Annotated[int | None, typer.Option("-n", "--last", metavar="N", help="Only the last N lines.")] = None,
    pull: Annotated[
        bool, typer.Option("--pull", help="Bring what is new in the log of predictions into the project.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Print what a server wrote, or bring in its log of predictions.

    The server's own log has no values of requests. The log of predictions has a line for each row that was scored; it
    is in .workbench/predictions/NAME, or --pull brings it there from the folder or volume that it is in. Only what is
    new is copied, however often that is done.

    Examples:
      workbench package logs fraud -f -n 20
      workbench package logs fraud --pull
    """
    if last is not None and last < 0:
        raise InputError("-n is the number of lines to print", "workbench package logs NAME -n 20")
    if pull and (follow or last is not None):
        raise InputError("--pull takes neither -f nor -n")
    if json and follow:
        raise InputError("--json is one document, and -f does not end", "leave one of them out")
    if pull:
        _pull(name, json=json)
        return
    from workbench.packaging.deployments import find_deployment
    from workbench.packaging.watching import server_log

    with docker() as engine:
        container = find_deployment(engine, session.project(), name).current
        chunks = server_log(engine, container, last=last, follow=follow)
        if json:
            emit.emit_document([_document(line) for line in b"".join(chunks).decode(errors="replace").splitlines()])
            return
        for chunk in chunks:
            console.out_bytes(chunk)
            console.flush()


def _pull(name: str, *, json: bool) -> None:
    from workbench.packaging.deployment_records import read_records
    from workbench.packaging.deployments import read_deployment
    from workbench.packaging.pulling import pull

    project = session.project()
    with session.reading() as db:
        records = read_records(db, name)
    with docker() as engine:
        deployment = read_deployment(engine, project, name)
        found = pull(engine, project, name, deployment.containers if deployment else [], records)
    if json:
        emit.emit_document(found.as_document())
        return
    rows = f"{format_number(found.rows)} row{'s' * (found.rows != 1)}"
    files = f"{format_number(found.files)} file{'s' * (found.files != 1)}"
    new = f"{rows} new in {files}, {format_size(found.size_bytes)}" if found.rows else "nothing new"
    console.out(f"{new}  {found.folder}")
    for changed in found.changed:
        console.note(f"note: {changed} is not what was pulled of it before; it is left as it was")


def _document(line: str) -> Any:
    """A line of the server's as JSON; a line of a library that is none as its text."""
    from workbench.base.jsonvalue import loads

    try:
        return loads(line)
    except ValueError:
        return {"text": line}
