"""`workbench runs logs`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from workbench.base.clock import iso_utc
from workbench.base.errors import InputError
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption, RunArgument

if TYPE_CHECKING:
    from workbench.store.outputs import OutputLine

STREAMS = {"stdout": 1, "stderr": 2}
_NAMES = {number: name for name, number in STREAMS.items()}
StreamOption = Annotated[
    Literal["stdout", "stderr"] | None,
    typer.Option("--stream", metavar="STREAM", help="Only what went to stdout, or only to stderr."),
]


def logs(
    run: RunArgument,
    stream: StreamOption = None,
    last: Annotated[int | None, typer.Option("-n", "--last", metavar="N", help="Only the last N lines.")] = None,
    json: JsonOption = False,
) -> None:
    """Print what a run wrote to the terminal.

    The lines come as they were written, both streams in the order of time; `workbench runs tail` follows a run.

    Examples:
      workbench runs logs @latest -n 20
      workbench runs logs brave-otter --stream err
    """
    if last is not None and last < 0:
        raise InputError("-n is the number of lines to print", "workbench runs logs RUN -n 20")
    store = session.store()
    from workbench.store.outputs import output_lines
    from workbench.store.runs import resolve_run

    with session.reading(store) as db:
        uid = resolve_run(db, run, deleted=True)
        lines = output_lines(db, uid, stream=STREAMS.get(stream or ""), last=last)
    if json:
        emit.emit_document([line_document(line) for line in lines])
        return
    for line in lines:
        console.out(line.text)
    if not lines:
        console.note(f"the run wrote nothing{f' to {stream}' if stream else ''}")


def line_document(line: OutputLine) -> dict[str, object]:
    """One line of output as scripts see it."""
    return {"time": iso_utc(line.time_us), "stream": _NAMES[line.stream], "text": line.text}
