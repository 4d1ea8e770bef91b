"""Which Python a command runs, and what it says about itself."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from workbench.tracking.capture.probe import EnvironmentProbe, python_of


@pytest.fixture
def bin_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the whole PATH."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def make_program(path: Path, text: str = "#!/bin/sh\n") -> Path:
    path.write_text(text)
    path.chmod(0o755)
    return path


def test_a_command_that_is_a_python_is_asked_itself(bin_folder: Path) -> None:
    python = make_program(bin_folder / "python3.12")
    make_program(bin_folder / "python")
    assert python_of(["python3.12", "train.py"], os.environ) == str(python)
    assert python_of([str(python)], {}) == str(python)


@pytest.mark.parametrize(
    "first_line", ["#!{}\n", "#! {} -u\n", "#!/usr/bin/env python3.12\n", "#!/usr/bin/env -S X=1 {}\n"]
)
def test_a_script_of_a_python_is_looked_through(bin_folder: Path, first_line: str) -> None:
    python = make_program(bin_folder / "python3.12")
    make_program(bin_folder / "torchrun", first_line.format(python))
    assert python_of(["torchrun", "train.py"], os.environ) == str(python)


def test_any_other_command_most_likely_runs_the_first_python_on_the_path(bin_folder: Path) -> None:
    assert python_of(["make"], os.environ) is None
    python3 = make_program(bin_folder / "python3")
    make_program(bin_folder / "make")
    assert python_of(["make"], os.environ) == str(python3)
    python = make_program(bin_folder / "python")
    assert python_of(["missing"], os.environ) == str(python)


def test_another_python_answers_for_itself(bin_folder: Path) -> None:
    make_program(bin_folder / "python", f'#!/bin/sh\nOMP_NUM_THREADS=7 exec {sys.executable} -S "$@"\n')
    captured = EnvironmentProbe(["python"], os.environ).result(30)
    assert captured is not None
    assert captured["env"]["OMP_NUM_THREADS"] == "7"
    assert captured["packages"] == {}


@pytest.mark.parametrize("answer", ["exit 1", "echo nonsense", "echo '{}'; exit 1"])
def test_a_python_that_gives_no_answer_is_stood_in_for_by_ours(bin_folder: Path, answer: str) -> None:
    make_program(bin_folder / "python", f"#!/bin/sh\n{answer}\n")
    captured = EnvironmentProbe(["python"], os.environ).result(30)
    assert captured is not None
    assert captured["executable"] == sys.executable


def test_a_slow_answer_is_not_waited_for(bin_folder: Path) -> None:
    make_program(bin_folder / "python", "#!/bin/sh\nexec /bin/sleep 60\n")
    probe = EnvironmentProbe(["python"], os.environ)
    assert probe.result(0) is None
    probe.cancel()
    probe.cancel()
