"""Files of the project in messages, as people in it call them."""

from __future__ import annotations

import os

from workbench.base.project import Project


def without_root(message: str, project: Project) -> str:
    """A message in which files of the project are named from its root on."""
    return message.replace(f"{project.root}{os.sep}", "")
