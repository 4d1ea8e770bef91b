"""Where the files of versions are, in a form that outlives a move of the project's folder.

MLflow gives us absolute URIs of artifacts. Those within the project are kept as `workbench:artifacts/…`, which is no
URI that a user can give, and are made absolute again when they are asked for.
"""

from __future__ import annotations

from typing import overload

from workbench.base.project import Project
from workbench.interop.mlflow.uri import SCHEME, artifact_root

_WITHIN = f"{SCHEME}:artifacts/"


@overload
def movable(location: str, project: Project) -> str: ...
@overload
def movable(location: str | None, project: Project) -> str | None: ...
def movable(location: str | None, project: Project) -> str | None:
    """A location as it is kept."""
    root = f"{artifact_root(project)}/"
    return _WITHIN + location[len(root) :] if location and location.startswith(root) else location


def absolute(location: str | None, project: Project) -> str | None:
    """A location as MLflow wants it, from what is kept."""
    if location and location.startswith(_WITHIN):
        return f"{artifact_root(project)}/{location[len(_WITHIN) :]}"
    return location
