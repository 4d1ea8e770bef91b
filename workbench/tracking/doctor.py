"""What `workbench doctor` checks: the project, its store, and the tools around it.

Every check answers on its own; one that cannot be made is a finding, never an exception.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from importlib import metadata
from typing import Literal

from workbench.base.errors import WorkbenchError
from workbench.base.numbers import format_number, format_size
from workbench.base.project import Project
from workbench.store.location import cache_folder, is_network_folder
from workbench.store.overview import count_gaps, count_runs
from workbench.store.store import Store

State = Literal["ok", "warn", "fail", "absent"]
LOW_SPACE_BYTES = 1_000_000_000
NO_SPACE_BYTES = 50_000_000
TOOL_TIMEOUT_S = 3.0
DOCKER_SOCKETS = ("/var/run/docker.sock", "~/.docker/run/docker.sock")


@dataclass(frozen=True)
class Check:
    """One finding.

    Attributes:
        name: what was checked.
        state: ok; warn: works with a restriction; fail: does not work; absent: not there and not needed for tracking.
        detail: what was found.
        mend: what to do about it, or None.
    """

    name: str
    state: State
    detail: str
    mend: str | None = None


def diagnose(project: Project | None, *, encoding: str) -> list[Check]:
    """Every check.

    Args:
        project: the project, if there is one.
        encoding: the encoding of the terminal.
    """
    checks: dict[str, Callable[[], Check]] = {"project": lambda: check_project(project)}
    if project is not None:
        checks |= {
            "store": lambda: check_store(project),
            "journals": lambda: check_journals(project),
            "disk": lambda: check_space(project),
        }
    checks |= {
        "git": lambda: check_git(project),
        "uv": check_uv,
        "mlflow": check_mlflow,
        "docker": check_docker,
        "terminal": lambda: check_terminal(encoding),
    }
    return [_answer(name, check) for name, check in checks.items()]


def check_project(project: Project | None) -> Check:
    """Whether there is a project, and whether this version can read it."""
    if project is None:
        return Check("project", "absent", "no project here or in any folder above", "workbench init")
    project.settings()
    if is_network_folder(project.folder):
        where = cache_folder(project) or "memory"
        return Check("project", "ok", f"{project.root}, on a network folder; the DuckDB file is in {where}")
    return Check("project", "ok", project.root)


def check_store(project: Project) -> Check:
    """Whether the store answers, and how many runs it has."""
    store = Store(project)
    with store.reading() as db:
        runs = count_runs(db)
    text = f"{format_number(runs)} run{'s' * (runs != 1)}, DuckDB file of {format_size(store.size_bytes())}"
    if store.cache_dir is None:
        return Check(
            "store", "warn", f"{text}; held in memory, the folder may not be written", "check its owner and mode"
        )
    if store.notices:
        return Check("store", "warn", f"{text}; {'; '.join(store.notices)}")
    return Check("store", "ok", text)


def check_journals(project: Project) -> Check:
    """Whether parts of journals are lost."""
    with Store(project).reading() as db:
        gaps = count_gaps(db)
    if not gaps:
        return Check("journals", "ok", "complete")
    text = f"{gaps} place{'s' * (gaps != 1)} where bytes are lost"
    return Check("journals", "warn", text, "workbench store verify")


def check_space(project: Project) -> Check:
    """How much space is left where the project lies."""
    free_bytes = shutil.disk_usage(project.folder).free
    text = f"{format_size(free_bytes)} free"
    if free_bytes < NO_SPACE_BYTES:
        return Check("disk", "fail", text, "free some space; workbench store size says what takes it up")
    if free_bytes < LOW_SPACE_BYTES:
        return Check("disk", "warn", text, "workbench store compact, workbench store gc")
    return Check("disk", "ok", text)


def check_git(project: Project | None) -> Check:
    """Whether git works, and whether the project's code is under it."""
    version = _first_line(["git", "--version"])
    if version is None:
        return Check("git", "warn", "not installed; runs do not record their code", "install git")
    version = version.removeprefix("git version ")
    if project is not None and _first_line(["git", "-C", project.root, "rev-parse", "--git-dir"]) is None:
        return Check("git", "warn", f"{version}; {project.root} is in no repository", "git init, then commit the code")
    return Check("git", "ok", version)


def check_uv() -> Check:
    """Whether environments of runs can be created again."""
    beside = os.path.join(os.path.dirname(sys.executable), "uv")
    version = _first_line([shutil.which("uv") or beside, "--version"])
    if version is None:
        return Check("uv", "absent", "needed to recreate the environment of a run", "pip install uv")
    return Check("uv", "ok", version.removeprefix("uv "))


def check_mlflow() -> Check:
    """Whether models can be logged in MLflow's format."""
    for name in ("mlflow", "mlflow-skinny"):
        try:
            return Check("mlflow", "ok", f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return Check("mlflow", "absent", "needed to log models", "pip install mlflow-skinny")


def check_docker() -> Check:
    """Whether a Docker engine answers."""
    host = os.environ.get("DOCKER_HOST", "")
    if host.startswith("unix://"):
        sockets: Sequence[str] = (host.removeprefix("unix://"),)
    elif host:
        return _docker_answer(host, HTTPConnection(host.partition("://")[2], timeout=TOOL_TIMEOUT_S))
    else:
        sockets = [os.path.expanduser(path) for path in DOCKER_SOCKETS]
    for path in sockets:
        if os.path.exists(path):
            return _docker_answer(path, _UnixConnection(path))
    return Check("docker", "absent", "no engine; needed to build and run images", "install Docker, or start its engine")


def check_terminal(encoding: str) -> Check:
    """Whether marks and charts can be drawn."""
    if encoding.lower().replace("-", "") in ("utf8", "utf16", "utf32"):
        return Check("terminal", "ok", encoding)
    return Check("terminal", "warn", f"{encoding}; marks and charts are drawn in ASCII", "export LC_ALL=C.UTF-8")


def _answer(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except WorkbenchError as error:
        return Check(name, "fail", error.message, error.hint)
    except OSError as error:
        return Check(name, "fail", str(error))


class _UnixConnection(HTTPConnection):
    """HTTP over the socket of a Docker engine on this machine."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=TOOL_TIMEOUT_S)
        self.path = path

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(TOOL_TIMEOUT_S)
        self.sock.connect(self.path)


def _docker_answer(place: str, connection: HTTPConnection) -> Check:
    try:
        connection.request("GET", "/version")
        answer = json.loads(connection.getresponse().read())
        return Check("docker", "ok", f"engine {answer['Version']} at {place}")
    except PermissionError:
        return Check("docker", "warn", f"{place} may not be used", "sudo usermod -aG docker $USER, then log in again")
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Check("docker", "warn", f"{place} does not answer: {error}", "start Docker")
    finally:
        connection.close()


def _first_line(command: Sequence[str]) -> str | None:
    """What a tool prints first; None where it is missing, fails or hangs."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=TOOL_TIMEOUT_S, check=True, text=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout.partition("\n")[0].strip()
