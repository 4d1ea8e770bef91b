"""What goes on beside a training: captures, heartbeats, system metrics and output, none of which can stop it."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import workbench as wb
from tests.tracking.journals import DEADLINE_S, events_of, only_run, outcome, points_of, script, start
from workbench.base.project import Project
from workbench.store.blobs import BlobStore
from workbench.tracking import background
from workbench.tracking.capture import environment, git, system


def wait_for(condition: Callable[[], bool]) -> None:
    """Return when the condition holds."""
    deadline = time.monotonic() + DEADLINE_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)


def captures_of(project: Project, run: wb.Run) -> dict[str, Any]:
    return {event["name"]: event["value"] for event in events_of(project, run.run_id, "cap")}


def test_git_the_patch_and_the_environment_are_captured(project: Project, tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("lr = 0.1\n")
    for command in (["init", "-q", "-b", "main"], ["add", "train.py"], ["commit", "-q", "-m", "first"]):
        subprocess.run(["git", *command], check=True)
    (tmp_path / "train.py").write_text("lr = 0.2\n")
    with start(capture=True) as run:
        pass
    captures = captures_of(project, run)
    assert captures["git"]["branch"] == "main"
    assert captures["git"]["dirty"] is True
    assert "patch" not in captures["git"]
    with BlobStore(project).open(captures["patch"]["sha256"]) as file:
        patch = file.read()
    assert b"+lr = 0.2" in patch
    assert len(patch) == captures["patch"]["size_bytes"]
    assert captures["environment"]["packages"]["polars"]


def test_outside_a_repository_there_is_no_git_and_no_patch(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", [""])
    with start(capture=True) as run:
        pass
    assert set(captures_of(project, run)) == {"environment"}


def test_a_capture_that_fails_is_said_and_the_run_goes_on(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def fail(cwd: str) -> None:
        raise RuntimeError("no luck")

    monkeypatch.setattr(git, "capture_git", fail)
    with start(capture=True, on_error="raise") as run:
        run.log({"loss": 1.0})
    assert [event["status"] for event in events_of(project, run.run_id, "end")] == ["finished"]
    assert set(captures_of(project, run)) == {"environment"}
    assert "git was not captured: no luck" in capfd.readouterr().err


def test_the_end_does_not_wait_for_ever_for_a_capture(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    release = threading.Event()
    monkeypatch.setattr(git, "capture_git", lambda cwd: release.wait(DEADLINE_S) and None)
    run = start(capture=True)
    run.finish("finished", patience_s=0.01)
    assert [event["status"] for event in events_of(project, run.run_id, "end")] == ["finished"]
    assert "not captured in time" in capfd.readouterr().err
    release.set()


def test_a_fork_waits_for_the_captures(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, done = threading.Event(), threading.Event()

    def slow() -> dict[str, str]:
        begun.set()
        time.sleep(0.05)
        done.set()
        return {}

    monkeypatch.setattr(environment, "capture_environment", slow)
    with start(capture=True):
        assert begun.wait(DEADLINE_S)
        child = os.fork()
        if child == 0:
            os._exit(0 if done.is_set() else 1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_a_run_that_lasts_has_heartbeats(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "SYSTEM_METRICS_DELAY_S", 0.0)
    monkeypatch.setattr(background, "HEARTBEAT_INTERVAL_S", 0.001)
    with start() as run:
        wait_for(lambda: len(events_of(project, run.run_id, "hb")) >= 2)


class FakeSampler:
    """A sampler that gives two samples at once and one at the end."""

    def __init__(self, emit: Callable[[dict[str, float]], None]) -> None:
        self.emit = emit

    def start(self) -> None:
        self.emit({"system/cpu_percent": 1.0})
        self.emit({"system/cpu_percent": 2.0})

    def stop(self) -> None:
        self.emit({"system/cpu_percent": 3.0})


def test_system_metrics_have_a_count_of_steps_of_their_own(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "SYSTEM_METRICS_DELAY_S", 0.0)
    monkeypatch.setattr(system, "SystemSampler", FakeSampler)
    with start(system_metrics=True) as run:
        run.log({"loss": 1.0})
        wait_for(lambda: len(points_of(project, run.run_id)) == 3)
        run.log({"loss": 1.0})
    points = points_of(project, run.run_id)
    assert [(step, value) for name, step, value in points if name != "loss"] == [(0, 1.0), (1, 2.0), (2, 3.0)]
    assert [step for name, step, _ in points if name == "loss"] == [0, 1]


def test_what_a_process_and_its_children_print_is_recorded(project: Project) -> None:
    code, out, err = outcome(
        script(
            "import subprocess\n"
            "print('before')\n"
            "with wb.start_run(capture=False, system_metrics=False, capture_output=True) as run:\n"
            "    print('hello')\n"
            "    sys.stdout.flush()\n"
            "    subprocess.run(['echo', 'from a child'])\n"
            "    run.log({'odd': 'x'})\n"
            "    print('trouble', file=sys.stderr)\n"
            "print('after')\n"
        )
    )
    assert (code, out) == (0, "before\nhello\nfrom a child\nafter\n")
    assert "trouble" in err
    assert "workbench: not recorded" in err
    lines = [(event["s"], event["x"]) for event in events_of(project, only_run(project), "out")]
    assert sorted(lines) == [(1, "from a child"), (1, "hello"), (2, "trouble")]
    assert [event["e"] for event in events_of(project, only_run(project))][-2:] == ["end", "seal"]


def test_every_open_run_records_what_is_printed(project: Project) -> None:
    code, out, err = outcome(
        script(
            "options = {**QUIET, 'capture_output': True}\n"
            "outer = wb.start_run(**options)\n"
            "inner = wb.start_run(**options)\n"
            "os.write(1, b'both\\n')\n"
            "outer.end()\n"
            "os.write(1, b'inner\\n')\n"
            "inner.end()\n"
            "print(outer.run_id, inner.run_id)\n"
        )
    )
    assert code == 0, err
    *printed, ids = out.splitlines()
    assert printed == ["both", "inner"]
    outer, inner = ids.split()
    assert [event["x"] for event in events_of(project, inner, "out")] == ["both", "inner"]
    assert [event["x"] for event in events_of(project, outer, "out")] == ["both"]


def test_thousands_of_lines_are_recorded_in_order(project: Project) -> None:
    code, _, err = outcome(
        script("run = wb.start_run(**{**QUIET, 'capture_output': True})\nfor n in range(5000):\n    print(n)\n")
    )
    assert code == 0, err
    assert [event["x"] for event in events_of(project, only_run(project), "out")] == [str(n) for n in range(5000)]


def test_output_that_cannot_be_captured_is_said(
    project: Project, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    from workbench.tracking.capture import output

    def fail(*_: object) -> None:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(output, "OutputCapture", fail)
    with start(capture_output=True) as run:
        run.log({"loss": 1.0})
    assert len(points_of(project, run.run_id)) == 1
    assert "output is not captured" in capfd.readouterr().err
