"""Calling a function in a process of its own, where it may hang or crash.

The process is Python with `answer(FOLDER)`: it reads `request.json` there and writes `answer.json`. What the function
prints is no part of the answer.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from tempfile import TemporaryDirectory
from typing import Any

from workbench.base.errors import InputError, WorkbenchError
from workbench.base.jsonvalue import dumps, loads
from workbench.registry.gates.process import own_environment, run_command

_REQUEST, _ANSWER = "request.json", "answer.json"
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from workbench.registry.gates.child import answer; answer(sys.argv[2])"
)
_ROOT = os.path.abspath(os.path.join(__file__, *[os.pardir] * 4))
"""Where this package lies: the process finds it there if its own path does not lead to it."""


class CrashedError(Exception):
    """A function raised what it should not, or took its process down."""


def call(
    function: str, arguments: Mapping[str, object], *, cwd: str, timeout_s: float, own_code: bool = False
) -> object:
    """What a function of this package returns, called in a process of its own.

    Args:
        function: `module:function`.
        arguments: by name; JSON values, as is what it returns.
        cwd: the folder that it runs in.
        own_code: the function may import modules of the user's from `cwd`.

    Raises:
        InputError: the function raised a WorkbenchError; this one has its message.
        CrashedError: it raised something else, or its process died.
        TimedOutError: it took longer than `timeout_s`.
    """
    with TemporaryDirectory(prefix="workbench-gate-") as folder:
        _write(os.path.join(folder, _REQUEST), {"function": function, "arguments": dict(arguments)})
        isolation = [] if own_code else ["-P"]
        command = [sys.executable, *isolation, "-c", _PROGRAM, _ROOT, folder]
        finished = run_command(command, cwd=cwd, variables=own_environment(), timeout_s=timeout_s)
        try:
            answer = _read(os.path.join(folder, _ANSWER))
        except FileNotFoundError:
            said = f": {finished.output[-1]}" if finished.output else ""
            raise CrashedError(f"{finished.end}{said}") from None
    if "problem" in answer:
        raise InputError(str(answer["problem"]), answer.get("hint"))
    if "crash" in answer:
        raise CrashedError(str(answer["crash"]))
    return answer["value"]


def answer(folder: str) -> None:
    """Call the function of a request and write what came of it; what the process does."""
    from importlib import import_module

    request = _read(os.path.join(folder, _REQUEST))
    module, _, name = request["function"].partition(":")
    found: dict[str, object]
    try:
        found = {"value": getattr(import_module(module), name)(**request["arguments"])}
    except WorkbenchError as error:
        found = {"problem": error.message, "hint": error.hint}
    except Exception as error:
        import traceback

        traceback.print_exc()
        found = {"crash": f"{type(error).__name__}: {error}"}
    _write(os.path.join(folder, _ANSWER), found)


def _read(path: str) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        found = loads(file.read())
    assert isinstance(found, dict)
    return found


def _write(path: str, value: object) -> None:
    with open(path, "w", encoding="utf-8") as file:
        file.write(dumps(value))
