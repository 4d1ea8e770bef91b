"""`workbench:` URIs: of a project, and of the artifacts of a run or a logged model.

    workbench:                                                      the project of the working directory
    workbench:///home/me/fraud                                      the project there
    workbench:///home/me/fraud/.workbench/artifacts/EXPERIMENT/RUN/artifacts/PATH
    workbench:///home/me/fraud/.workbench/artifacts/EXPERIMENT/models/MODEL/artifacts/PATH
    mlflow-artifacts:/EXPERIMENT/…              the same, for clients of a server that passes them on

No absolute path is stored: an artifact's URI is made when it is asked for, so a project may move.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from workbench.base.errors import InputError, ProjectNotFoundError, StorePermissionError
from workbench.base.project import FOLDER, Project, create_project, find_or_create_project, require_project

SCHEME = "workbench"
PASSED_ON = "mlflow-artifacts:"
_BACKEND, _DESTINATION, _PASSES_ON = (
    f"_MLFLOW_SERVER_{name}" for name in ("FILE_STORE", "ARTIFACT_DESTINATION", "SERVE_ARTIFACTS")
)
"""Variables by which `mlflow server` tells its workers what they serve."""
_HINT = "workbench: for the project of the working directory, or workbench:///absolute/path"
_BELOW = r"[^/]+/(?:models/(?P<model>m-[0-9a-f]{32})|(?P<run>[0-9a-f]{32}))/artifacts(?:/(?P<path>.*))?"
_ARTIFACTS = re.compile(rf"(?P<root>.*?)(?:/{re.escape(FOLDER)}/artifacts)?/{_BELOW}", re.DOTALL)
_BELOW_ROOT = re.compile(_BELOW, re.DOTALL)


@dataclass(frozen=True)
class ArtifactPlace:
    """What an artifact URI names.

    Attributes:
        run_id, model_id: whose artifact it is; one of them is None.
        path: within the artifacts of the run or model, "" for all of them.
    """

    run_id: str | None
    model_id: str | None
    path: str


def project_of(uri: str) -> Project:
    """The project that a store URI names, made where there is none yet.

    Raises:
        InputError: it is no such URI, or names a folder that is not there.
        StoreError: the project cannot be made.
    """
    root = _root(uri)
    if not root:
        return find_or_create_project()
    if not os.path.isdir(root):
        raise InputError(f"{root} is no folder", f"make it first: mkdir -p {root}")
    if os.path.isdir(os.path.join(root, FOLDER)):  # which may be read where nothing may be written
        return find_or_create_project(root)
    return create_project(root)


def project_with_artifacts(uri: str) -> Project:
    """The project that an artifact URI lies in, or that a store URI names.

    Raises:
        InputError: it is neither.
        ProjectNotFoundError: there is no such project on this machine.
    """
    found = _ARTIFACTS.fullmatch(_path(uri))
    root = (found["root"] or "/") if found else _root(uri)
    if not root:
        return require_project()
    if not os.path.isdir(os.path.join(root, FOLDER)):
        raise ProjectNotFoundError(
            f"there is no project {root} on this machine",
            f"so that a server passes its artifacts on: mlflow server --artifacts-destination {SCHEME}://{quote(root)}",
        )
    return Project(root)


def artifact_root(project: Project) -> str:
    """The URI below which MLflow code finds the artifacts of a project.

    A server that keeps artifacts in the project passes them on: its clients need neither the folder nor this package.
    """
    if _passed_on(project):
        return PASSED_ON
    return f"{SCHEME}://{quote(os.path.abspath(project.root))}/{FOLDER}/artifacts"


def check_served(project: Project) -> None:
    """Make sure that a server touches no projects but its own, whatever URIs its clients give.

    Raises:
        StorePermissionError: this process is a server, and of other projects.
    """
    served = [uri for name in (_BACKEND, _DESTINATION) if (uri := os.environ.get(name))]
    if served and not any(_names(uri, project) for uri in served):
        raise StorePermissionError(f"this server does not serve the project {project.root}")


def _passed_on(project: Project) -> bool:
    return os.environ.get(_PASSES_ON) == "true" and _names(os.environ.get(_DESTINATION, ""), project)


def _names(uri: str, project: Project) -> bool:
    if not uri.startswith(f"{SCHEME}:"):
        return False
    return os.path.realpath(_root(uri) or find_or_create_project().root) == os.path.realpath(project.root)


def artifact_place(uri: str) -> ArtifactPlace:
    """What an artifact URI names.

    Raises:
        InputError: it names no artifacts of a run or a logged model.
    """
    found = _ARTIFACTS.fullmatch(_path(uri))
    if found is None:
        raise InputError(f"{uri} names no artifacts of a run", "take the artifact URI that the run has")
    return ArtifactPlace(found["run"], found["model"], found["path"] or "")


def names_artifacts(uri: str) -> bool:
    """Whether a URI names artifacts of a run or a logged model, rather than a project.

    Raises:
        InputError: it is no such URI.
    """
    return _ARTIFACTS.fullmatch(_path(uri)) is not None


def below_root(path: str) -> bool:
    """Whether a path below the root of a project's artifacts is one of a run or a model, and no folder above those."""
    return _BELOW_ROOT.fullmatch(path) is not None


def _root(uri: str) -> str:
    """The folder of the project that a store URI names; "" for that of the working directory."""
    path = _path(uri)
    return os.path.dirname(path) if os.path.basename(path) == FOLDER else path


def _path(uri: str) -> str:
    parts = urlsplit(uri)
    if parts.scheme != SCHEME:
        raise InputError(f"{uri!r} is no {SCHEME}: URI", _HINT)
    if parts.query or parts.fragment:
        raise InputError(f"{uri!r} has options, and there are none", _HINT)
    if parts.netloc:
        raise InputError(f"{uri!r} names a host, and a store is a folder of this machine", _HINT)
    path = unquote(parts.path)
    if path and not path.startswith("/"):
        raise InputError(f"{uri!r} has a relative path", _HINT)
    return path.rstrip("/") if path.strip("/") else path[:1]
