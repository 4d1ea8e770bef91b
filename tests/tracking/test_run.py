"""The run handle: what is logged is in the journal, whatever it is and whatever goes wrong."""

from __future__ import annotations

import argparse
import math
import os
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.tracking.journals import events_of, params_of, points_of, start
from workbench.base.errors import InputError, RefusedError, StoreError, WorkbenchError
from workbench.base.project import Project


def test_a_logged_value_is_in_the_journal_when_log_returns(project: Project) -> None:
    run = start()
    run.log({"loss": 0.5}, step=3)
    assert points_of(project, run.run_id) == [("loss", 3, 0.5)]
    run.end()


def test_without_a_step_each_call_takes_the_next_one(project: Project) -> None:
    with start() as run:
        run.log({"loss": 1.0})
        run.log({"loss": 2.0}, step=10)
        run.log({"loss": 3.0}, step=4)
        run.log({"loss": 4.0})
    assert [point[1] for point in points_of(project, run.run_id)] == [0, 10, 4, 11]


@pytest.mark.parametrize("value", [2, True, np.float32(2), np.int64(2), np.float64(2), np.array([2.0]).sum()])
def test_every_kind_of_number_is_logged(project: Project, value: Any) -> None:
    with start() as run:
        run.log({"m": value}, step=np.int64(5))
    assert points_of(project, run.run_id) == [("m", 5, float(value))]


def test_nan_and_infinities_are_values(project: Project) -> None:
    with start() as run:
        run.log({"a": math.nan, "b": math.inf, "c": -math.inf})
    values = [value for _, _, value in points_of(project, run.run_id)]
    assert math.isnan(values[0])
    assert values[1:] == [math.inf, -math.inf]


