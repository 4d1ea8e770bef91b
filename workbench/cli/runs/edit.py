"""`workbench runs tag`, `note`, `star`, `pin` and `move`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, emit, session
from workbench.cli.assignments import assignments
from workbench.cli.options import JsonOption, RunArgument, RunsArgument
from workbench.cli.runs.chosen import chosen_runs
from workbench.output.cells import visible

OffOption = Annotated[bool, typer.Option("--off", help="Take it away again.")]


def tag(
    run: RunArgument,
    tags: Annotated[list[str] | None, typer.Argument(metavar="[KEY=VALUE]...", help="Tags to set.")] = None,
    remove: Annotated[
        list[str] | None, typer.Option("-r", "--remove", metavar="KEY", help="Remove a tag; may be repeated.")
    ] = None,
) -> None:
    """Set or remove tags of a run.

    Examples:
      workbench runs tag brave-otter kind=baseline "reviewed by=ana"
      workbench runs tag @latest --remove kind
    """
    from workbench.store.edits import remove_tag, set_tag

    if not tags and not remove:
        raise InputError("no tag is named", "workbench runs tag RUN KEY=VALUE, or --remove KEY")
    values = assignments(tags or [], "workbench runs tag RUN")
    [found] = chosen_runs([run])
    project = session.project()
    for key, value in values.items():
        set_tag(project, found.uid, key, value)
        console.out(f"{found}: tag {visible(key)} is {visible(value)}")
    for key in remove or []:
        remove_tag(project, found.uid, key)
        console.out(f"{found}: tag {visible(key)} is removed")


def note(
    run: RunArgument,
    text: Annotated[
        str | None, typer.Argument(metavar="[TEXT]", help="The note; - reads stdin, '' removes it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write or read the note of a run.

    Without TEXT the note is printed. A note may have many lines of Markdown.

    Examples:
      workbench runs note brave-otter "first one with the new features"
      workbench runs note brave-otter - < findings.md
      workbench runs note brave-otter
    """
    from workbench.store.edits import set_note
    from workbench.store.runs import run_documents

    [found] = chosen_runs([run])
    if text is None:
        with session.reading() as db:
            [document] = run_documents(db, [found.uid])
        written = document["note"]
        if json:
            emit.emit_document({"run_id": found.uid, "note": written})
        elif written:
            console.out(str(written))
        else:
            console.note(f"{found} has no note")
        return
    content = sys.stdin.read() if text == "-" else text
    set_note(session.project(), found.uid, content.rstrip("\n"))
    console.out(f"{found}: the note is {'written' if content.strip() else 'removed'}")


def star(runs: RunsArgument, off: OffOption = False) -> None:
    """Star runs.

    Starred runs are marked ★ in every list; `-w "attributes.starred = true"` lists them.

    Examples:
      workbench runs star brave-otter quiet-lynx
      workbench runs star brave-otter --off
    """
    from workbench.store.edits import set_starred

    found = chosen_runs(runs)
    set_starred(session.project(), [run.uid for run in found], not off)
    for run in found:
        console.out(f"{run} is {'no longer ' if off else ''}starred")


def pin(run: RunArgument, off: OffOption = False) -> None:
    """Pin a run as the baseline of comparisons.

    Examples:
      workbench runs pin quiet-lynx
      workbench runs pin quiet-lynx --off
    """
    from workbench.store.edits import set_pinned

    [found] = chosen_runs([run])
    set_pinned(session.project(), found.uid, not off)
    console.out(f"{found} is {'no longer ' if off else ''}pinned")


def move(
    runs: RunsArgument,
    experiment: Annotated[
        str, typer.Option("-e", "--experiment", metavar="NAME", help="Where to; made where it is new.")
    ],
) -> None:
    """Move runs to another experiment.

    Examples:
      workbench runs move brave-otter quiet-lynx -e fraud
    """
    from workbench.store.edits import move as move_run

    found = chosen_runs(runs)
    move_run(session.project(), [run.uid for run in found], experiment)
    for run in found:
        console.out(f"{run} is in {visible(experiment)} now")
