"""The smoke test: an image in a hardened container without a network has to do what the model does in this process.

Nothing gets a version's tag before it has passed.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.resources import files
from threading import Event
from typing import Any

from workbench.base.errors import SmokeFailedError
from workbench.packaging.building import LAST_LINES, ROLE
from workbench.packaging.context import PORT, STOP_S
from workbench.packaging.engine import Engine, errors, given_up
from workbench.packaging.probe_script import SENTINEL

DEADLINE_S = 120.0
ROUNDS = 200
TOLERANCE = 1e-9
"""How much a number may differ, relatively, from the one in this process."""
UID = "24517:24517"
"""A user that no image knows: the server has to run as whoever it is told to."""
KILLED = 128 + 9
LITTLE_MEMORY = "give the engine more memory, or package a smaller model"
BAD = {
    "not JSON": "{" + SENTINEL,
    "no known key": json.dumps({SENTINEL: 1}),
    "two keys": json.dumps({"inputs": [SENTINEL], "instances": [SENTINEL]}),
    "wrong shape": json.dumps({"dataframe_split": {"columns": [SENTINEL], "data": SENTINEL}}),
}
"""Requests that every model has to refuse, with a value that the answer may not repeat."""
HARDENED: dict[str, Any] = {
    "read_only": True,
    "cap_drop": ["ALL"],
    "security_opt": ["no-new-privileges"],
    "pids_limit": 128,
    "tmpfs": {"/tmp": "rw,noexec,nosuid,size=64m"},
}
"""How containers of models run."""


@dataclass(frozen=True)
class Step:
    """One thing that was tested.

    Attributes:
        passed: None where it could not be tested.
        detail: what was found.
    """

    name: str
    passed: bool | None
    detail: str


@dataclass(frozen=True)
class Smoke:
    """What came of a smoke test.

    Attributes:
        ready_s: from the start of the container until it was ready.
        latency_ms: `p50`, `p99` and `requests`, of the input example.
        memory_bytes: after that.
    """

    steps: tuple[Step, ...]
    ready_s: float | None = None
    latency_ms: dict[str, float] = field(default_factory=dict)
    memory_bytes: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing failed."""
        return not any(step.passed is False for step in self.steps)

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        return {
            "ok": self.ok,
            "ready_s": self.ready_s,
            "latency_ms": self.latency_ms,
            "memory_bytes": self.memory_bytes,
            "steps": [asdict(step) for step in self.steps],
        }


def smoke_image(
    engine: Engine,
    image_id: str,
    python: str,
    example: str | None,
    expected: Any,
    progress: Callable[[str], None] = lambda text: None,
    *,
    modules: Sequence[str] = (),
    deadline_s: float = DEADLINE_S,
    cancelled: Event | None = None,
) -> Smoke:
    """Run an image hardened and ask it what a client would; the container is gone afterwards.

    Args:
        python: the path of its interpreter.
        example: the model's input example as the body of a request; None where it has none.
        expected: what the model predicts for it in this process.
        modules: of the user's own, that have to be importable.
        deadline_s: how long the server may take to be ready.
        cancelled: set by another thread to give it up.

    Raises:
        SmokeFailedError: the server ends or cannot be asked; with its last lines.
        StoreInterruptedError: it was given up.
        DockerError: the engine fails.
    """
    client = engine.client
    host = client.create_host_config(network_mode="none", **HARDENED)
    settings = {"image": image_id, "user": UID, "host_config": host, "labels": {ROLE: "smoke"}}
    asked = {
        "port": PORT, "deadline_s": deadline_s, "rounds": ROUNDS, "example": example, "bad": BAD, "modules": [*modules],
    }  # fmt: skip
    with engine.container(**settings) as made, errors(), given_up(engine, made, cancelled):
        progress("waiting until it is ready")
        started = time.time()
        client.start(made)
        answer = _ask(engine, made, python, asked)
        progress("stopping")
        stopping = time.monotonic()
        client.stop(made, timeout=STOP_S)
        stop_s = time.monotonic() - stopping
        status = int(client.inspect_container(made)["State"]["ExitCode"])
        return _judge(answer, expected, started, status, stop_s, _last_lines(engine, made))


def _ask(engine: Engine, container: str, python: str, asked: dict[str, Any]) -> dict[str, Any]:
    """What the probe inside of the container finds."""
    script = files("workbench.packaging").joinpath("probe_script.py").read_text(encoding="utf-8")
    from docker.errors import APIError

    try:
        command = [python, "-I", "-c", script, json.dumps(asked)]
        begun = engine.client.exec_create(container, command, stderr=False)["Id"]
        said = engine.client.exec_start(begun)
        found: dict[str, Any] = json.loads(said)
    except (APIError, ValueError) as error:
        raise _ended(engine, container) from error
    return found


