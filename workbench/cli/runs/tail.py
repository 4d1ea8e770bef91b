"""`workbench runs tail`."""

from __future__ import annotations

from collections.abc import Mapping
from time import sleep as pause
from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.base.jsonvalue import dumps
from workbench.base.numbers import format_duration, format_number
from workbench.cli import console, session
from workbench.cli.errors import InterruptedByUserError
from workbench.cli.options import RunArgument
from workbench.cli.runs.logs import STREAMS, StreamOption, line_document
from workbench.output.cells import visible

POLL_S = 0.5
MAX_METRICS_SHOWN = 6


def tail(
    run: RunArgument,
    last: Annotated[int, typer.Option("-n", "--last", metavar="N", help="Begin with the last N lines.")] = 20,
    stream: StreamOption = None,
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Go on until the run ends.")] = True,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON document on each line.")] = False,
) -> None:
    """Follow a run's output and metrics until it ends.

    The output goes to stdout, the newest metrics to stderr: in one line that changes on a terminal, else in a line
    each time that they change. Ctrl-C stops following; the run goes on.

    Examples:
      workbench runs tail @latest
      workbench runs tail brave-otter --no-follow -n 100
    """
    if last < 0:
        raise InputError("-n is the number of lines to begin with", "workbench runs tail RUN -n 20")
    wanted = STREAMS.get(stream or "")
    store = session.store()
    from workbench.store.outputs import last_lines, output_lines
    from workbench.store.runs import resolve_run, run_documents

    with session.reading(store) as db:
        uid = resolve_run(db, run, deleted=True)
        lines = output_lines(db, uid, stream=wanted, last=last)
        seen = last_lines(db, uid)
        [document] = run_documents(db, [uid])
    ticker = console.Ticker()
    shown: object = {}
    try:
        while True:
            ticker.clear()
            for line in lines:
                console.out(dumps(line_document(line)) if json else line.text)
            metrics = document["metrics"]
            if metrics != shown:
                shown = metrics
                if json:
                    console.out(dumps({"metrics": metrics}))
                else:
                    ticker.show(_summary(metrics))
            console.flush()
            ticker.redraw()
            if document["status"] != "running" or not follow:
                break
            pause(POLL_S)
            with session.reading(store) as db:
                lines = output_lines(db, uid, stream=wanted, after=seen)
                seen = last_lines(db, uid)
                [document] = run_documents(db, [uid])
    except KeyboardInterrupt:
        ticker.end()
        raise InterruptedByUserError(f"stopped following {visible(document['name'])}; the run goes on") from None
    finally:
        ticker.end()
    name, status = visible(document["name"]), document["status"]
    length = format_duration(document["duration_s"])
    console.note(f"{name} ({uid[:8]}) {f'runs for {length}' if status == 'running' else f'{status} after {length}'}")


def _summary(metrics: Mapping[str, float]) -> str:
    shown = [f"{visible(key)} {format_number(value)}" for key, value in [*metrics.items()][:MAX_METRICS_SHOWN]]
    more = len(metrics) - len(shown)
    return "  ".join(shown) + (f"  +{more} more" if more else "")
