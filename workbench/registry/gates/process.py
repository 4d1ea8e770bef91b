"""Commands with a limit on their time, which leave nothing running."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from workbench.base.errors import InputError
from workbench.tracking.capture.secrets import mask_text

SHOWN_LINES = 20
"""How many of a command's last lines are kept."""
MAX_LINE_CHARS = 500
_KEPT_BYTES = 64 * 1024
_STYLING = re.compile(r"\x1b\[[0-9;:?]*[ -/]*[@-~]")
"""Escape sequences of ECMA-48 that colour text and move the cursor."""
_GRACE_S = 1.0
"""How long to wait for output that a process outside the killed group still holds open."""


class TimedOutError(Exception):
    """A command took longer than it may.

    Attributes:
        output: its last lines until then.
    """

    def __init__(self, output: list[str]) -> None:
        super().__init__("it took too long")
        self.output = output


@dataclass(frozen=True)
class Finished:
    """A command that ended by itself.

    Attributes:
        status: its exit status; negative where a signal ended it.
        output: its last lines, of both streams, without colours and secrets.
    """

    status: int
    output: list[str]

    @property
    def end(self) -> str:
        """`exit status 3`, or `ended by SIGSEGV`."""
        if self.status >= 0:
            return f"exit status {self.status}"
        try:
            return f"ended by {signal.Signals(-self.status).name}"
        except ValueError:
            return f"ended by signal {-self.status}"


def run_command(command: Sequence[str], *, cwd: str, variables: Mapping[str, str], timeout_s: float) -> Finished:
    """Run a command without input, and kill whatever it started and left.

    Args:
        cwd: the folder that it runs in.
        variables: its whole environment.

    Raises:
        InputError: it cannot be started.
        TimedOutError: it took longer than `timeout_s`; it is killed with all of its process group.
    """
    try:
        process = subprocess.Popen(
            command,
            cwd=cwd,
            env=dict(variables),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        raise InputError(f"cannot start {command[0]}: {getattr(error, 'strerror', None) or error}") from None
    assert process.stdout is not None
    tail = _Tail(process.stdout)
    in_time = True
    try:
        process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        in_time = False
    finally:
        _end(process)
    if not in_time:
        raise TimedOutError(tail.lines())
    return Finished(process.returncode, tail.lines())


def own_environment() -> dict[str, str]:
    """This process's environment, without the run that it may be part of: what a gate logs belongs to no run."""
    return {name: value for name, value in os.environ.items() if name != "WORKBENCH_RUN_ID"}


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):  # the group is gone; macOS says so in its own way
        pass
    process.wait()


class _Tail(threading.Thread):
    """Reads a command's output as it comes and keeps the end of it."""

    def __init__(self, stream: IO[bytes]) -> None:
        super().__init__(daemon=True)
        self._stream = stream
        self._kept = b""
        self._cut = False
        self.start()

    def run(self) -> None:
        with self._stream as stream:
            while chunk := os.read(stream.fileno(), _KEPT_BYTES):
                kept = self._kept + chunk
                self._cut |= len(kept) > _KEPT_BYTES
                self._kept = kept[-_KEPT_BYTES:]

    def lines(self) -> list[str]:
        """The last lines; call it when the command has ended."""
        self.join(_GRACE_S)
        lines = self._kept.decode("utf-8", "replace").splitlines()
        if self._cut:
            lines = lines[1:] or lines  # of the first line the beginning is missing, where a secret may be cut in two
        return [mask_text(_STYLING.sub("", line))[:MAX_LINE_CHARS] for line in lines[-SHOWN_LINES:]]
