"""What a test reads back of a run: everything in its journals, without the store."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Any

import workbench as wb
from workbench.base.project import Project
from workbench.journal.layout import journals_of, live_dir, sealed_dir
from workbench.journal.reader import read_journal

QUIET: dict[str, Any] = {"capture": False, "capture_output": False, "system_metrics": False}
"""Arguments of `start_run` for a run that records only what the test logs."""


def events_of(project: Project, run_id: str, kind: str | None = None) -> list[dict[str, Any]]:
    """The events of a run, of one kind or all, in the order of their times."""
    events: list[dict[str, Any]] = []
    for path in journals_of(project.journal_dir, run_id):
        events += read_journal(path).events
    events.sort(key=lambda event: event["t"])
    return [event for event in events if kind in (None, event["e"])]


def points_of(project: Project, run_id: str) -> list[tuple[str, int, float]]:
    """`(name, step, value)` of a run's metrics, in the order of their times."""
    points = []
    for path in journals_of(project.journal_dir, run_id):
        points += read_journal(path).metrics
    points.sort(key=lambda point: point[3])
    return [point[:3] for point in points]


def roles_of(project: Project, run_id: str) -> list[str]:
    """The roles of a run's writers, sorted."""
    return sorted(event["role"] for event in events_of(project, run_id, "open"))


def params_of(project: Project, run_id: str) -> dict[str, Any]:
    """The parameters of a run, the last value of each."""
    return {event["name"]: event["value"] for event in events_of(project, run_id, "param")}


DEADLINE_S = 30.0
"""How long a test waits for another process before it gives up."""


def start(*arguments: Any, **options: Any) -> wb.Run:
    """`start_run` of a quiet run."""
    return wb.start_run(*arguments, **{**QUIET, **options})


def script(text: str, **environment: str) -> subprocess.Popen[str]:
    """A Python process that runs `text` in the working directory, after the imports that such a script needs."""
    prelude = f"import os, signal, sys, time, workbench as wb\nQUIET = {QUIET!r}\n"
    return subprocess.Popen(
        [sys.executable, "-c", prelude + text],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, **environment},
    )


def outcome(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a process that ends by itself."""
    out, err = process.communicate(timeout=DEADLINE_S)
    return process.returncode, out, err


def only_run(project: Project) -> str:
    """The id of the one run of a project."""
    folders = (live_dir(project.journal_dir), sealed_dir(project.journal_dir))
    [run_id] = {name.split(".")[0] for folder in folders for name in os.listdir(folder)}
    return run_id
