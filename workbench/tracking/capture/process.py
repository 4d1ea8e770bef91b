"""Who and what the current process is: the facts that a run's `start` event carries.

On the import path of logging: everything here costs microseconds (no `socket`, no `getpass`).
"""

from __future__ import annotations

import os
import sys

from workbench.tracking.capture.secrets import mask_command

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypedDict

    class ProcessDescription(TypedDict):
        """The facts about one process, all JSON values."""

        user: str
        host: str
        command: list[str]
        cwd: str
        python: str


def describe_process() -> ProcessDescription:
    """User, host, command line (secrets masked), working directory and Python version of this process; never raises."""
    return {
        "user": user_name(),
        "host": host_name(),
        "command": mask_command(command_line()),
        "cwd": working_directory(),
        "python": python_version(),
    }


def user_name() -> str:
    """Who this process belongs to: `WORKBENCH_USER`, the login name of the environment or of the system, or `uid N`."""
    for variable in ("WORKBENCH_USER", "LOGNAME", "USER", "USERNAME"):
        name = os.environ.get(variable)
        if name:
            return name
    try:
        import pwd  # only where the environment is silent: containers and cron

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError, AttributeError):
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else ""


def host_name() -> str:
    """The name of this machine."""
    try:
        return os.uname().nodename
    except AttributeError:
        return os.environ.get("COMPUTERNAME", "")


def working_directory() -> str:
    """The working directory; empty where it was removed under the process."""
    try:
        return os.getcwd()
    except OSError:
        return ""


def command_line() -> list[str]:
    """The command that started this process, interpreter included: `python -m train --lr 0.1` keeps its `-m`."""
    original = list(getattr(sys, "orig_argv", ()) or sys.argv)
    return original or [sys.executable or "python"]


def python_version() -> str:
    """`3.12.4`, with the implementation's name in front where it is not CPython."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    implementation = sys.implementation.name
    return version if implementation == "cpython" else f"{implementation} {version}"
