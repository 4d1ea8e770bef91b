"""`workbench demo`, with the real trainings."""

from __future__ import annotations

import shlex
import signal
import subprocess
import threading
import time
from pathlib import Path

import pytest

from tests.cli.harness import program, workbench
from tests.demo.conftest import TRAIN
from workbench.base.project import Project
from workbench.demo import workspace
from workbench.demo.plan import PLAN
from workbench.store.runs import run_documents
from workbench.store.store import Store

PATIENCE_S = 60.0
WHOLE_DEMO_S = 240.0
NAMES = [run.name for group in PLAN for run in group.runs]


def statuses(root: Path) -> dict[str, str]:
    """Status of every run by name."""
    with Store(Project(str(root))).reading() as db:
        return {document["name"]: document["status"] for document in run_documents(db, None)}


def suggested(stdout: str) -> list[list[str]]:
    """The commands below `Try next:`, as words."""
    lines = stdout.split("Try next:\n")[1].splitlines()
    return [shlex.split(line, comments=True) for line in lines]


@pytest.mark.slow
def test_the_whole_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One test, because it trains for half a minute: the runs, their code, and every command that is suggested."""
    done = subprocess.run(
        [*program(), "demo", "--no-docker"], capture_output=True, text=True, timeout=WHOLE_DEMO_S, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "digits-too-fast failed on purpose: RuntimeError: training diverged" in done.stdout
    assert "Warning" not in done.stderr
    assert "Traceback" not in done.stderr

    root = tmp_path / "workbench-demo"
    assert statuses(root) == {name: "failed" if name == "digits-too-fast" else "finished" for name in NAMES}
    with Store(Project(str(root))).reading() as db:
        documents = run_documents(db, None)
    assert len({document["git"]["commit"] for document in documents}) == 1
    assert [document["name"] for document in documents if document["git"]["dirty"]] == [NAMES[-1]]

    change, *commands = suggested(done.stdout)
    assert change == ["cd", "workbench-demo"]
    assert len(commands) >= 4
    monkeypatch.chdir(root)
    shown = ""
    for program_name, *words in commands:
        assert program_name == "workbench"
        outcome = workbench(*words)
        assert outcome.status == 0, f"{words}: {outcome.stderr}"
        assert outcome.stdout.strip()
        shown += outcome.stdout
    assert "-BATCH_SIZE = 200" in shown
    assert "+BATCH_SIZE = 32" in shown


def test_a_foreign_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.tex").touch()
    outcome = workbench("demo", "--dir", "mine")
    assert outcome.status == 2
    assert outcome.stderr == "error: mine holds other files\nhint: choose a new folder: workbench demo --dir NAME\n"


def quick_sample(folder: Path) -> str:
    """A classifier sample whose trainings take milliseconds, whatever is asked of them."""
    folder.mkdir()
    text = TRAIN.replace("parser.parse_args()", "parser.parse_known_args()[0]")
    (folder / "train.py").write_text(text)
    (folder / "README.md").touch()
    return str(folder)


def test_on_a_terminal_the_table_moves_in_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = quick_sample(tmp_path / "sample")
    monkeypatch.setattr(workspace, "sample_dir", lambda name: sample)
    outcome = workbench("demo", "--no-ui", terminal=True)
    assert outcome.stdout.count("loss by epoch") > 2
    assert "\x1b[" in outcome.stdout
    assert "8 of 8 ended" in outcome.stdout
    assert outcome.status == 6  # the training that should fail does not here
    assert "error: not as planned: digits-too-fast" in outcome.stderr


def test_on_a_terminal_the_app_opens_while_the_trainings_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is open before they have ended; when it is left, what is still to end is shown as without it."""
    sample = quick_sample(tmp_path / "sample")
    monkeypatch.setattr(workspace, "sample_dir", lambda name: sample)
    seen: list[str] = []

    def open_app(project: Project) -> None:
        seen.append(project.name)
        assert [thread.name for thread in threading.enumerate() if thread.name == "workbench-demo"]

    monkeypatch.setattr("workbench.tui.launch.open_app", open_app)
    outcome = workbench("demo", terminal=True)
    assert seen == ["workbench-demo"]
    assert "8 of 8 ended" in outcome.stdout
    assert "Training goes on. Ctrl-C stops it." in outcome.stdout


def test_options_of_later_steps_are_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sample = quick_sample(tmp_path / "sample")
    monkeypatch.setattr(workspace, "sample_dir", lambda name: sample)
    outcome = workbench("demo", "--no-ui", "--no-docker", "--base-image", "x:1")
    assert "no image was built" not in outcome.stderr


def test_ctrl_c_stops_the_trainings_and_says_what_is_left(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [*program(), "demo"], cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    root = tmp_path / "workbench-demo"
    deadline = time.monotonic() + PATIENCE_S
    while not list(root.glob(".workbench/journal/live/*.wbj")):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    running.send_signal(signal.SIGINT)
    _, stderr = running.communicate(timeout=PATIENCE_S)
    assert running.returncode == 130
    assert "error: interrupted:" in stderr
    assert "Traceback" not in stderr
    left = statuses(root)
    assert left
    assert set(left.values()) <= {"killed", "finished"}
