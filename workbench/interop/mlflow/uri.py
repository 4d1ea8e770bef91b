"""`workbench:` URIs: of a project, and of the artifacts of a run or a logged model.

    workbench:                                                      the project of the working directory
    workbench:///home/me/fraud                                      the project there
    workbench:///home/me/fraud/.workbench/artifacts/EXPERIMENT/RUN/artifacts/PATH
    workbench:///home/me/fraud/.workbench/artifacts/EXPERIMENT/models/MODEL/artifacts/PATH

No absolute path is stored: an artifact's URI is made when it is asked for, so a project may move.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from workbench.base.errors import InputError
from workbench.base.project import FOLDER, Project, find_or_create_project

SCHEME = "workbench"
_HINT = "workbench: for the project of the working directory, or workbench:///absolute/path"
_ARTIFACTS = re.compile(
    rf"(?P<root>.*?)(?:/{re.escape(FOLDER)}/artifacts)?/(?P<experiment>[^/]+)/"
    r"(?:models/(?P<model>m-[0-9a-f]{32})|(?P<run>[0-9a-f]{32}))/artifacts(?:/(?P<path>.*))?"
)


@dataclass(frozen=True)
class ArtifactPlace:
    """What an artifact URI names.

    Attributes:
        root: the project's folder.
        run_id, model_id: whose artifact it is; one of them is None.
        path: within the artifacts of the run or model, "" for all of them.
    """

    root: str
    run_id: str | None
    model_id: str | None
    path: str


def project_of(uri: str) -> Project:
    """The project that a store URI names, made where there is none yet.

    Raises:
        InputError: it is no such URI, or names a folder that is not there.
        StoreError: the project cannot be made.
    """
    path = _path(uri)
    if not path:
        return find_or_create_project()
    if not os.path.isdir(path):
        raise InputError(f"{path} is no folder", f"make it first: mkdir -p {path}")
    from workbench.base.project import create_project

    return create_project(path)


def artifact_root(project: Project) -> str:
    """The URI below which the artifacts of a project are."""
    return f"{SCHEME}://{quote(os.path.abspath(project.root))}/{FOLDER}/artifacts"


def artifact_place(uri: str) -> ArtifactPlace:
    """What an artifact URI names.

    Raises:
        InputError: it names no artifacts of a run or a logged model.
    """
    found = _ARTIFACTS.fullmatch(_path(uri))
    if found is None:
        raise InputError(f"{uri} names no artifacts of a run", "take the artifact URI that the run has")
    return ArtifactPlace(found["root"] or "/", found["run"], found["model"], found["path"] or "")


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
