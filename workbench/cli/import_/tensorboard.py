"""`workbench import tensorboard`."""

from __future__ import annotations

from typing import Annotated

import typer

from workbench.cli import session
from workbench.cli.import_.outcome import ExperimentOption, progress, tell
from workbench.cli.options import JsonOption


def tensorboard(
    directory: Annotated[str, typer.Argument(metavar="DIR", help="A log directory, as for tensorboard --logdir.")],
    experiment: ExperimentOption = None,
    json: JsonOption = False,
) -> int:
    """Bring in TensorBoard's event files.

    Every folder with event files below DIR is a run, named by its path. Scalars become metrics, hparams parameters,
    texts the run's note; pictures, sounds, histograms and graphs are left out. The experiment is DIR's name unless -e
    says another.

    Again, it brings what is new since: nothing comes twice, and runs that go on grow.

    Examples:
      workbench import tensorboard runs/
      workbench import tensorboard lightning_logs -e fraud --json
    """
    project = session.project()
    from workbench.interop.importing import import_runs
    from workbench.interop.tensorboard.runs import find_event_folders

    with progress() as show:
        sources, failed = find_event_folders(directory, experiment)
        report = import_runs(project, "tensorboard", directory, sources, progress=show)
    return tell(report, failed, json=json)
