"""Runs that are gone on with, and runs that this process was launched for."""

from __future__ import annotations

import os

import pytest

from tests.tracking.journals import (
    events_of,
    outcome,
    params_of,
    points_of,
    roles_of,
    script,
    start,
)
from workbench.base.errors import RunNotFoundError
from workbench.base.project import Project
from workbench.journal.layout import live_dir
from workbench.tracking import current


@pytest.fixture(autouse=True)
def process_that_was_not_launched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a process that has not attached to a run yet."""
    monkeypatch.setattr(current, "_launched", None)


def test_a_resumed_run_goes_on_where_it_stopped(project: Project) -> None:
    with start("fraud", "gbm") as first:
        first.log({"loss": 1.0}, step=41)
    for reference in (first.run_id, first.run_id[:6]):
        with start(resume=reference, params={"again": True}) as run:
            assert (run.run_id, run.name, run.experiment) == (first.run_id, "gbm", "fraud")
            run.log({"loss": 0.5})
    starts = events_of(project, first.run_id, "start")
    assert [(event["resumed"], event["name"], event["experiment"]) for event in starts] == [
        (False, "gbm", "fraud"),
        (True, None, None),
        (True, None, None),
    ]
    assert [step for _, step, _ in points_of(project, first.run_id)] == [41, 42, 43]
    assert len(events_of(project, first.run_id, "end")) == 3


def test_resuming_can_rename_and_keeps_the_parent(project: Project) -> None:
    with start() as outer, start("a", "old") as inner:
        pass
    with start("b", "new", resume=inner.run_id) as run:
        assert (run.name, run.experiment) == ("new", "b")
    edits = [(event["field"], event["value"], event["prev"]) for event in events_of(project, inner.run_id, "set")]
    assert edits == [("experiment", "b", "a"), ("name", "new", "old")]
    assert [event["parent"] for event in events_of(project, inner.run_id, "start")] == [outer.run_id] * 2


def test_system_metrics_do_not_count_as_steps(project: Project) -> None:
    with start() as run:
        for _ in range(5):
            run._log_system({"system/cpu_percent": 1.0})
        run.log({"loss": 1.0})
        run.log({"loss": 1.0})
    with start(resume=run.run_id) as again:
        again._log_system({"system/cpu_percent": 2.0})
        again.log({"loss": 1.0})
    points = points_of(project, run.run_id)
    assert [step for name, step, _ in points if name == "loss"] == [0, 1, 2]
    assert [step for name, step, _ in points if name != "loss"] == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("on_error", ["warn", "raise"])
def test_a_run_that_is_not_there_cannot_be_resumed_and_no_other_takes_its_place(
    project: Project, on_error: str
) -> None:
    with pytest.raises(RunNotFoundError):
        start(resume="f" * 32, on_error=on_error)
    assert os.listdir(live_dir(project.journal_dir)) == []


def test_a_launched_process_attaches_to_its_run_and_does_not_end_it(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    with start("given", "owner") as owner:
        monkeypatch.setattr(current, "_launched", None)
        monkeypatch.setenv("WORKBENCH_RUN_ID", owner.run_id)
        run_id = outcome(
            script(
                "with wb.start_run('mine', params={'lr': 1}, tags={'k': 'v'}, **QUIET) as run:\n"
                "    run.log({'loss': 1.0})\n"
                "with wb.start_run('mine', **QUIET) as later:\n"
                "    pass\n"
                "print(run.run_id, later.run_id)\n"
                "raise ValueError('left to the owner')\n"
            )
        )[1].split()
    assert run_id[0] == owner.run_id
    assert events_of(project, run_id[1], "start")[0]["parent"] == owner.run_id
    assert [event["status"] for event in events_of(project, owner.run_id, "end")] == ["finished"]
    assert roles_of(project, owner.run_id) == ["main", "worker"]
    assert params_of(project, owner.run_id) == {"lr": 1}
    edits = [(event["field"], event["value"], event["prev"]) for event in events_of(project, owner.run_id, "set")]
    assert edits == [("experiment", "mine", "given")]
    assert len(events_of(project, owner.run_id, "start")) == 1


def test_a_subprocess_of_a_run_starts_a_run_of_its_own(project: Project) -> None:
    with start() as run:
        printed = outcome(script("run = wb.start_run(**QUIET)\nprint(run.run_id)\n"))[1]
    child = printed.strip()
    assert child != run.run_id
    assert events_of(project, child, "start")[0]["parent"] is None