@pytest.mark.parametrize("value", [None, "0.5", [1.0], {"a": 1}, 1j, object(), np.zeros(2)])
def test_what_is_no_number_is_said_once_and_the_rest_is_logged(
    project: Project, value: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with start() as run:
        for step in range(3):
            run.log({"odd": value, "loss": 0.5}, step=step)
    assert [point[0] for point in points_of(project, run.run_id)] == ["loss"] * 3
    said = capfd.readouterr().err
    assert said.count("workbench: ") == 1
    assert "'odd'" in said


def test_with_raise_the_rest_is_logged_too(project: Project) -> None:
    with start(on_error="raise") as run, pytest.raises(InputError, match="'odd' is str"):
        run.log({"odd": "x", "loss": 0.5}, step=0)  # type: ignore[dict-item]
    assert points_of(project, run.run_id) == [("loss", 0, 0.5)]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(values=st.dictionaries(st.text(max_size=20), st.floats(allow_nan=False), min_size=1, max_size=5))
def test_any_name_and_value_comes_back(project: Project, values: dict[str, float]) -> None:
    with start() as run:
        run.log(values, step=1)
    logged = {name: value for name, _, value in points_of(project, run.run_id)}
    assert logged == {name.encode("utf-8", "backslashreplace").decode(): value for name, value in values.items()}


def test_a_hundred_thousand_names_are_kept_apart(project: Project) -> None:
    names = [f'm[{number}] "é" \n 🦦' for number in range(100_000)]
    with start() as run:
        run.log(dict.fromkeys(names, 1.0), step=0)
    assert [point[0] for point in points_of(project, run.run_id)] == names


@pytest.mark.parametrize("step", [2**63, -(2**63) - 1, 1.5, math.nan, math.inf, "x"])
def test_a_step_that_is_none_is_reported(project: Project, step: Any, capfd: pytest.CaptureFixture[str]) -> None:
    with start() as run:
        run.log({"loss": 1.0}, step=step)
        run.log({"loss": 1.0}, step=2.0)
    assert points_of(project, run.run_id) == [("loss", 2, 1.0)]
    assert capfd.readouterr().err.count("workbench: ") == 1


@pytest.mark.parametrize("metrics", [None, [1.0], 3, "loss"])
def test_metrics_that_are_no_mapping_do_not_stop_the_training(
    project: Project, metrics: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    with start() as run:
        run.log(metrics)
    assert "workbench: " in capfd.readouterr().err


def test_threads_share_a_run(project: Project) -> None:
    run = start()

    def work(name: str) -> None:
        for step in range(200):
            run.log({name: float(step)}, step=step)
            run.log({"shared": 1.0})

    threads = [threading.Thread(target=work, args=(f"t{number}",)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    run.end()
    points = points_of(project, run.run_id)
    for number in range(4):
        assert [step for name, step, _ in points if name == f"t{number}"] == list(range(200))
    assert len([point for point in points if point[0] == "shared"]) == 800


def test_params_keep_their_type_and_nested_ones_are_joined_with_dots(project: Project) -> None:
    with start(params={"lr": 0.1, "deep": {"a": {"b": [1, None]}, "empty": {}}}) as run:
        run.log_params({"flag": True, "none": None, "long": "x" * 100_000})
        run.log_param("lr", 0.2)
        run.log_params(argparse.Namespace(seed=7))
    assert params_of(project, run.run_id) == {
        "lr": 0.2,
        "deep.a.b": [1, None],
        "deep.empty": {},
        "flag": True,
        "none": None,
        "long": "x" * 100_000,
        "seed": 7,
    }
    assert len([event for event in events_of(project, run.run_id, "param") if event["name"] == "lr"]) == 2


def test_tags_and_notes_are_events(project: Project) -> None:
    with start(tags={"kind": "base"}) as run:
        run.set_tag("n", 3)
        run.set_tags({"a": "b"})
        run.remove_tag("kind")
        run.note("first")
        run.note("second")
    tags = [(event["name"], event["value"]) for event in events_of(project, run.run_id, "tag")]
    assert tags == [("kind", "base"), ("n", "3"), ("a", "b"), ("kind", None)]
    notes = [(event["prev"], event["value"]) for event in events_of(project, run.run_id, "set")]
    assert notes == [("", "first"), ("first", "second")]


@pytest.mark.parametrize(
    ("error", "status", "exit_code", "text"),
    [
        (None, "finished", None, None),
        (ValueError("bad\nluck"), "failed", 1, "ValueError: bad\nluck"),
        (KeyboardInterrupt(), "killed", 130, "KeyboardInterrupt"),
        (SystemExit(0), "finished", 0, None),
        (SystemExit(3), "failed", 3, "exit status 3"),
        (SystemExit("no data"), "failed", 1, "no data"),
    ],
)
def test_a_block_ends_the_run_as_it_was_left(
    project: Project, error: BaseException | None, status: str, exit_code: int | None, text: str | None
) -> None:
    run = start()
    try:
        with run:
            if error is not None:
                raise error
    except BaseException as raised:
        assert raised is error
    [end] = events_of(project, run.run_id, "end")
    assert (end["status"], end["exit_code"], end["error"]) == (status, exit_code, text)
    assert events_of(project, run.run_id)[-1]["e"] == "seal"


def test_ending_twice_ends_once_and_later_logs_are_refused(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    run = start()
    run.end()
    run.end("failed")
    run.log({"loss": 1.0})
    run.log_param("a", 1)
    assert [event["status"] for event in events_of(project, run.run_id, "end")] == ["finished"]
    assert "has ended" in capfd.readouterr().err
    loud = start(on_error="raise")
    loud.end()
    with pytest.raises(RefusedError):
        loud.log({"loss": 1.0})


def test_an_unknown_status_still_ends_the_run(project: Project, capfd: pytest.CaptureFixture[str]) -> None:
    run = start()
    run.end("splendid")
    assert [event["status"] for event in events_of(project, run.run_id, "end")] == ["failed"]
    assert "unknown status" in capfd.readouterr().err


def test_a_project_that_cannot_be_made_does_not_stop_the_training(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied", "/ro/.workbench")

    monkeypatch.setattr(os, "makedirs", refuse)
    with start(name="x") as run:
        run.log({"loss": 1.0})
        run.log_param("a", 1)
        run.log_artifact("nothing")
        run.log_dataset("nothing")
        run.note("x")
    assert run.ended
    said = capfd.readouterr().err
    assert said.count("may not be written") == 1
    assert said.count("nothing of this run is recorded") == 1
    with pytest.raises(WorkbenchError):
        start(on_error="raise")


def test_a_disk_that_fills_up_is_said_once_and_does_not_stop_the_training(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    run = start()
    fd = run._channel.open("main")._fd  # type: ignore[union-attr]
    write = os.write

    def full(target: int, data: bytes) -> int:
        if target == fd:
            raise OSError(28, "No space left on device")
        return write(target, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for step in range(5):
            run.log({"loss": 1.0}, step=step)
    run.log({"loss": 1.0}, step=5)
    run.end()
    assert [step for _, step, _ in points_of(project, run.run_id)] == list(range(6))
    assert capfd.readouterr().err.count("workbench: ") == 1


def test_a_journal_that_fails_raises_when_asked_to(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise OSError(5, "I/O error")

    with start(on_error="raise") as run:
        monkeypatch.setattr(run._channel, "write", fail)
        monkeypatch.setattr(run._channel, "write_one", fail)
        for metrics in ({"loss": 1.0}, {"loss": 1.0, "auc": 0.5}):
            with pytest.raises(StoreError, match="I/O error"):
                run.log(metrics)


@pytest.mark.parametrize("option", [{"on_error": "explode"}, {"durability": "diamond"}])
def test_an_unknown_option_is_refused_at_once(project: Project, option: dict[str, str]) -> None:
    with pytest.raises(InputError):
        start(**option)


def test_the_handle_says_who_it_is(project: Project) -> None:
    run = start(name="gbm", experiment="fraud")
    assert repr(run) == f"<Run gbm {run.run_id[:8]} of fraud>"
    run.end()
    assert repr(run).endswith("of fraud, ended>")
