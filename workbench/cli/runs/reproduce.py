"""`workbench runs reproduce`."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Annotated, Literal

import typer

from workbench.base.errors import ExitCode, RefusedError
from workbench.cli import console, emit, session
from workbench.cli.options import DryRunOption, JsonOption, RunArgument
from workbench.cli.runs.diff import blob_reader


def reproduce(
    run: RunArgument,
    env: Annotated[
        Literal["auto", "current", "recreate"],
        typer.Option("--env", help="Use this environment, or recreate the run's; auto recreates where they differ."),
    ] = "auto",
    keep: Annotated[bool, typer.Option("--keep", help="Keep the checkout of the code afterwards.")] = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Run a run again and compare the results.

    Checks out the run's commit with its uncommitted changes beside your work, in its environment, runs its command as
    a new run, and compares the metrics. Your own files are not touched. Exits with 1 where the results differ.

    Examples:
      workbench runs reproduce brave-otter --dry-run
      workbench runs reproduce brave-otter --env current
    """
    store = session.store()
    from workbench.output.reproduction_view import plan_lines, reproduction_lines
    from workbench.store.runs import resolve_run, run_documents
    from workbench.tracking.reproduce import plan_reproduction
    from workbench.tracking.reproduce import reproduce as carry_out

    with session.reading(store) as db:
        uid = resolve_run(db, run, deleted=True)
        [document] = run_documents(db, [uid])
    plan = plan_reproduction(document, document["captures"], blob_reader(store.project), environment=env)
    if dry_run:
        if json:
            emit.emit_document(plan.to_json())
        else:
            console.draw(plan_lines(plan))
        return ExitCode.NO if plan.obstacles else ExitCode.DONE
    if plan.obstacles:
        raise RefusedError("; ".join(plan.obstacles), f"workbench runs reproduce {uid[:8]} --dry-run")
    with console.reserved_stdout() if json else nullcontext():
        result = carry_out(store.project, plan, environment=env, keep=keep, progress=console.note)
    if json:
        emit.emit_document(result.to_json())
    else:
        console.draw(reproduction_lines(result, width=console.drawing_width()))
    return ExitCode.DONE if result.same else ExitCode.NO
