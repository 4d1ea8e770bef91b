"""What becomes of a run at the end of its process, and in the processes that it is handed to."""

from __future__ import annotations

import copy
import multiprocessing
import os
import pickle
import signal
import sys
import time
from typing import Any

import pytest

import workbench as wb
from tests.tracking.journals import (
    DEADLINE_S,
    events_of,
    only_run,
    outcome,
    params_of,
    points_of,
    roles_of,
    script,
    start,
)
from workbench.base.project import Project
from workbench.journal.layout import sealed_dir
from workbench.tracking.exits import SPAWNED_FROM


def test_a_forked_child_writes_a_journal_of_its_own(project: Project) -> None:
    with start() as run:
        run.log({"loss": 0.0}, step=0)
        child = os.fork()
        if child == 0:
            try:
                run.log({"loss": 1.0}, step=1)
                wb.log_param("from", "child")
                run.end()
                os._exit(0)
            except BaseException:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        run.log({"loss": 2.0}, step=2)
    assert points_of(project, run.run_id) == [("loss", 0, 0.0), ("loss", 1, 1.0), ("loss", 2, 2.0)]
    assert params_of(project, run.run_id) == {"from": "child"}
    assert roles_of(project, run.run_id) == ["main", "worker"]
    assert len(events_of(project, run.run_id, "end")) == 1
    assert len(events_of(project, run.run_id, "seal")) == 2


def test_a_forked_child_that_logs_nothing_leaves_no_journal(project: Project) -> None:
    with start() as run:
        child = os.fork()
        if child == 0:
            os._exit(0)
        os.waitpid(child, 0)
    assert roles_of(project, run.run_id) == ["main"]


def log_in_worker(run: wb.Run, step: int) -> None:
    """The target of a worker process."""
    run.log({"loss": float(step)}, step=step)


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_log_to_the_run_that_they_are_given(project: Project, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    with start() as run:
        workers = [context.Process(target=log_in_worker, args=(run, step)) for step in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(DEADLINE_S)
            assert worker.exitcode == 0
    assert sorted(points_of(project, run.run_id)) == [("loss", 0, 0.0), ("loss", 1, 1.0)]
    assert roles_of(project, run.run_id) == ["main", "worker", "worker"]
    assert len(events_of(project, run.run_id, "seal")) == 3
    assert len(events_of(project, run.run_id, "end")) == 1


def log_without_a_handle(step: int) -> None:
    """The target of a worker process that was given nothing."""
    wb.log({"loss": float(step)}, step=step)
    with start():
        pass


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_worker_processes_find_the_run_that_they_were_started_in(project: Project, method: str) -> None:
    context: Any = multiprocessing.get_context(method)
    with start() as run:
        worker = context.Process(target=log_without_a_handle, args=(7,))
        worker.start()
        worker.join(DEADLINE_S)
        assert worker.exitcode == 0
        assert SPAWNED_FROM in os.environ
    assert SPAWNED_FROM not in os.environ
    assert points_of(project, run.run_id) == [("loss", 7, 7.0)]
    [child] = {name.split(".")[0] for name in os.listdir(sealed_dir(project.journal_dir))} - {run.run_id}
    assert events_of(project, child, "start")[0]["parent"] == run.run_id


def test_a_handle_copied_in_its_own_process_is_the_same_handle(project: Project) -> None:
    with start() as run:
        assert copy.deepcopy({"logger": run})["logger"] is run
        assert pickle.loads(pickle.dumps(run)) is run


@pytest.mark.parametrize(
    ("ending", "code", "status", "exit_code", "text"),
    [
        ("pass", 0, "finished", 0, None),
        ("raise ValueError('bad luck')", 1, "failed", 1, "ValueError: bad luck"),
        ("sys.exit(3)", 3, "failed", 3, "exit status 3"),
        ("sys.exit('no data')", 1, "failed", 1, "no data"),
        ("sys.exit(0)", 0, "finished", 0, None),
        ("raise KeyboardInterrupt", 130, "killed", 130, "KeyboardInterrupt"),
    ],
)
def test_a_run_that_nobody_ended_ends_with_its_process(
    project: Project, ending: str, code: int, status: str, exit_code: int, text: str | None
) -> None:
    returned, _, err = outcome(script(f"run = wb.start_run(**QUIET)\nrun.log({{'loss': 1.0}})\n{ending}\n"))
    assert returned in (code, -signal.SIGINT if status == "killed" else code), err
    [end] = events_of(project, only_run(project), "end")
    assert (end["status"], end["exit_code"], end["error"]) == (status, exit_code, text)
    if text is not None and status == "failed" and "Error" in text:
        assert "Traceback" in err


def test_the_hooks_are_gone_when_the_run_has_ended(project: Project) -> None:
    before = (sys.excepthook, sys.exit, signal.getsignal(signal.SIGTERM))
    with start():
        assert sys.excepthook is not before[0]
        assert signal.getsignal(signal.SIGTERM) is not before[2]
    assert (sys.excepthook, sys.exit, signal.getsignal(signal.SIGTERM)) == before


def test_a_handler_of_the_training_is_left_alone(project: Project) -> None:
    own = lambda *_: None  # noqa: E731
    before = signal.signal(signal.SIGTERM, own)
    try:
        with start():
            assert signal.getsignal(signal.SIGTERM) is own
    finally:
        signal.signal(signal.SIGTERM, before)


def test_sigterm_ends_the_run_as_killed_and_the_process_still_dies_of_it(project: Project) -> None:
    process = script(
        "run = wb.start_run(**QUIET)\nprint('ready', flush=True)\nwhile True:\n    run.log({'loss': 1.0})\n"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    process.send_signal(signal.SIGTERM)
    assert outcome(process)[0] == -signal.SIGTERM
    [end] = events_of(project, only_run(project), "end")
    assert (end["status"], end["exit_code"], end["error"]) == ("killed", 143, "SIGTERM")


def test_a_killed_process_loses_nothing_that_was_logged(project: Project) -> None:
    process = script(
        "run = wb.start_run(**QUIET)\n"
        "for step in range(1000):\n"
        "    run.log({'loss': 1.0}, step=step)\n"
        "print('logged', flush=True)\n"
        "time.sleep(60)\n"
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "logged\n"
    process.kill()
    outcome(process)
    assert [step for _, step, _ in points_of(project, only_run(project))] == list(range(1000))
    assert events_of(project, only_run(project), "end") == []


def test_an_open_run_does_not_hold_up_the_end_of_its_process(project: Project) -> None:
    begun = time.monotonic()
    code, _, err = outcome(script("wb.start_run(capture=False, capture_output=False)\n"))
    assert (code, err) == (0, "")
    assert time.monotonic() - begun < 5
