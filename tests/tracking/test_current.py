"""Which run is current: for the functions without a handle, for threads, for a run inside a run."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest

import workbench as wb
from tests.tracking.journals import (
    DEADLINE_S,
    events_of,
    params_of,
    points_of,
    start,
)
from workbench.base.project import Project
from workbench.tracking import current
from workbench.tracking.notices import Notices


@pytest.fixture(autouse=True)
def process_that_was_not_launched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test is a process that has not attached to a run yet."""
    monkeypatch.setattr(current, "_launched", None)


def test_functions_without_a_handle_act_on_the_current_run(project: Project) -> None:
    with start() as run:
        assert wb.active_run() is run
        wb.log({"loss": 1.0}, step=2)
        wb.log_param("a", 1)
        wb.log_params({"b": 2})
        wb.set_tag("c", "3")
        wb.set_tags({"d": "4"})
    assert wb.active_run() is None
    assert points_of(project, run.run_id) == [("loss", 2, 1.0)]
    assert params_of(project, run.run_id) == {"a": 1, "b": 2}
    assert [event["name"] for event in events_of(project, run.run_id, "tag")] == ["c", "d"]


def test_without_a_current_run_it_is_said_once(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(current, "_notices", Notices())
    wb.log({"loss": 1.0})
    wb.log_param("a", 1)
    wb.end_run()
    assert capfd.readouterr().err.count("no current run") == 1


def test_a_run_inside_another_is_its_child(project: Project) -> None:
    with start("sweep") as outer:
        with start() as inner:
            assert wb.active_run() is inner
            with start() as innermost:
                pass
        assert wb.active_run() is outer
        sibling = start()
        wb.end_run()
        assert sibling.ended
    parents = {run: events_of(project, run.run_id, "start")[0]["parent"] for run in (outer, inner, innermost, sibling)}
    assert parents == {outer: None, inner: outer.run_id, innermost: inner.run_id, sibling: outer.run_id}


def test_a_parent_can_be_named(project: Project) -> None:
    with start() as first:
        pass
    for parent in (first, first.run_id, first.run_id[:8]):
        with start(parent=parent) as child:
            pass
        assert events_of(project, child.run_id, "start")[0]["parent"] == first.run_id


def test_threads_see_the_run_of_the_main_thread_until_they_start_their_own(project: Project) -> None:
    seen: dict[str, wb.Run | None] = {}
    with start() as run:

        def work() -> None:
            seen["before"] = wb.active_run()
            with start() as own:
                seen["own"], seen["inside"] = own, wb.active_run()
            seen["after"] = wb.active_run()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        assert wb.active_run() is run
    assert seen["before"] is seen["after"] is run
    assert seen["own"] is seen["inside"]


def test_runs_of_two_threads_do_not_mix(project: Project) -> None:
    both = threading.Barrier(2, timeout=DEADLINE_S)
    runs: dict[str, wb.Run] = {}

    def work(name: str) -> None:
        with start(name=name) as run:
            both.wait()
            wb.log_param("mine", name)
            runs[name] = run
            both.wait()

    threads = [threading.Thread(target=work, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for name, run in runs.items():
        assert params_of(project, run.run_id) == {"mine": name}
        assert events_of(project, run.run_id, "start")[0]["parent"] is None


def test_the_start_event_says_who_and_what(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USER", "ada")
    monkeypatch.delenv("LOGNAME", raising=False)
    with start("fraud", "gbm") as run:
        pass
    [event] = events_of(project, run.run_id, "start")
    assert (event["experiment"], event["name"], event["resumed"], event["user"]) == ("fraud", "gbm", False, "ada")
    assert event["cwd"] == os.getcwd()
    assert event["command"]
    assert event["python"] == ".".join(map(str, sys.version_info[:3]))


def test_the_experiment_comes_from_the_environment_when_it_is_not_given(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_EXPERIMENT", "nightly")
    with start() as run:
        pass
    with start("fraud") as named:
        pass
    assert (run.experiment, named.experiment) == ("nightly", "fraud")


def test_logging_makes_a_project_where_there_is_none(tmp_path: Path) -> None:
    place = tmp_path / "new"
    place.mkdir()
    with start(project=str(place)) as run:
        pass
    assert (place / ".workbench" / "workbench.toml").exists()
    assert run.project is not None
    assert run.project.root == str(place)


def test_params_that_are_no_mapping_do_not_lose_the_run(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    with start(params=3, tags=["x"]) as run:
        run.log({"loss": 1.0})
    assert len(points_of(project, run.run_id)) == 1
    assert capfd.readouterr().err.count("workbench: ") == 2
