"""`workbench import mlflow`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import session
from workbench.cli.import_.brought import show_brought, showing_progress
from workbench.cli.options import DryRunOption, JsonOption


def mlflow(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="An mlruns folder, sqlite:///FILE or http://HOST:PORT.")
    ],
    experiment: Annotated[
        list[str] | None,
        typer.Option("-e", "--experiment", metavar="NAME", help="Only this experiment; may be given several times."),
    ] = None,
    no_artifacts: Annotated[bool, typer.Option("--no-artifacts", help="Leave files where they are.")] = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Bring in what an MLflow store holds.

    Experiments, runs with every point of their metrics, parameters, tags, datasets and files, logged models, and the
    model registry. Ids and times stay as they are.

    Doing it again brings what is new since: runs that were added, points of runs that have grown, the end of those that
    were still running. What was edited here meanwhile stays as it is here. It may be interrupted at any moment: a run
    is there completely or not at all.

    What cannot be read is left out and named; the rest is brought, and the exit status is 0.

    Examples:
      workbench import mlflow ./mlruns
      workbench import mlflow sqlite:///mlflow.db -e fraud --dry-run
      workbench import mlflow http://127.0.0.1:5000
    """
    project = session.project()
    from workbench.interop.mlflow.importing.importer import import_mlflow

    with showing_progress("importing") as progress:
        report = import_mlflow(
            project,
            source,
            experiments=experiment or (),
            artifacts=not no_artifacts,
            dry_run=dry_run,
            progress=progress,
        )
    beside = {
        "experiment": report.experiments,
        "logged model": report.logged_models,
        "registered model": report.registered_models,
        "version": report.versions,
    }
    show_brought(
        report.document(), report.tally, beside, report.notes, source=report.source, changed=report.changed, json=json
    )
