"""The state of the code that a run came from: commit, branch, and a patch with everything that is not committed.

`git apply` of the patch on the commit reproduces the folder byte for byte, but for what `skipped` names.
A folder that git filters on checkout (autocrlf, LFS) gives what git would write there.
"""

from __future__ import annotations

import os
import subprocess
from typing import TypedDict

from workbench.base.project import Project
from workbench.tracking.capture.patch import PatchLimits, path_of_chunk, split_patch, untracked_chunks
from workbench.tracking.capture.secrets import find_secret, is_secret_file, mask_url

TIMEOUT_S = 20.0
MAX_SKIPPED = 200
MAX_TRACKED_FILE_BYTES = 32 * 1024 * 1024

# Nothing that a user's settings may do to the output, start, ask or lock.
_SETTINGS = (
    "--no-pager", "-c", "core.fsmonitor=false", "-c", "core.quotePath=true", "-c", "status.relativePaths=false",
    "-c", "color.ui=false", "-c", "diff.orderFile=/dev/null",
)  # fmt: skip
_DIFF = (
    "diff", "--binary", "--full-index", "--no-color", "--no-ext-diff", "--no-textconv", "--no-relative", "--unified=3",
    "--inter-hunk-context=0", "--find-renames", "--submodule=short", "--ignore-submodules=dirty", "--src-prefix=a/",
    "--dst-prefix=b/",
)  # fmt: skip
_MISLEADING = frozenset(
    ("GIT_EXTERNAL_DIFF", "GIT_DIFF_OPTS", "GIT_LITERAL_PATHSPECS", "GIT_GLOB_PATHSPECS", "GIT_NOGLOB_PATHSPECS",
     "GIT_ICASE_PATHSPECS")
)  # fmt: skip


class GitState(TypedDict):
    """What git says about a folder.

    Attributes:
        commit: the full hash; None before the first commit.
        branch: None where HEAD is detached.
        dirty: whether the folder holds something that the commit does not: changes, staged or not, or
            new files that .gitignore does not name.
        remote: the URL of the branch's remote, else of `origin`, without user and password.
        root: the top folder of the working tree.
        patch: for `git apply` on the commit (on an empty folder where there is none).
        skipped: `{"path", "reason"}` of what differs but is not in the patch.
        problem: why some of this is missing; None when all is well.
    """

    commit: str | None
    branch: str | None
    dirty: bool | None
    remote: str | None
    root: str | None
    patch: bytes
    skipped: list[dict[str, str]]
    problem: str | None


class _GitError(Exception):
    """A git command failed; the text says why."""


def capture_git(cwd: str, limits: PatchLimits | None = None) -> GitState | None:
    """The state of the repository around `cwd`; None where there is none. Never raises: see `problem`.

    Costs three short git commands, four where something is not committed. It takes no lock, so it is
    safe while the user works with git.
    """
    state = GitState(commit=None, branch=None, dirty=None, remote=None, root=None, patch=b"", skipped=[], problem=None)
    try:
        try:
            root = os.fsdecode(_git(cwd, "rev-parse", "--show-toplevel").rstrip(b"\n"))
        except FileNotFoundError:
            if not _is_in_repository(cwd):
                return None
            raise _GitError("git is not installed") from None
        except _GitError as failure:
            if "not a git repository" in str(failure) and not _is_in_repository(cwd):
                return None
            raise
        state["root"] = root
        status = _read_status(root)
        state["commit"], state["branch"], state["problem"] = status.commit, status.branch, status.problem
        state["dirty"] = bool(status.changed or status.untracked)
        state["remote"] = _remote(root, status.branch)
        if state["dirty"]:
            _Patch(state, limits or PatchLimits()).build(root, status)
    except _GitError as failure:
        state["problem"] = str(failure)
    except OSError as error:
        state["problem"] = f"cannot run git: {error.strerror or error}"
    return state


def git_events(project: Project, state: GitState) -> list[dict[str, object]]:
    """The `cap` events of a repository's state.

    The patch against the commit is stored as a blob, since many runs share one; its event holds `sha256` and
    `size_bytes`.
    """
    facts = {name: value for name, value in state.items() if name != "patch"}
    events: list[dict[str, object]] = [{"e": "cap", "name": "git", "value": facts}]
    if state["patch"]:
        from workbench.store.blobs import BlobStore

        sha256, size_bytes = BlobStore(project).put_bytes(state["patch"])
        events.append({"e": "cap", "name": "patch", "value": {"sha256": sha256, "size_bytes": size_bytes}})
    return events


