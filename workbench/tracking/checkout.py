"""A run's code in a folder of its own, and the run's command as it must be given there."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from workbench.base.errors import ToolError
from workbench.tracking.interpreter import Interpreter
from workbench.tracking.trees import git

_PYTHON = re.compile(r"(python|pypy)[0-9.]*(\.exe)?")


@contextmanager
def checkout(repository: str, commit: str, patch: bytes, *, keep: bool = False) -> Iterator[str]:
    """A folder with the commit and the patch applied, apart from the user's working tree; removed afterwards.

    Args:
        repository: any folder of the repository.
        commit: what to check out.
        patch: uncommitted changes, empty for none.
        keep: leave the folder, registered as a worktree of the repository.

    Raises:
        ToolError: the commit is missing, or the patch does not apply.
    """
    parent = tempfile.mkdtemp(prefix="workbench-reproduce-")
    folder = os.path.join(os.path.realpath(parent), "code")
    done = False
    try:
        git(["worktree", "add", "--quiet", "--detach", folder, commit], repository)
        if patch.strip():
            try:
                git(["apply", "--whitespace=nowarn", "-"], folder, input=patch)
            except ToolError as error:
                raise ToolError(f"the captured changes do not apply: {error.message}") from None
        yield folder
        done = True
    finally:
        if not (keep and done):
            _remove(repository, folder)
            shutil.rmtree(parent, ignore_errors=True)


def _remove(repository: str, folder: str) -> None:
    for arguments in (["worktree", "remove", "--force", folder], ["worktree", "prune"]):
        try:
            git(arguments, repository)
        except ToolError:
            shutil.rmtree(folder, ignore_errors=True)  # then prune forgets it


def link_inputs(paths: Sequence[str], repository: str, folder: str) -> list[str]:
    """Link files of the repository that git does not hold (data, mostly) into the checkout; returns what was linked.

    Args:
        paths: absolute paths; those outside of the repository, missing or already checked out are passed over.
        repository: the root of the working tree.
        folder: the root of the checkout.
    """
    linked: list[str] = []
    for path in paths:
        inside = _inside(path, repository)
        target = os.path.join(folder, inside) if inside else ""
        if target and os.path.exists(path) and not os.path.lexists(target):
            os.makedirs(os.path.dirname(target), exist_ok=True)
            os.symlink(path, target)
            linked.append(inside)
    return linked


def rebased_command(command: Sequence[str], interpreter: Interpreter, repository: str, folder: str) -> list[str]:
    """The command with its Python replaced, and absolute paths into the repository leading to the checkout.

    A program that lies beside the interpreter (`torchrun`, `pytest`) is taken from there.
    """
    first, *rest = command
    program = os.path.basename(first)
    beside = os.path.join(os.path.dirname(interpreter.executable), program)
    if _PYTHON.fullmatch(program):
        head = [interpreter.executable]
    elif program.endswith(".py"):
        head = [interpreter.executable, _rebased(first, repository, folder)]
    elif os.path.isfile(beside):
        head = [beside]
    else:
        head = [_rebased(first, repository, folder)]
    return [*head, *(_rebased(argument, repository, folder) for argument in rest)]


def named_paths(command: Sequence[str], cwd: str) -> list[str]:
    """Files and folders that the arguments of a command name, as absolute paths: `data.csv`, `--data=train/`."""
    values = (part for argument in command[1:] for part in (argument, argument.partition("=")[2]) if part)
    found = (os.path.normpath(os.path.join(cwd, value)) for value in values if "\n" not in value and "\0" not in value)
    return [path for path in found if os.path.exists(path)]


def code_path(interpreter: Interpreter, repository: str, folder: str) -> str:
    """`PYTHONPATH` that puts the checkout before packages installed in editable form from the repository itself."""
    moved = [os.path.join(folder, inside) for entry in interpreter.path if (inside := _inside(entry, repository))]
    root = (
        [folder] if any(os.path.realpath(entry) == os.path.realpath(repository) for entry in interpreter.path) else []
    )
    return os.pathsep.join(dict.fromkeys(entry for entry in [*root, *moved] if os.path.isdir(entry)))


@contextmanager
def standing_in(folder: str, variables: Mapping[str, str]) -> Iterator[None]:
    """This process with another working directory and more environment variables, put back afterwards."""
    before, environment = os.getcwd(), dict(os.environ)
    os.chdir(folder)
    os.environ.update(variables)
    try:
        yield
    finally:
        os.chdir(before)
        os.environ.clear()
        os.environ.update(environment)


def _rebased(argument: str, repository: str, folder: str) -> str:
    option, equals, value = argument.partition("=")
    path = value if equals and option.startswith("-") else argument
    inside = _inside(path, repository) if os.path.isabs(path) else ""
    moved = os.path.join(folder, inside) if inside else ""
    if not moved or not os.path.exists(moved):
        return argument
    return f"{option}={moved}" if path is value else moved


def _inside(path: str, root: str) -> str:
    """`path` relative to `root`; empty where it is not below it."""
    for one, base in ((path, root), (os.path.realpath(path), os.path.realpath(root))):
        if one.startswith(base.rstrip(os.sep) + os.sep):
            return os.path.relpath(one, base)
    return ""