def _ended(engine: Engine, container: str) -> SmokeFailedError:
    """What it means that a container has ended while it was asked."""
    from docker.errors import NotFound

    try:
        state = engine.client.inspect_container(container)["State"]
    except NotFound:
        return SmokeFailedError("the container was removed while it was tested", (), "try again")
    lines = _last_lines(engine, container)
    if state.get("OOMKilled"):
        return SmokeFailedError("the server took more memory than it may have and was killed", lines, LITTLE_MEMORY)
    if state.get("ExitCode") == KILLED:
        return SmokeFailedError(
            "the server was killed while it was tested", lines, likely_cause(lines) or LITTLE_MEMORY
        )
    return SmokeFailedError("the server ended before it was ready", lines, likely_cause(lines))


def _judge(
    answer: dict[str, Any], expected: Any, started: float, status: int, stop_s: float, lines: Sequence[str]
) -> Smoke:
    if answer["ready_at"] is None:
        why = [line for line in str(answer.get("why", "")).splitlines() if line]
        raise SmokeFailedError("the server was not ready in time", [*lines, *why], likely_cause([*lines, *why]))
    ready_s = float(answer["ready_at"]) - started
    steps = [
        Step("ready", True, f"in {ready_s:.1f} s"),
        Step("user", answer["uid"] != 0, f"uid {answer['uid']}"),
        Step("read-only", bool(answer["read_only"]), "the root file system takes no file"),
        _predictions(answer, expected),
    ]
    wrong = [name for name, code, echoed in answer["bad"] if not 400 <= code < 500 or echoed]
    steps.append(
        Step("bad requests", not wrong, f"{len(answer['bad']) - len(wrong)} of {len(answer['bad'])} are refused")
    )
    broken = {name: why for name, why in answer.get("modules", ()) if why}
    if answer.get("modules"):
        detail = "; ".join(f"{name}: {why}" for name, why in broken.items())
        steps.append(Step("code", not broken, detail or f"{len(answer['modules'])} of your modules are importable"))
    steps.append(Step("metrics", answer["metrics"] == 200, f"/metrics answers {answer['metrics']}"))
    steps.append(Step("stops", status == 0 and stop_s < STOP_S, f"exit status {status} after {stop_s:.1f} s"))
    return Smoke(tuple(steps), ready_s, answer.get("latency_ms") or {}, answer.get("memory_bytes"))


def _predictions(answer: dict[str, Any], expected: Any) -> Step:
    if "status" not in answer:
        return Step("predictions", None, "the model has no input example to compare with")
    if answer["status"] != 200:
        return Step("predictions", False, f"the input example is answered with {answer['status']}")
    try:
        given = json.loads(answer["answer"])["predictions"]
    except (ValueError, KeyError, TypeError):
        return Step("predictions", False, "the answer has no predictions")
    ours, theirs = flattened(given), flattened(expected)
    if len(ours) != len(theirs):
        return Step("predictions", False, f"{len(ours)} values, and {len(theirs)} in this process")
    differing = sum(not same(one, other) for one, other in zip(ours, theirs, strict=True))
    equal = len(ours) - differing
    missing = sum(value is None or (isinstance(value, float) and math.isnan(value)) for value in theirs)
    if missing:
        detail = f"{missing} of {len(theirs)} predictions for the input example are missing values (NaN)"
        return Step("predictions", False, detail)
    return Step("predictions", not differing, f"{equal} of {len(ours)} equal those in this process")


def flattened(value: Any) -> list[Any]:
    """The values in nested lists and objects, in order; of objects, by sorted key."""
    if isinstance(value, dict):
        return [item for key in sorted(value) for item in flattened(value[key])]
    if isinstance(value, list):
        return [item for inner in value for item in flattened(inner)]
    return [value]


def same(one: Any, other: Any) -> bool:
    """Whether two predictions are equal, numbers within `TOLERANCE`."""
    numbers = all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in (one, other))
    if numbers:
        return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=1e-12) or (one != one and other != other)
    return bool(one == other)


def failed(smoke: Smoke) -> SmokeFailedError:
    """What a smoke test that did not pass means to the user."""
    lines = [f"{step.name}: {step.detail}" for step in smoke.steps if step.passed is False]
    return SmokeFailedError(f"the smoke test failed: {lines[0]}", lines[1:], "mend the model, then build again")


def likely_cause(lines: Sequence[str]) -> str | None:
    """Why a server did not come up, by what it said last."""
    text = "\n".join(lines)
    if "ModuleNotFoundError" in text or "No module named" in text:
        return "a package or module is missing: name it with --require, or --include PATH"
    if "MemoryError" in text or "Killed" in text:
        return LITTLE_MEMORY
    if "SHA-256 differs" in text:
        return "a file of the model is damaged: workbench store verify"
    return None


def _last_lines(engine: Engine, container: str) -> list[str]:
    said = bytes(engine.client.logs(container, stdout=True, stderr=True, tail=LAST_LINES))
    return said.decode(errors="replace").splitlines()