class _Status:
    """`git status`: the head, the changed tracked paths and the untracked ones, relative to the root."""

    def __init__(self) -> None:
        self.commit: str | None = None
        self.branch: str | None = None
        self.object_format = "sha1"
        self.changed: list[str] = []
        self.untracked: list[str] = []
        self.dirty_submodules: list[str] = []
        self.problem: str | None = None


class _Patch:
    """Fills `patch` and `skipped` of a state within the limits."""

    def __init__(self, state: GitState, limits: PatchLimits) -> None:
        self._state = state
        self._limits = limits
        self._left_bytes = limits.total_bytes
        self._chunks: list[bytes] = []
        self._more_skipped = 0

    def build(self, root: str, status: _Status) -> None:
        for path in status.dirty_submodules:
            self._skip(path, "submodule with uncommitted changes")
        try:
            if status.changed:
                self._add_tracked(root, status)
            for path, chunk, reason in untracked_chunks(root, status.untracked, self._limits):
                if chunk is None:
                    self._skip(path, reason)
                else:
                    self._add(path, chunk)
        finally:
            if self._more_skipped:
                self._state["skipped"].append({"path": "…", "reason": f"and {self._more_skipped} more"})
            self._state["patch"] = b"".join(self._chunks)

    def _add_tracked(self, root: str, status: _Status) -> None:
        excluded = []
        for path in status.changed:
            reason = "may hold secrets" if is_secret_file(path) else ""
            if not reason and _size_bytes(os.path.join(root, path)) > MAX_TRACKED_FILE_BYTES:
                reason = f"larger than {MAX_TRACKED_FILE_BYTES // 2**20} MiB"
            if reason:
                excluded.append(f":(top,exclude,literal){path}")
                self._skip(path, reason)
        base = "HEAD" if status.commit else _empty_tree(status.object_format)
        # Twice the limit is read, so that one large change in the middle does not cost the small ones after it.
        diff, problem = _git_bounded(root, 2 * self._limits.total_bytes, *_DIFF, base, "--", ":/", *excluded)
        chunks = split_patch(diff)
        if problem:
            if chunks:
                self._skip(path_of_chunk(chunks.pop()), problem)
            self._state["problem"] = f"{problem}; the patch holds only the first changes"
        for chunk in chunks:
            path = path_of_chunk(chunk)
            added = b"\n".join(line for line in chunk.split(b"\n") if line.startswith(b"+"))
            secret = find_secret(added)
            if secret:
                self._skip(path, f"may hold a secret: {secret}")
            elif chunk.startswith(b"diff --git "):
                self._add(path, chunk)

    def _add(self, path: str, chunk: bytes) -> None:
        if len(chunk) > self._left_bytes:
            self._skip(path, f"the patch would be larger than {_megabytes(self._limits.total_bytes)}")
            return
        self._left_bytes -= len(chunk)
        self._chunks.append(chunk)

    def _skip(self, path: str, reason: str) -> None:
        if len(self._state["skipped"]) < MAX_SKIPPED:
            shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            self._state["skipped"].append({"path": shown, "reason": reason})
        else:
            self._more_skipped += 1


def _read_status(root: str) -> _Status:
    status = _Status()
    arguments = ("status", "--porcelain=v2", "--branch", "-z", "--find-renames")
    try:
        output = _git(root, *arguments, "--untracked-files=all")
    except subprocess.TimeoutExpired:
        status.problem = f"new files were not looked for: git status took longer than {TIMEOUT_S:.0f} s"
        output = _git(root, *arguments, "--untracked-files=no")
    fields = iter(os.fsdecode(output).split("\0"))
    # https://git-scm.com/docs/git-status#_porcelain_format_version_2
    for field in fields:
        kind = field[:2]
        if field.startswith("# branch.oid ") and not field.endswith("(initial)"):
            status.commit = field[13:]
        elif field.startswith("# branch.head ") and not field.endswith("(detached)"):
            status.branch = field[14:]
        elif kind == "? ":
            status.untracked.append(field[2:])
        elif kind in ("1 ", "2 ", "u "):
            columns = field.split(" ", {"1 ": 8, "2 ": 9, "u ": 10}[kind])
            path, submodule, index_hash = columns[-1], columns[2], columns[7]
            status.object_format = "sha256" if len(index_hash) == 64 else "sha1"
            if submodule[0] == "S" and submodule[2:] != "..":
                status.dirty_submodules.append(path)
            status.changed.append(path)
            if kind == "2 ":
                next(fields, None)  # where it was renamed from; the diff tells it too
    return status


