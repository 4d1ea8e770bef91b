"""`workbench init`."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from workbench.base.project import Project, create_project
from workbench.cli import console


def init(
    path: Annotated[str, typer.Argument(metavar="[PATH]", help="The folder; made where it is missing.")] = ".",
) -> None:
    """Make a folder a project.

    Adds the folder .workbench, which holds everything that is tracked and ignores itself in git. A folder that is a
    project already stays as it is. Logging from Python and `workbench run` do the same on first use.

    Examples:
      workbench init
      workbench init ~/fraud-detection
    """
    project = Project(path)
    existed = os.path.exists(project.settings_path)
    project = create_project(path)
    project.settings()
    done = "already a project" if existed else "made a project"
    console.out(f"{done}: {project.folder}")
    if not existed:
        console.note("next: workbench run -- python train.py, or in Python: workbench.start_run()")
