"""A run that exists already is found by its journals, or by the store where they were packed."""

from __future__ import annotations

import gc
import os
from typing import Any

import pytest

from tests.tracking.journals import start
from workbench.base.errors import AmbiguousNameError, RunNotFoundError
from workbench.base.project import Project
from workbench.tracking import past
from workbench.tracking.past import read_past_run, resolve_run_id


def test_ids_and_prefixes_are_answered_without_the_store(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    with start() as run:
        pass

    def fail(*_: Any) -> None:
        raise AssertionError("the store was asked")

    monkeypatch.setattr("workbench.store.store.Store.__init__", fail)
    for reference in (run.run_id, run.run_id[:4], run.run_id[:4].upper()):
        assert resolve_run_id(project, reference) == run.run_id


def test_names_are_answered_by_the_store(project: Project) -> None:
    with start(name="first") as first:
        pass
    with start(name="second") as second:
        pass
    assert resolve_run_id(project, "first") == first.run_id
    assert resolve_run_id(project, "@latest") == second.run_id
    with pytest.raises(RunNotFoundError):
        resolve_run_id(project, "third")
    with start(name="second"):
        pass
    with pytest.raises(AmbiguousNameError):
        resolve_run_id(project, "second")


def test_the_journals_and_the_store_tell_the_same(project: Project) -> None:
    with start("fraud") as outer, start("fraud", "gbm") as run:
        run.log({"loss": 1.0}, step=7)
        run._log_system({"system/cpu_percent": 1.0})
    for told in (read_past_run(project, run.run_id), past._read_packed(project, run.run_id)):
        assert (told.name, told.experiment, told.parent_id) == ("gbm", "fraud", outer.run_id)
        assert (told.next_step, told.next_system_step) == (8, 1)


def test_a_run_without_metrics_begins_at_step_zero(project: Project) -> None:
    with start() as run:
        pass
    assert read_past_run(project, run.run_id).next_step == 0
    with pytest.raises(RunNotFoundError):
        read_past_run(project, "f" * 32)


def test_a_fork_after_asking_the_store_is_safe(project: Project) -> None:
    try:
        resolve_run_id(project, "nobody")
    except RunNotFoundError as error:
        cycle: list[object] = [error]
        cycle.append(cycle)
        del cycle
    child = os.fork()
    if child == 0:
        gc.collect()
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
