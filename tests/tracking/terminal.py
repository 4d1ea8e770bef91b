"""A program on a pseudo terminal, and one without: how the tests of output and launch look at it from outside."""

from __future__ import annotations

import fcntl
import os
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE_S = 30.0


def wait_until(condition: Callable[[], object], what: str = "the condition") -> None:
    """Return as soon as it holds; fail after a while."""
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline_s, f"{what} did not come true"
        time.sleep(0.01)


def run_python(code: str, *, stdin: bytes = b"", **kwargs: object) -> subprocess.CompletedProcess[bytes]:
    """Run a Python program with pipes."""
    return subprocess.run([sys.executable, "-c", code], input=stdin, capture_output=True, timeout=PATIENCE_S)


class Terminal:
    """A program that has a terminal of its own, as in a shell's foreground.

    Attributes:
        pid: the program.
        output: what it has shown so far.
    """

    def __init__(self, pid: int, fd: int) -> None:
        self.pid = pid
        self.output = b""
        self._fd = fd

    def type(self, keys: bytes) -> None:
        """Press keys; `\\x03` is Ctrl-C."""
        os.write(self._fd, keys)

    def expect(self, text: bytes) -> None:
        """Wait until the terminal has shown `text`."""
        deadline_s = time.monotonic() + PATIENCE_S
        while text not in self.output:
            assert time.monotonic() < deadline_s, f"{text!r} is not in {self.output!r}"
            assert self._read(0.5) or text in self.output, f"{text!r} is not in {self.output!r}, which has ended"

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def wait(self) -> int:
        """The exit status as a shell gives it, after all output."""
        deadline_s = time.monotonic() + PATIENCE_S
        while self._read(0.5):
            assert time.monotonic() < deadline_s, "the program does not end"
        _, status = os.waitpid(self.pid, 0)
        code = os.waitstatus_to_exitcode(status)
        self.pid = 0
        return code if code >= 0 else 128 - code

    def _read(self, timeout_s: float) -> bool:
        """Take in what comes; False at the end."""
        if select.select([self._fd], [], [], timeout_s)[0]:
            try:
                data = os.read(self._fd, 65536)
            except OSError:
                return False
            self.output += data
            return bool(data)
        return True

    def close(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._fd)


@contextmanager
def terminal(*command: str, rows: int = 24, columns: int = 80) -> Iterator[Terminal]:
    """Run a command on a new pseudo terminal."""
    parent_fd, child_fd = os.openpty()
    fcntl.ioctl(child_fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-c", _BECOME_FOREGROUND, *command],
        stdin=child_fd,
        stdout=child_fd,
        stderr=child_fd,
        start_new_session=True,
    )
    process.returncode = 0  # waited for below
    os.close(child_fd)
    screen = Terminal(process.pid, parent_fd)
    try:
        yield screen
    finally:
        screen.close()


# Opening the terminal makes it the session's own, so that its keys become signals.
_BECOME_FOREGROUND = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
