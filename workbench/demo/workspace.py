"""The demo's own folder: a copy of the classifier sample, a git repository around it, and a workbench project."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from dataclasses import dataclass

from workbench.base.errors import InputError, ToolError
from workbench.base.project import FOLDER, Project, create_project
from workbench.demo.samples import sample_dir

MARKER = "demo"
"""A file in `.workbench` that says that the folder was made by the demo."""

IGNORED = "data/\ntraffic/\nlabels.csv\n__pycache__/\n"
GIT_TIMEOUT_S = 20.0


@dataclass(frozen=True)
class Workspace:
    """A folder that is ready for the demo.

    Attributes:
        project: the workbench project in it.
        new: whether it was made just now.
        has_git: whether it is a git repository, so that runs know their commit.
    """

    project: Project
    new: bool
    has_git: bool


def prepare(directory: str) -> Workspace:
    """Make `directory` ready, or take it as it is where an earlier demo made it.

    Raises:
        InputError: it holds other files, or is no folder.
        ToolError: scikit-learn is not installed.
        StorePermissionError: it may not be written.
    """
    if importlib.util.find_spec("sklearn") is None:
        raise ToolError("the demo trains with scikit-learn, which is not installed", "pip install scikit-learn")
    root = os.path.abspath(directory)
    known = os.path.exists(os.path.join(root, FOLDER, MARKER))
    if not known and os.path.lexists(root):
        if not os.path.isdir(root):
            raise InputError(f"{directory} is not a folder", "choose another one: workbench demo --dir NAME")
        if os.listdir(root):
            raise InputError(f"{directory} holds other files", "choose a new folder: workbench demo --dir NAME")
    project = create_project(root)
    _write_missing(os.path.join(project.folder, MARKER), "made by: workbench demo\n")
    _write_missing(os.path.join(root, ".gitignore"), IGNORED)
    sample = sample_dir("classifier")
    for name in sorted(os.listdir(sample)):
        if os.path.splitext(name)[1] in (".py", ".md") and not os.path.exists(os.path.join(root, name)):
            shutil.copyfile(os.path.join(sample, name), os.path.join(root, name))
    return Workspace(project, not known, _commit(root))


def _write_missing(path: str, text: str) -> None:
    if not os.path.exists(path):
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)


def _commit(root: str) -> bool:
    """Whether `root` is a git repository with a commit; makes it one if git is there."""
    if shutil.which("git") is None:
        return False
    if os.path.exists(os.path.join(root, ".git")):
        return _git(root, "rev-parse", "--verify", "-q", "HEAD")
    return (
        _git(root, "init", "-q", "--template=")
        and _git(root, "add", "--all")
        and _git(root, "commit", "-q", "--no-verify", "-m", "The classifier sample")
    )


def _git(root: str, *words: str) -> bool:
    """Whether git succeeded; it acts on `root` alone and leaves the user's settings and identity alone."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    identity = ("-c", "user.name=workbench demo", "-c", "user.email=demo@localhost", "-c", "commit.gpgsign=false")
    try:
        done = subprocess.run(
            ["git", *identity, *words],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=GIT_TIMEOUT_S,
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
