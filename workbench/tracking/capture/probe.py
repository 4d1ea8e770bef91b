"""The environment of a command that is about to run: of its own Python where it has one."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.tracking.capture import environment

_PYTHON = re.compile(r"(python|pypy)\d*(\.\d+)?t?(\.exe)?")


class EnvironmentProbe:
    """Asks the command's Python about itself, beside whatever else is going on.

    Args:
        command: what is about to run.
        variables: its environment.
    """

    def __init__(self, command: Sequence[str], variables: Mapping[str, str]) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        python = python_of(command, variables)
        if python is None or os.path.abspath(python) == os.path.abspath(sys.executable):
            return
        try:
            with open(environment.__file__, "rb") as source:
                self._process = subprocess.Popen(
                    [python, "-"],
                    stdin=source,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    env=dict(variables),
                )
        except OSError:
            pass

    def result(self, timeout_s: float) -> Mapping[str, Any] | None:
        """The environment, of our own Python where the other gives no answer; None where that takes too long."""
        process = self._process
        if process is not None:
            try:
                answer, _ = process.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                return None
            self._process = None
            if process.returncode == 0:
                try:
                    found: Mapping[str, Any] = json.loads(answer)
                    return found
                except ValueError:  # a sitecustomize that prints
                    pass
        return environment.capture_environment()

    def cancel(self) -> None:
        """Stop asking."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.communicate()


def python_of(command: Sequence[str], variables: Mapping[str, str]) -> str | None:
    """The Python that a command most likely runs: itself, the one in its first line, else the first on PATH."""
    search_path = variables.get("PATH")
    program = shutil.which(command[0], path=search_path)
    if program is not None:
        if _PYTHON.fullmatch(os.path.basename(program)):
            return program
        interpreter = _interpreter_of_script(program)
        if interpreter and _PYTHON.fullmatch(os.path.basename(interpreter)):
            return shutil.which(interpreter, path=search_path)
    return shutil.which("python", path=search_path) or shutil.which("python3", path=search_path)


def _interpreter_of_script(path: str) -> str | None:
    """The program in a script's first line, `env` looked through."""
    try:
        with open(path, "rb") as file:
            first = file.readline(1024)
    except OSError:
        return None
    if not first.startswith(b"#!"):
        return None
    words = os.fsdecode(first[2:]).split()
    if words and os.path.basename(words[0]) == "env":
        words = [word for word in words[1:] if not word.startswith("-") and "=" not in word]
    return words[0] if words else None
