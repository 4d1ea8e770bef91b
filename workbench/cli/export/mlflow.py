"""`workbench export mlflow`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from workbench.base.numbers import format_number
from workbench.cli import console, emit, session
from workbench.cli.export.chosen import ExperimentsOption, SomeRunsArgument, chosen_ids
from workbench.cli.import_.brought import showing_progress
from workbench.cli.options import JsonOption

_SHOWN = 20


def mlflow(
    uri: Annotated[
        str, typer.Argument(metavar="URI", help="sqlite:///FILE, http://HOST:PORT or another tracking URI.")
    ],
    runs: SomeRunsArgument = None,
    experiment: ExperimentsOption = None,
    json: JsonOption = False,
) -> None:
    """Write runs and models to an MLflow server or database.

    Experiments, runs with every point of their metrics, parameters, tags, datasets and files, logged models, and the
    versions that were registered of them. MLflow gives runs ids of its own; the tag workbench.run_id says which of ours
    each is, and a run that is there already is not written again.

    Examples:
      workbench export mlflow sqlite:///mlflow.db
      workbench export mlflow http://127.0.0.1:5000 -e fraud
      workbench export mlflow sqlite:///mlflow.db bold-crane
    """
    store = session.store()
    ids = chosen_ids(store, runs or (), experiment or ())
    from workbench.interop.mlflow.exporting import export_mlflow

    with showing_progress("exporting") as progress:
        report = export_mlflow(store, uri, ids, lambda done, total: progress(done, total, 0))
    for warning in report.warnings[:_SHOWN]:
        console.note(f"warning: {warning}")
    if len(report.warnings) > _SHOWN:
        console.note(f"… and {format_number(len(report.warnings) - _SHOWN)} more; --json lists all of them")
    if json:
        emit.emit_document({"target": uri, **asdict(report)})
        return
    counts = {
        "run": report.runs,
        "point": report.points,
        "artifact": report.artifacts,
        "experiment": report.experiments,
        "logged model": report.logged_models,
        "registered model": report.registered_models,
        "version": report.versions,
    }
    new = [f"{format_number(count)} {name}{'s' * (count != 1)}" for name, count in counts.items() if count]
    console.out(f"wrote {', '.join(new)} to {uri}" if new else f"nothing new for {uri}")
    if report.known_runs:
        console.out(f"{format_number(report.known_runs)} run{'s' * (report.known_runs != 1)} there already")
