"""One training as a process of its own, started as a user would start it by hand."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from typing import BinaryIO

PATIENCE_S = 5.0
"""How long a training may take to record its end after each signal."""

_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class TrainingProcess:
    """A running `python train.py …`.

    It is in a process group of its own, so that Ctrl-C on the terminal reaches the demo alone, which then stops
    every training exactly once.

    Args:
        arguments: the command line after the interpreter.
        root: the project, where it runs and what it tracks to.
    """

    def __init__(self, arguments: Sequence[str], root: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
        # Several trainings share the cores; threads inside each would only wait for each other.
        environment = inherited | dict.fromkeys(_ONE_THREAD, "1") | {"WORKBENCH_DIR": root}
        self._stderr: BinaryIO = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the process
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=root,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self._stderr,
            process_group=0,
        )

    @property
    def exit_status(self) -> int | None:
        """The exit status, None while it runs; negative for a signal."""
        return self._process.poll()

    def last_words(self) -> str:
        """The last line that it wrote to stderr."""
        self._stderr.seek(0)
        lines = self._stderr.read().decode(errors="replace").split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def close(self) -> None:
        """Let go of what it wrote; it must have ended."""
        self._stderr.close()


def stop(processes: Sequence[TrainingProcess]) -> None:
    """Interrupt them as Ctrl-C does, then more firmly: each signal has `PATIENCE_S` to work.

    A second Ctrl-C while this waits kills at once.
    """
    waiting = [process._process for process in processes]
    try:
        for number in (signal.SIGINT, signal.SIGTERM):
            for process in waiting:
                process.send_signal(number)
            waiting = _still_running(waiting)
    except KeyboardInterrupt:
        pass
    finally:
        for process in waiting:
            process.kill()
            process.wait()


def _still_running(processes: Sequence[subprocess.Popen[bytes]]) -> list[subprocess.Popen[bytes]]:
    """Those that have not ended within `PATIENCE_S`."""
    deadline = time.monotonic() + PATIENCE_S
    late = []
    for process in processes:
        try:
            process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            late.append(process)
    return late
