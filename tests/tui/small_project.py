"""A project with a few runs that ended an hour ago, by the real clock: another process shows them."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.conftest import FakeClock
from tests.tui.runs_to_show import Runs, course, full_events
from tests.tui.terminal import environment, workbench
from workbench.base.clock import set_clock
from workbench.base.project import Project

OTTER, LYNX, CRANE, HERON = (digit * 32 for digit in "abcd")
NAMES = {OTTER: "brave-otter", LYNX: "quiet-lynx", CRANE: "bold-crane", HERON: "calm-heron"}

TRAIN = """
import sys, time
import workbench

run = workbench.start_run(
    project=sys.argv[1], name=sys.argv[2], capture=False, capture_output=False, system_metrics=False, on_error="raise"
)
print("ready", flush=True)
for step in range(int(sys.argv[3])):
    run.log({"loss": float(step)}, step=step)
    time.sleep(0.1)
run.end()
"""
"""A training: project, name, steps; ten steps a second, and the loss is the step's number."""


def add_runs(project: Project) -> None:
    """Four runs: two of model gbm with auc 0.95 and 0.93, two of model linear with 0.88 and, failed, 0.61."""
    clock = FakeClock(time.time_ns() // 1000 - 3600 * 1_000_000)
    set_clock(clock)
    try:
        runs = Runs(project, clock)
        for uid, lr, depth, model, auc, status in (
            (OTTER, 0.05, 8, "gbm", 0.95, "finished"),
            (LYNX, 0.1, 6, "gbm", 0.93, "finished"),
            (CRANE, 0.5, 6, "linear", 0.61, "failed"),
            (HERON, 0.1, 4, "linear", 0.88, "finished"),
        ):
            clock.advance(60)
            curves = {"loss": course(0.7, 1 - auc, 21), "auc": course(0.5, auc, 21)}
            events = _events(runs, lr, depth, model, numpy="2.0.0" if uid == LYNX else "1.26.4")
            runs.add(uid, NAMES[uid], events, metrics=curves, status=status)
        runs.close()
    finally:
        set_clock(None)


def _events(runs: Runs, lr: float, depth: int, model: str, numpy: str) -> Sequence[dict[str, object]]:
    events = [event for event in full_events(runs.project, lr=lr, depth=depth) if event.get("name") != "model"]
    for event in events:
        value: Any = event.get("value")
        if event.get("name") == "environment":
            value["packages"]["numpy"] = numpy
    return [*events, {"e": "param", "name": "model", "value": model}]


@contextmanager
def training(project: Project, name: str, steps: int) -> Iterator[subprocess.Popen[bytes]]:
    """`TRAIN` in a process of its own, from when its run has started; killed at the end."""
    command = [sys.executable, "-c", TRAIN, project.root, name, str(steps)]
    process = subprocess.Popen(command, env=environment(), stdout=subprocess.PIPE)
    try:
        assert process.stdout is not None and process.stdout.readline() == b"ready\n"
        yield process
    finally:
        process.kill()
        process.communicate()


def told(project: Project, *arguments: str) -> Any:
    """What a command of another process says, as JSON."""
    command = workbench("-C", project.root, *arguments, "--json")
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def told_run(project: Project, uid: str) -> Mapping[str, Any]:
    """A run as another process sees it."""
    document: Mapping[str, Any] = told(project, "runs", "show", uid)
    return document


def script(path: Path, text: str) -> Path:
    """A program that a person might name in `$EDITOR`."""
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(0o755)
    return path