def _remote(root: str, branch: str | None) -> str | None:
    """The URL that the branch is fetched from, else that of `origin`, else of any remote."""
    try:
        output = os.fsdecode(_git(root, "config", "-z", "--get-regexp", r"^(remote\..*\.url|branch\..*\.remote)$"))
    except _GitError:
        return None
    settings: dict[str, str] = {}
    for entry in output.split("\0"):
        key, _, value = entry.partition("\n")
        settings.setdefault(key, value)  # the first URL of a remote is the one to fetch from
    name = settings.get(f"branch.{branch}.remote", "origin")
    url = settings.get(f"remote.{name}.url") or next((v for k, v in settings.items() if k.startswith("remote.")), None)
    return mask_url(url) if url else None


def _git(cwd: str, *arguments: str) -> bytes:
    """The output of a git command that only reads.

    Raises:
        _GitError: git says no, or does not answer in time.
        FileNotFoundError: there is no git, or `cwd` is gone.
        subprocess.TimeoutExpired: only of `status`, which has a cheaper form.
    """
    try:
        done = subprocess.run(
            ["git", *_SETTINGS, *arguments],
            cwd=cwd,
            env=_quiet_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=TIMEOUT_S,
        )
    except subprocess.TimeoutExpired:
        if "--untracked-files=all" in arguments:
            raise
        raise _GitError(f"git {arguments[0]} took longer than {TIMEOUT_S:.0f} s") from None
    if done.returncode != 0:
        raise _GitError(_reason(done.stderr) or f"git {arguments[0]} failed")
    return done.stdout


def _git_bounded(cwd: str, limit_bytes: int, *arguments: str) -> tuple[bytes, str | None]:
    """At most `limit_bytes` of the output of a git command, and why that is not all of it."""
    import threading

    process = subprocess.Popen(
        ["git", *_SETTINGS, *arguments],
        cwd=cwd,
        env=_quiet_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    timer = threading.Timer(TIMEOUT_S, process.kill)
    timer.start()
    try:
        assert process.stdout is not None
        with process.stdout:
            output = process.stdout.read(limit_bytes + 1)
        if len(output) > limit_bytes:
            process.kill()
        status = process.wait()
    finally:
        timer.cancel()
    if len(output) > limit_bytes:
        return output, "the changes are too large"
    return output, f"git {arguments[0]} failed with status {status}" if status else None


def _quiet_environment() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if name not in _MISLEADING}
    return environment | {"GIT_OPTIONAL_LOCKS": "0", "GIT_TERMINAL_PROMPT": "0", "GIT_PAGER": "cat", "LC_ALL": "C"}


def _reason(stderr: bytes) -> str:
    """The sentence of git that says why, without `fatal: `."""
    lines = [line.strip() for line in stderr.decode("utf-8", "replace").splitlines() if line.strip()]
    said = [line for line in lines if line.startswith(("fatal: ", "error: "))] or lines
    return said[0].removeprefix("fatal: ").removeprefix("error: ") if said else ""


def _is_in_repository(cwd: str) -> bool:
    """Whether `cwd` or a folder above holds `.git`: what can be said without git, or when git refuses to look."""
    folder = os.path.abspath(cwd)
    while True:
        if os.path.lexists(os.path.join(folder, ".git")):
            return True
        above = os.path.dirname(folder)
        if above == folder:
            return False
        folder = above


def _empty_tree(object_format: str) -> str:
    """The hash of a tree without entries; git knows it in every repository."""
    import hashlib

    return hashlib.new(object_format, b"tree 0\0").hexdigest()


def _size_bytes(path: str) -> int:
    try:
        return os.lstat(path).st_size
    except OSError:
        return 0


def _megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:.3g} MB"
