"""The demo's step about drift: two weeks of use are replayed, and a monitor says what has moved, and when."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.base.errors import ToolError, WorkbenchError
from workbench.base.project import Project
from workbench.demo.process import TrainingProcess, stop
from workbench.registry.registering import register_run
from workbench.registry.writing import open_ledger
from workbench.store.visit import visit
from workbench.tracking.capture.process import user_name

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.demo.training import RunView
    from workbench.drift.monitors.results import Result

DATA = "breast_cancer"
"""The data set whose best model is watched; `traffic.py` of the sample replays its use."""
NAME = "diagnosis"
"""Of the registered model and of the monitor."""
ALIAS = "champion"
PATIENCE_S = 120.0
Say = Callable[[str], None]


@dataclass(frozen=True)
class Watched:
    """What came of it.

    Attributes:
        version: of the model, as it is named.
        rows: how many were replayed.
        windows: how many days were looked at.
        quiet: how many of them before the first drift.
        columns: those that drifted on any day, by name.
        since: the first day with drift; "" where there was none.
    """

    version: str
    rows: int
    windows: int
    quiet: int
    columns: tuple[str, ...]
    since: str


def watch_best(project: Project, best: RunView, say: Say = lambda text: None) -> Watched | str:
    """Register a model, replay its use, and let a monitor look at every day.

    Args:
        best: a finished run on `DATA`.
        say: told what is done.

    Returns:
        What came of it, or a sentence that says what went wrong.
    """
    try:
        return _watch(project, best, say)
    except WorkbenchError as error:
        return f"{error.message}; {error.hint}" if error.hint else error.message


def _watch(project: Project, best: RunView, say: Say) -> Watched:
    from workbench.drift.monitors.labels import keep_labels, labels_of
    from workbench.drift.monitors.registering import register
    from workbench.drift.monitors.running import Asked, run
    from workbench.drift.monitors.settings import Settings

    def reading() -> AbstractContextManager[Connection]:
        return visit(project)

    with open_ledger(project) as ledger, reading() as db:
        version = register_run(db, ledger, str(best.run_id), NAME, alias=ALIAS).version
    shown = f"{version.name}/{version.number}"
    say(f"replaying two weeks of {shown}")
    _replay(project, f"{NAME}/{version.number}")
    say(f"registering {DATA}")
    _register_data(project)
    settings = Settings(
        source="traffic/*.jsonl", model=f"{NAME}@{ALIAS}", time="time", every="1d", grace="0s",
        key=("request_id",), prediction="prediction", score={"": "score"}, label="class",
    )  # fmt: skip
    say("comparing each day with the training data")
    monitor = register(project, reading, NAME, settings, user_name(), again=True).monitor
    with reading() as db:
        known = labels_of(db, project, monitor)
    path = os.path.join(project.root, "labels.csv")
    keep_labels(project, monitor, known, path, ["request_id"], "class", None, user_name())
    outcome = run(project, reading, monitor, Asked(now_us=now_us(), again=True))
    if outcome is None or outcome.error is not None:
        raise ToolError(f"the monitor failed: {outcome.error.message if outcome and outcome.error else 'not due'}")
    return _summed_up(shown, outcome.results)


def _register_data(project: Project) -> None:
    """Make what the model was trained on a dataset of the project, where it is not."""
    from workbench.data.datasets import add, read_content
    from workbench.data.profiles import profile

    path = os.path.join(project.root, "data", f"{DATA}.csv")
    content = read_content(project, path)
    looked_into = profile(path)
    with visit(project) as db:
        add(db, project, content, DATA, profile=looked_into)


def _summed_up(shown: str, results: tuple[Result, ...]) -> Watched:
    drifted = [one for one in results if one.drifted_columns]
    quiet = results.index(drifted[0]) if drifted else len(results)
    columns = dict.fromkeys(name for one in drifted for name in one.drifted_columns)
    since = drifted[0].window if drifted else ""
    return Watched(shown, sum(one.rows for one in results), len(results), quiet, tuple(columns), since)


def _replay(project: Project, version: str) -> None:
    process = TrainingProcess(["traffic.py", "--model", version], project.root)
    try:
        began = time.monotonic()
        while process.exit_status is None:
            if time.monotonic() - began > PATIENCE_S:
                raise ToolError("traffic.py takes too long")
            time.sleep(0.05)
        if process.exit_status != 0:
            raise ToolError(f"traffic.py failed: {process.last_words()}")
    finally:
        stop([process])
        process.close()
