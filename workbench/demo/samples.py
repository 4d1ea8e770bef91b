"""Where the sample projects are: beside the package in a checkout, inside it when installed."""

from __future__ import annotations

import os

from workbench.base.errors import NotFoundError

_PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def sample_dir(name: str) -> str:
    """The folder of the sample project `name`: classifier, forecaster or plain_script.

    Raises:
        NotFoundError: the installation lacks it.
    """
    for parent in (_PACKAGE, os.path.dirname(_PACKAGE)):
        folder = os.path.join(parent, "sample_projects", name)
        if os.path.isfile(os.path.join(folder, "README.md")):
            return folder
    raise NotFoundError(
        f"the sample project {name} is not installed",
        "install workbench again: pip install --force-reinstall mlops-workbench",
    )
