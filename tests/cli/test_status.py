"""`workbench status`, and `workbench` alone."""

from __future__ import annotations

import json

import pytest

from tests.cli.conftest import Lab
from tests.cli.harness import workbench
from workbench.base.project import Project


def test_one_glance_shows_what_runs_and_what_ran(lab: Lab) -> None:
    outcome = workbench("status")
    assert outcome.status == 0
    lines = outcome.stdout.splitlines()
    assert lines[0].startswith(f"{lab.project.name}  {lab.project.root}  5 runs, ")
    assert lines[1] == "● 1 running  ✓ 3 finished  ✗ 1 failed"
    assert lines[3].split()[0] == "running"
    assert "calm-heron" in lines[4]
    assert "loss 0.9" in lines[4]
    assert lines[6].split()[0] == "last"
    assert lines[7].startswith("bold-crane")
    assert len(lines) == 11


def test_alone_it_is_the_same(lab: Lab) -> None:
    assert workbench().stdout == workbench("status").stdout


def test_scripts_get_documents(lab: Lab) -> None:
    document = json.loads(workbench("status", "--json").stdout)
    assert document["project"] == {"name": lab.project.name, "root": lab.project.root}
    assert document["runs"] == {"running": 1, "finished": 3, "failed": 1, "killed": 0, "crashed": 0, "stale": 0}
    assert [run["name"] for run in document["running"]] == ["calm-heron"]
    assert document["recent"][0]["name"] == "bold-crane"
    assert document["size_bytes"] > 0


def test_an_empty_project_says_what_to_do_next(project: Project) -> None:
    outcome = workbench("status")
    assert outcome.status == 0
    assert "0 runs" in outcome.stdout
    assert outcome.stderr == "no runs yet; next: workbench run -- python train.py, or workbench demo\n"


def test_a_narrow_terminal_is_enough(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = workbench("status", terminal=True).stdout.splitlines()
    assert max(map(len, lines[1:])) <= 40
