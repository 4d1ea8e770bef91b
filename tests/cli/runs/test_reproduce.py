"""`workbench runs reproduce` and `diff`: runs of real commands in a real repository."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.cli.conftest import OTTER, Lab
from tests.cli.harness import process, workbench
from workbench.base.project import Project


@pytest.fixture
def repository(project: Project) -> Project:
    """A project in a repository, with a run named `first` of a committed script."""
    Path("job.sh").write_text("echo one\n")
    Path(".gitignore").write_text("home\n")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "job"]):
        subprocess.run(["git", *words], check=True)
    assert process("run", "-n", "first", "--", "sh", "job.sh").returncode == 0
    return project


def test_a_run_is_reproduced_beside_the_work(repository: Project) -> None:
    Path("job.sh").write_text("echo changed\n")
    outcome = process("runs", "reproduce", "first", "--env", "current", "--json")
    assert outcome.returncode == 0, outcome.stderr
    document = json.loads(outcome.stdout)
    assert Path("job.sh").read_text() == "echo changed\n"
    assert workbench("runs", "logs", document["run_id"]).stdout == "one\n"


def test_a_plan_is_shown_without_running(repository: Project) -> None:
    outcome = workbench("runs", "reproduce", "first", "--dry-run")
    assert outcome.status == 0
    assert "sh job.sh" in outcome.stdout
    assert len(json.loads(workbench("runs", "list", "--json").stdout)) == 1


def test_what_cannot_be_reproduced_is_refused_with_the_reason(lab: Lab) -> None:
    outcome = workbench("runs", "reproduce", OTTER)
    assert outcome.status == 4
    assert "3f2a91c" in outcome.stderr
    assert workbench("runs", "reproduce", OTTER, "--dry-run").status == 1


def test_a_diff_shows_changes_that_were_not_committed(repository: Project) -> None:
    Path("job.sh").write_text("echo two\n")
    assert process("run", "-n", "second", "--", "sh", "job.sh").returncode == 0
    outcome = workbench("runs", "diff", "first", "second")
    assert outcome.status == 0
    assert "-echo one\n+echo two\n" in outcome.stdout
    assert workbench("runs", "diff", "first", "first").stderr == "the code is the same\n"
    document = json.loads(workbench("runs", "diff", "first", "second", "--output", "--json").stdout)
    assert document["of"] == "output"
    assert document["lines"][-2:] == ["-one", "+two"]
