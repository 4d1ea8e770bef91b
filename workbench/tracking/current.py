"""Starting runs, and which run is current: what `wb.log(...)` and the other functions without a handle act on.

A run that a thread started is current in that thread; threads that started none act on the run of the
main thread. A run that is started inside another one becomes its child.
"""

from __future__ import annotations

import os
import threading

from workbench.base.errors import AmbiguousNameError, InputError, RunNotFoundError, WorkbenchError
from workbench.base.ids import is_run_id
from workbench.base.project import Project
from workbench.journal.layout import journals_of
from workbench.journal.liveness import writer_alive
from workbench.journal.writer import DURABILITY_LEVELS
from workbench.tracking.exits import spawning_run
from workbench.tracking.notices import Notices
from workbench.tracking.run import Run
from workbench.tracking.starting import Start, fact_events

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import SupportsFloat, SupportsIndex


class _Started(threading.local):
    """The runs that each thread started, innermost last."""

    def __init__(self) -> None:
        self.runs: list[Run] = []


_started = _Started()
_of_main_thread: list[Run] = []
_notices = Notices()
_launched: str | None = None
_looked_for_parent = False


def start_run(
    experiment: str | None = None,
    name: str | None = None,
    *,
    params: Mapping[str, object] | None = None,
    tags: Mapping[str, object] | None = None,
    resume: str | None = None,
    parent: str | Run | None = None,
    capture: bool = True,
    capture_output: bool = True,
    system_metrics: bool = True,
    durability: str = "interval",
    on_error: str = "warn",
    project: str | None = None,
) -> Run:
    """Start a run and make it the current one. Use it in a `with` block, or end it with `run.end()`.

    The first run of a process that `workbench run` started is the run that it already has.

    Args:
        experiment: the group that the run belongs to; default `WORKBENCH_EXPERIMENT`, else `default`.
        name: what people call it; default two words made from its id.
        params, tags: recorded at once.
        resume: a run to go on with: id, unique prefix, unique name or `@latest`.
        parent: the run that this one is part of; default the current run.
        capture: record git, environment and packages, in the background.
        capture_output: record what this process and its children print.
        system_metrics: record the load of the machine every few seconds.
        durability: what a loss of power may take: `process`, `interval` (a second) or `strict` (nothing).
        on_error: `warn` says once what cannot be recorded and goes on; `raise` raises a WorkbenchError.
        project: the project's folder; default the nearest one at or above the working directory, else a new one.

    Raises:
        InputError: `durability` or `on_error` is none of the above.
        RunNotFoundError, AmbiguousNameError: `resume` names no run, or several.
        WorkbenchError: with `on_error="raise"`, the run cannot be started.
    """
    global _launched
    notices = Notices(on_error)
    if durability not in DURABILITY_LEVELS:
        raise InputError(f"unknown durability {durability!r}", f"one of: {', '.join(DURABILITY_LEVELS)}")
    start = Start(
        project,
        experiment,
        name,
        fact_events(params, tags, notices),
        notices,
        durability,
        capture=capture,
        capture_output=capture_output,
        system_metrics=system_metrics,
    )
    given = os.environ.get("WORKBENCH_RUN_ID", "")
    try:
        if _launched is None and is_run_id(given):
            run = start.attached(given)
            _launched = given
        elif resume is not None:
            run = start.resumed(resume)
        else:
            run = start.new(start.parent_id(parent) if parent is not None else _current_id())
    except (RunNotFoundError, AmbiguousNameError):  # going on in another run would mix what belongs apart
        raise
    except Exception as error:
        notices.report("start", error)
        run = start.unrecorded()
    _started.runs.append(run)
    if threading.current_thread() is threading.main_thread():
        _of_main_thread.append(run)
    return run


def active_run() -> Run | None:
    """The current run: the innermost open one of this thread, else of the main thread."""
    for runs in (_started.runs, _of_main_thread):
        while runs:
            if not runs[-1].ended:
                return runs[-1]
            runs.pop()
    return _spawned_in()


def end_run(status: str = "finished") -> None:
    """End the current run; no error where there is none."""
    run = active_run()
    if run is not None:
        run.end(status)


def log(metrics: Mapping[str, SupportsFloat], step: SupportsIndex | float | None = None) -> None:
    """`Run.log` of the current run."""
    if (run := _act()) is not None:
        run.log(metrics, step)


def log_param(name: str, value: object) -> None:
    """`Run.log_param` of the current run."""
    if (run := _act()) is not None:
        run.log_param(name, value)


def log_params(params: object) -> None:
    """`Run.log_params` of the current run."""
    if (run := _act()) is not None:
        run.log_params(params)


def set_tag(name: str, value: object) -> None:
    """`Run.set_tag` of the current run."""
    if (run := _act()) is not None:
        run.set_tag(name, value)


def set_tags(tags: Mapping[str, object]) -> None:
    """`Run.set_tags` of the current run."""
    if (run := _act()) is not None:
        run.set_tags(tags)


def log_artifact(local_path: str | os.PathLike[str], path: str | os.PathLike[str] | None = None) -> None:
    """`Run.log_artifact` of the current run."""
    if (run := _act()) is not None:
        run.log_artifact(local_path, path)


def log_artifacts(local_dir: str | os.PathLike[str], path: str | os.PathLike[str] | None = None) -> None:
    """`Run.log_artifacts` of the current run."""
    if (run := _act()) is not None:
        run.log_artifacts(local_dir, path)


def log_dataset(path: str | os.PathLike[str], name: str | None = None) -> None:
    """`Run.log_dataset` of the current run."""
    if (run := _act()) is not None:
        run.log_dataset(path, name)


def log_model(model: object, name: str = "model", *, input_example: object = None, signature: object = None) -> None:
    """`Run.log_model` of the current run."""
    if (run := _act()) is not None:
        run.log_model(model, name, input_example=input_example, signature=signature)


def _act() -> Run | None:
    """The current run; where there is none, that is said once."""
    run = active_run()
    if run is None:
        _notices.say("there is no current run, nothing is recorded (start one: workbench.start_run())")
    return run


def _spawned_in() -> Run | None:
    """In a spawned process: the run of the process that started it, which a forked process has anyway."""
    global _looked_for_parent
    place = None if _looked_for_parent else spawning_run()
    _looked_for_parent = True
    if place is None:
        return None
    run_id, root = place
    # A fork server is older than the runs of the process that asks it: what it tells its children may have ended.
    if not any(writer_alive(path) for path in journals_of(Project(root).journal_dir, run_id)):
        return None
    try:
        run = Start(root, None, None, [], _notices, "interval").attached(run_id)
    except WorkbenchError as error:
        _notices.report("start", error)
        return None
    _of_main_thread.append(run)
    return run


def _current_id() -> str | None:
    """The run that a new one is part of."""
    run = active_run()
    return run.run_id if run is not None and run.project is not None else _launched
