from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.registry.gates.candidates import candidate, facts, outcome_of, stored
from workbench.base.project import Project

TELL = (
    "import json, os; from pathlib import Path; folder = Path(os.environ['WORKBENCH_MODEL_DIR']); "
    "print(json.dumps([{k: v for k, v in os.environ.items() if k.startswith('WORKBENCH_')}, os.getcwd(), "
    "{p.relative_to(folder).as_posix(): p.read_text() for p in folder.rglob('*') if p.is_file()}]))"
)


def test_a_command_passes_by_its_exit_status(project: Project) -> None:
    assert outcome_of(candidate(project), "command", run="true").passed
    found = outcome_of(candidate(project), "command", run=["sh", "-c", "echo one; echo two; exit 3"])
    assert found.outcome == "failed"
    assert found.detail == "sh -c 'echo one; echo two; exit 3': exit status 3, two"
    assert found.measured == {"status": 3, "output": ["one", "two"]}


def test_a_command_knows_what_it_is_about(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_RUN_ID", "b" * 32)
    files = stored(project, {"MLmodel": "a", "data/m.bin": "b"})
    found = outcome_of(
        candidate(project, facts(files=files, run_id="a" * 32)), "command", run=[sys.executable, "-c", TELL]
    )
    assert found.passed, found.measured
    variables, folder, contents = json.loads("".join(found.measured["output"]))
    assert contents == {"MLmodel": "a", "data/m.bin": "b"}
    assert folder == project.root
    assert not Path(variables.pop("WORKBENCH_MODEL_DIR")).exists()
    assert variables == {
        "WORKBENCH_DIR": project.root,
        "WORKBENCH_MODEL": "fraud",
        "WORKBENCH_VERSION": "2",
        "WORKBENCH_MODEL_RUN_ID": "a" * 32,
    }


def test_a_command_that_hangs_has_not_passed(project: Project) -> None:
    found = outcome_of(candidate(project), "command", run="sleep 60", timeout_s=0.1)
    assert (found.outcome, found.detail, found.passed) == ("timed out", "it took longer than 0.1 s", False)


def test_a_command_that_is_not_there_has_not_passed(project: Project) -> None:
    found = outcome_of(candidate(project), "command", run="no-such-command")
    assert (found.outcome, found.passed) == ("failed", False)
    assert found.detail.startswith("cannot start no-such-command")


def test_no_secret_of_a_command_is_kept(project: Project) -> None:
    token = "sk-abcdefghijklmnopqrstuvwxyz"
    found = outcome_of(candidate(project), "command", run=["sh", "-c", "echo $1; false", "sh", token])
    assert token not in f"{found.detail} {found.measured}"


def test_files_whose_paths_lead_elsewhere_are_not_written(project: Project, tmp_path: Path) -> None:
    files = {"../escaped": stored(project, {"x": "x"})["x"]}
    found = outcome_of(candidate(project, facts(files=files)), "command", run="true")
    assert found.outcome == "failed"
    assert "does not lie within" in found.detail
