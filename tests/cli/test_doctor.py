"""`workbench doctor`: one line for each check, and a status that scripts can use."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.harness import workbench
from workbench.base.project import Project


def states() -> dict[str, str]:
    """The state of each check, by name."""
    return {check["name"]: check["state"] for check in json.loads(workbench("doctor", "--json").stdout)}


def test_a_sound_project_passes(project: Project) -> None:
    found = states()
    assert {name: found[name] for name in ("project", "store", "journals", "terminal")} == dict.fromkeys(
        ("project", "store", "journals", "terminal"), "ok"
    )
    assert workbench("doctor").status == 0


def test_without_a_project_the_tools_are_checked() -> None:
    outcome = workbench("doctor")
    assert outcome.status == 0
    assert "workbench init" in outcome.stdout
    assert "git" in outcome.stdout


def test_what_is_broken_is_said_with_its_mend(project: Project) -> None:
    Path(project.settings_path).write_text("format = 99\n")
    outcome = workbench("doctor")
    assert outcome.status == 1
    assert "✗ project" in outcome.stdout
    assert "upgrade" in outcome.stdout


def test_without_git_tracking_goes_on(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    assert states()["git"] == "warn"
    assert workbench("doctor").status == 0
