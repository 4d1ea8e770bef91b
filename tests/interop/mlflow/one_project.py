"""A project seen from both sides: through MLflow's client, and through our own SDK, command line and app."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from mlflow import MlflowClient

import workbench as wb
from tests.cli.harness import workbench
from workbench.base.project import Project
from workbench.interop.mlflow.place import place_at


@contextmanager
def client_of(project: Project) -> Iterator[MlflowClient]:
    """MLflow's client of a project; at the end its journals are complete, as where the process ends."""
    uri = f"workbench://{quote(project.root)}"
    yield MlflowClient(uri, uri)
    place_at(project).close()


def shown(run: str) -> dict[str, Any]:
    """What `workbench runs show RUN --json` says in the working directory."""
    done = workbench("runs", "show", run, "--json")
    assert done.status == 0, done.stderr
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def listed(*options: str) -> list[dict[str, Any]]:
    """What `workbench runs list OPTIONS --json` says in the working directory."""
    done = workbench("runs", "list", *options, "--json")
    assert done.status == 0, done.stderr
    documents: list[dict[str, Any]] = json.loads(done.stdout)
    return documents


def done(*words: str) -> None:
    """`workbench WORDS`, which must succeed."""
    outcome = workbench(*words)
    assert outcome.status == 0, outcome.stderr


def quiet_run(name: str, experiment: str = "fraud", **options: Any) -> wb.Run:
    """A run of our SDK without captures, which take their time."""
    return wb.start_run(experiment, name, capture=False, capture_output=False, system_metrics=False, **options)


def script(text: str, *, before: Sequence[str] = (), **variables: str) -> subprocess.CompletedProcess[str]:
    """Run a Python program in a process of its own, in the working directory, with `MLFLOW_TRACKING_URI=workbench:`.

    Args:
        before: a command that the program's own command line is given to.
    """
    environment = {**os.environ, "MLFLOW_TRACKING_URI": "workbench:", "MLFLOW_DISABLE_TELEMETRY": "true", **variables}
    return subprocess.run(
        [*before, sys.executable, "-c", text], env=environment, capture_output=True, text=True, timeout=120, check=False
    )
