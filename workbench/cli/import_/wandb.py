"""`workbench import wandb`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import session
from workbench.cli.import_.outcome import ExperimentOption, progress, tell
from workbench.cli.options import JsonOption


def wandb(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A folder with runs, usually ./wandb.")],
    experiment: ExperimentOption = None,
    json: JsonOption = False,
) -> int:
    """Bring in the runs that wandb keeps on this disk.

    Reads DIR/offline-run-*/run-*.wandb, and DIR/run-* that were sent as well. Neither wandb nor a network is needed.
    Config becomes parameters, history and system statistics metrics, labels tags, console output and the files below
    files/ come too. The experiment is wandb's project unless -e says another.

    Again, it brings what is new since: nothing comes twice, and runs that go on or are resumed grow.

    Examples:
      workbench import wandb ./wandb
      workbench import wandb ~/project/wandb -e fraud --json
    """
    project = session.project()
    from workbench.interop.importing import import_runs
    from workbench.interop.wandb.runs import find_wandb_runs

    with progress() as show:
        sources, failed = find_wandb_runs(project, directory, experiment)
        report = import_runs(project, "wandb", directory, sources, progress=show)
    return tell(report, failed, json=json)
