"""`workbench run`: what reaches the command, and the status that comes back."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from tests.cli.harness import process, workbench
from workbench.base.project import Project
from workbench.tracking import launch

Calls = list[tuple[str, list[str], dict[str, Any]]]


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """What `launch` was called with; it returns 7."""
    seen: Calls = []

    def record(project: Project, command: Sequence[str], *, on_start: Callable[[str], None], **facts: Any) -> int:
        seen.append((project.root, list(command), facts))
        on_start("0" * 32)
        return 7

    monkeypatch.setattr(launch, "launch", record)
    return seen


@pytest.mark.parametrize(
    ("words", "command"),
    [
        (["--", "python", "train.py", "--lr", "0.1", "-p", "x=1"], ["python", "train.py", "--lr", "0.1", "-p", "x=1"]),
        (["python", "train.py", "--help"], ["python", "train.py", "--help"]),
        (["-e", "fraud", "--", "cmd", "--", "-n", "x"], ["cmd", "--", "-n", "x"]),
        (["--", "--odd"], ["--odd"]),
        (["--", "sh", "-c", "echo 'a b' \"$X\" [c]"], ["sh", "-c", "echo 'a b' \"$X\" [c]"]),
    ],
)
def test_the_command_arrives_untouched(words: list[str], command: list[str], project: Project, calls: Calls) -> None:
    assert workbench("run", *words).status == 7
    assert calls[0][:2] == (project.root, command)


def test_options_describe_the_run(project: Project, calls: Calls) -> None:
    workbench(
        "run", "-e", "fraud", "-n", "first", "-p", "lr=0.1", "-p", "opt=adam", "-t", "kind=base=line", "--", "true"
    )
    assert calls[0][2] == {
        "experiment": "fraud",
        "name": "first",
        "params": {"lr": 0.1, "opt": "adam"},
        "tags": {"kind": "base=line"},
    }


def test_no_command_is_a_mistake(project: Project, calls: Calls) -> None:
    for words in ([], ["--"], ["-e", "x"]):
        outcome = workbench("run", *words)
        assert outcome.status == 2
        assert outcome.stderr == "error: no command to run\nhint: workbench run -- python train.py\n"
    assert calls == []


def test_a_parameter_without_a_value_is_a_mistake(project: Project, calls: Calls) -> None:
    assert workbench("run", "-p", "lr", "--", "true").status == 2
    assert calls == []


def test_one_line_says_which_run_it_was(project: Project, calls: Calls) -> None:
    outcome = workbench("run", "-n", "first\nof all", "--", "true")
    assert outcome.stdout == ""
    assert re.fullmatch(
        r"run first\\nof all: exit status 7 after [0-9.]+s; workbench runs show 00000000\n", outcome.stderr
    )


def test_a_real_command_is_tracked(project: Project) -> None:
    done = process("run", "-n", "first", "--", "sh", "-c", "echo out; echo err >&2; exit 3")
    assert (done.returncode, done.stdout) == (3, "out\n")
    assert done.stderr.startswith("err\nrun first: exit status 3 after ")
    assert workbench("runs", "logs", "first", "--stream", "stdout").stdout == "out\n"
    assert json.loads(workbench("runs", "show", "first", "--json").stdout)["exit_code"] == 3


def test_a_command_that_is_missing_says_so(project: Project) -> None:
    done = process("run", "--", "no-such-command-anywhere")
    assert done.returncode == 127
    assert "no-such-command-anywhere" in done.stderr
