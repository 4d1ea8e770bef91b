"""`workbench models show`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import console, emit, session
from workbench.cli.models.options import EitherArgument
from workbench.cli.options import JsonOption


def show(
    reference: EitherArgument,
    lineage: Annotated[
        bool, typer.Option("--lineage", help="Show what a version was made of, and what became of it.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Show a model with its versions, or one version in full.

    A model: where its aliases point, its versions with gates and the metrics that matter, what waits for approval, and
    where two copies of the project contradict each other. A version: who approved or rejected it and why, its gates,
    metrics, data and signature as they were when it was registered.

    Examples:
      workbench models show fraud
      workbench models show fraud@champion
      workbench models show fraud/3 --lineage
    """
    if lineage:
        _show_lineage(reference, json=json)
        return
    from workbench.output.model_view import model_lines
    from workbench.output.version_view import version_lines
    from workbench.registry.overview import key_metrics, model_document, version_document
    from workbench.registry.policy import read_policy
    from workbench.registry.references import resolve

    with session.reading() as db:
        model, version = resolve(db, reference)
        document = model_document(db, model) if version is None else version_document(db, version)
    if json:
        emit.emit_document(document)
    elif version is not None:
        console.draw(version_lines(document, width=console.drawing_width()))
    else:
        policy = read_policy(session.project(), model.name)
        metrics = key_metrics(policy, document["versions"])
        console.draw(model_lines(document, metrics=metrics, policy=policy, width=console.drawing_width()))


def _show_lineage(reference: str, *, json: bool) -> None:
    from workbench.output.lineage_view import lineage_lines
    from workbench.registry.lineage import lineage_of
    from workbench.registry.references import resolve_version

    with session.reading() as db:
        document = lineage_of(db, resolve_version(db, reference))
    if json:
        emit.emit_document(document)
    else:
        console.draw(lineage_lines(document, width=console.drawing_width()))
