"""`workbench runs show`."""

from __future__ import annotations

from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption, RunArgument
from workbench.output.cells import clip, visible

MAX_SPARKLINES = 60
SPARKLINE_POINTS = 40
LAST_LINES = 5


def show(run: RunArgument, json: JsonOption = False) -> None:
    """Show one run in full.

    Its status, parameters, metrics with their course, tags, code, environment, data, artifacts, use of the machine
    and the last lines that it wrote.

    Examples:
      workbench runs show @latest
      workbench runs show brave-otter --json
    """
    store = session.store()
    from workbench.store.curves import curve
    from workbench.store.outputs import output_lines
    from workbench.store.runs import resolve_run, run_documents

    with session.reading(store) as db:
        uid = resolve_run(db, run, deleted=True)
        [document] = run_documents(db, [uid])
        drawn = [] if json else [*document["metrics"]][:MAX_SPARKLINES]
        written = [] if json else output_lines(db, uid, last=LAST_LINES)
        histories = {key: curve(db, uid, key, width=SPARKLINE_POINTS).lasts for key in drawn}
    if json:
        emit.emit_document(document)
        return
    from workbench.output.run_view import rule, run_lines

    width = console.drawing_width()
    console.draw(run_lines(document, width=width, histories=histories))
    if written:
        console.draw([[], rule("output", width)])
        console.draw([(f"  {clip(visible(line.text), width - 2)}", "")] for line in written)
