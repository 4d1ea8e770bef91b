"""`workbench runs diff`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.base.errors import InputError
from workbench.cli import console, emit, session
from workbench.cli.options import JsonOption, complete_run
from workbench.cli.runs.chosen import chosen_runs

if TYPE_CHECKING:
    from workbench.base.project import Project

RunOfPair = Annotated[
    str, typer.Argument(metavar="RUN", help="Id, prefix, name or @latest.", autocompletion=complete_run)
]


def diff(
    a: RunOfPair,
    b: RunOfPair,
    code: Annotated[
        bool, typer.Option("--code", help="The code, with uncommitted changes; this is the default.")
    ] = False,
    env: Annotated[bool, typer.Option("--env", help="Python, packages and machine.")] = False,
    output: Annotated[bool, typer.Option("--output", help="What the runs wrote.")] = False,
    json: JsonOption = False,
) -> None:
    """Show how two runs differ in code, environment or output.

    The result is a unified diff from the first run to the second.

    Examples:
      workbench runs diff @latest~1 @latest
      workbench runs diff quiet-lynx brave-otter --env
    """
    if code + env + output > 1:
        raise InputError("--code, --env and --output are one question each", "ask them one after the other")
    store = session.store()
    from workbench.output.diff_view import diff_lines
    from workbench.store.outputs import output_lines
    from workbench.store.runs import run_documents
    from workbench.tracking import diff as tracking_diff

    found = chosen_runs([a], deleted=True) + chosen_runs([b], deleted=True)
    labels = (found[0].name, found[1].name)
    with session.reading(store) as db:
        captured = [document["captures"] for document in run_documents(db, [run.uid for run in found])]
        written = [[line.text for line in output_lines(db, run.uid)] for run in found] if output else []
    if output:
        lines, note, question = tracking_diff.diff_output(written[0], written[1], labels=labels), None, "output"
    elif env:
        environment = tracking_diff.diff_environment(*(_environment(one) for one in captured))
        lines, note, question = environment.lines(*labels), environment.note, "environment"
    else:
        read = blob_reader(store.project)
        before, after = (
            tracking_diff.code_state(label, one, read) for label, one in zip(labels, captured, strict=True)
        )
        difference = tracking_diff.diff_code(before, after, repositories=[store.project.root])
        lines, note, question = difference.lines, difference.note, "code"
    if json:
        emit.emit_document({"runs": [run.uid for run in found], "of": question, "lines": lines, "note": note})
        return
    console.draw(diff_lines(lines))
    if note:
        console.note(note)
    elif not lines:
        console.note(f"the {question} is the same")


def blob_reader(project: Project) -> Callable[[str], bytes]:
    """A function from a SHA-256 to the content that the project's store has under it."""
    from workbench.store.blobs import BlobStore

    blobs = BlobStore(project)

    def read(sha256: str) -> bytes:
        with blobs.open(sha256) as file:
            return file.read()

    return read


def _environment(captured: Mapping[str, object]) -> Mapping[str, object] | None:
    environment = captured.get("environment")
    return environment if isinstance(environment, Mapping) else None
