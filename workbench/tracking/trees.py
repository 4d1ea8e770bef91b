"""The code of a run as a git tree: its commit with its uncommitted changes applied.

Trees are built in an index and an object folder of their own, so that the user's index, working tree
and repository stay untouched: nothing is left behind, not even a loose object.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from workbench.base.errors import ToolError, WorkbenchError

GIT_S = 600.0
"""Longer than a checkout of a large repository takes; a git that waits for something never ends."""
LOCAL_VARIABLES = frozenset(
    "GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_COMMON_DIR"
    " GIT_NAMESPACE GIT_PREFIX GIT_EXTERNAL_DIFF GIT_DIFF_OPTS".split()
)
"""Variables that a hook or a surrounding git command sets, and that would lead to another repository."""


@dataclass(frozen=True, slots=True)
class CodeState:
    """What was captured of a run's code.

    Attributes:
        label: how the run is called in a diff.
        commit: of the repository, or None.
        patch: uncommitted changes against the commit, as a git patch; empty for none.
        root: where the repository was.
        missing: why the state is not whole, or None.
    """

    label: str
    commit: str | None = None
    patch: bytes = b""
    root: str | None = None
    missing: str | None = None


def code_state(label: str, captures: Mapping[str, object], read_blob: Callable[[str], bytes]) -> CodeState:
    """The state that the captures of a run describe.

    Args:
        label: how the run is called in a diff.
        captures: of the run; `git` has commit, dirty and root, `patch` the SHA-256 of the uncommitted changes.
        read_blob: the bytes stored under a SHA-256; may raise WorkbenchError, which becomes `missing`.
    """
    captured, patch = captures.get("git"), captures.get("patch")
    facts = captured if isinstance(captured, Mapping) else {}
    commit, root = facts.get("commit"), facts.get("root")
    if not isinstance(commit, str):
        return CodeState(label, missing=f"{label} did not run in a git repository with a commit")
    where = root if isinstance(root, str) else None
    sha256 = patch.get("sha256") if isinstance(patch, Mapping) else None
    if isinstance(sha256, str):
        try:
            return CodeState(label, commit, read_blob(sha256), where)
        except WorkbenchError as error:
            return CodeState(label, commit, b"", where, f"the uncommitted changes of {label} are lost: {error.message}")
    lost = f"the uncommitted changes of {label} were not captured" if facts.get("dirty") else None
    return CodeState(label, commit, b"", where, lost)


def git(
    arguments: Sequence[str], cwd: str, *, input: bytes | None = None, env: Mapping[str, str] | None = None
) -> bytes:
    """The output of one git command, run in `cwd` apart from the settings of a surrounding git command or hook.

    Raises:
        ToolError: git is missing, takes longer than `GIT_S`, or failed; the message is git's last line.
    """
    clean = {name: value for name, value in os.environ.items() if name not in LOCAL_VARIABLES}
    clean |= {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_OPTIONAL_LOCKS": "0", **(env or {})}
    command = ["git", "-c", "core.fsmonitor=false", "-c", f"core.hooksPath={os.devnull}", *arguments]
    try:
        done = subprocess.run(command, cwd=cwd, input=input, env=clean, capture_output=True, check=False, timeout=GIT_S)
    except subprocess.TimeoutExpired:
        raise ToolError(f"git {arguments[0]} did not end within {GIT_S:g} s", "try it in the repository") from None
    except FileNotFoundError:
        if not os.path.isdir(cwd):
            raise ToolError(f"{cwd} does not exist any more") from None
        raise ToolError("git is not installed", "install git, then try again") from None
    except OSError as error:
        raise ToolError(f"git cannot be started in {cwd}: {error.strerror}") from None
    if done.returncode:
        lines = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines() or [f"status {done.returncode}"]
        raise ToolError(f"git {arguments[0]} failed: {lines[-1].removeprefix('fatal: ').removeprefix('error: ')}")
    return done.stdout


def has_commit(repository: str, commit: str) -> bool:
    """Whether `repository` is a git repository that has the commit."""
    try:
        git(["cat-file", "-e", f"{commit}^{{commit}}"], repository)
    except ToolError:
        return False
    return True


def top_level(repository: str) -> str:
    """The root of the working tree around `repository`."""
    return os.fsdecode(git(["rev-parse", "--show-toplevel"], repository).rstrip(b"\n"))


def tree_diff(repository: str, a: CodeState, b: CodeState, *, context: int = 3) -> list[str]:
    """The lines of the true difference between two states whose commits are both in `repository`.

    Raises:
        ToolError: a commit is missing, a patch does not apply, or git failed.
    """
    root = top_level(repository)
    with tempfile.TemporaryDirectory(prefix="workbench-trees-") as folder:
        env = _scratch_environment(root, folder)
        trees = [_write_tree(root, state, env) for state in (a, b)]
        options = ["--no-color", "--no-ext-diff", "--no-textconv", "--find-renames", f"--unified={context}"]
        output = git(["diff", *options, "--src-prefix=a/", "--dst-prefix=b/", *trees], root, env=env)
    return output.decode("utf-8", "backslashreplace").splitlines()


def _write_tree(root: str, state: CodeState, env: Mapping[str, str]) -> str:
    if state.commit is None:
        raise ToolError(f"{state.label} has no commit")
    git(["read-tree", state.commit], root, env=env)
    if state.patch.strip():
        git(["apply", "--cached", "--whitespace=nowarn", "-"], root, input=state.patch, env=env)
    return git(["write-tree"], root, env=env).decode().strip()


def _scratch_environment(root: str, folder: str) -> dict[str, str]:
    """New objects and the index go to `folder`; the repository's objects are read as alternates."""
    objects = os.path.join(root, os.fsdecode(git(["rev-parse", "--git-path", "objects"], root).rstrip(b"\n")))
    os.makedirs(os.path.join(folder, "objects"))
    return {
        "GIT_INDEX_FILE": os.path.join(folder, "index"),
        "GIT_OBJECT_DIRECTORY": os.path.join(folder, "objects"),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": objects,
    }
