"""A run is run again with its own code, without touching the user's."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.tracking.repository import Repository
from workbench.base.errors import InputError, RefusedError, ToolError
from workbench.base.ids import new_run_id
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.store.store import Store
from workbench.tracking import launch as launch_module
from workbench.tracking.checkout import named_paths, rebased_command
from workbench.tracking.interpreter import Interpreter, choose_interpreter, differences, probe
from workbench.tracking.reproduce import ReproductionPlan, plan_reproduction, reproduce

SCRIPT = "import sys\nlr = 0.1\nprint(lr * 2, open(sys.argv[1]).read().strip())\n"


def record(
    project: Project,
    uid: str,
    command: Sequence[str],
    cwd: str,
    printed: str,
    captures: Mapping[str, object],
    tags: Mapping[str, str],
) -> None:
    """Write a run's journal: its metric is the first word that it printed."""
    writer = JournalWriter(project.journal_dir, uid)
    writer.event(
        "start", experiment="fraud", name=uid[:6], command=list(command), cwd=cwd, python="3", user="", host=""
    )
    for name, value in tags.items():
        writer.event("tag", name=name, value=value)
    for name, capture in captures.items():
        writer.event("cap", name=name, value=capture)
    if printed.strip():
        writer.metrics({"score": float(printed.split()[0])}, 0)
        writer.event("out", s=1, x=printed.strip())
    writer.event("end", status="finished", exit_code=0, error=None)
    writer.close()


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    made = Repository(tmp_path)
    made.write(**{".gitignore": "home\n.workbench\ndata_txt\ndata.txt\n"})
    made.commit(train_py=SCRIPT.replace("lr = 0.1", "lr = 0"))
    made.write(train_py=SCRIPT, data_txt="rows\n")
    return made


@pytest.fixture
def launches(project: Project, monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Stands in for `launch`: runs the command for real and records it as a run."""
    commands: list[list[str]] = []

    def launch(project: Project, command: Sequence[str], **more: Any) -> int:
        commands.append(list(command))
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        record(project, new_run_id(), command, str(Path.cwd()), done.stdout, {}, more["tags"])
        return done.returncode

    monkeypatch.setattr(launch_module, "launch", launch)
    return commands


def planned(project: Project, repository: Repository, command: list[str], **more: Any) -> ReproductionPlan:
    """Record a run of the repository's present state, and plan to reproduce it."""
    from workbench.store.runs import run_documents

    uid = new_run_id()
    record(project, uid, command, str(repository.root), more.pop("printed", "0.2 rows"), repository.captures(), {})
    with Store(project).reading() as db:
        [document] = run_documents(db, [uid])
    return plan_reproduction(document, document["captures"], repository.blobs.__getitem__, **more)


def test_a_run_is_reproduced_with_its_uncommitted_changes_while_the_work_goes_on(
    project: Project, repository: Repository, launches: list[list[str]]
) -> None:
    plan = planned(project, repository, ["python", "train.py", "data.txt"], environment="current")
    assert plan.obstacles == []
    repository.write(train_py="raise SystemExit('the user has gone on')\n")
    before = repository.state()
    result = reproduce(project, plan)
    assert result.exit_status == 0
    assert result.same
    assert result.output_diff == []
    assert result.comparison.run_ids == [plan.run_id, result.run_id]
    assert "linked, not in git: data.txt" in result.notes
    assert launches == [[sys.executable, "train.py", "data.txt"]]
    assert repository.state() == before
    assert Path.cwd() == repository.root


def test_other_results_are_told(project: Project, repository: Repository, launches: list[list[str]]) -> None:
    plan = planned(project, repository, ["python", "train.py", "data.txt"], printed="0.7 rows")
    result = reproduce(project, plan)
    assert not result.same
    [row] = [row for row in result.comparison.metrics if row.name == "score"]
    assert row.deltas[1] == pytest.approx(-0.5)
    assert "-0.7 rows" in result.output_diff
    assert "+0.2 rows" in result.output_diff
    assert result.to_json()["same"] is False


def test_a_command_that_fails_is_told(project: Project, repository: Repository, launches: list[list[str]]) -> None:
    repository.write(train_py="raise SystemExit(3)\n")
    result = reproduce(project, planned(project, repository, ["python", "train.py"]))
    assert result.exit_status == 3
    assert not result.same


def test_the_checkout_is_kept_on_demand(project: Project, repository: Repository, launches: list[list[str]]) -> None:
    result = reproduce(project, planned(project, repository, ["python", "train.py", "data.txt"]), keep=True)
    assert result.worktree is not None
    assert Path(result.worktree, "train.py").read_text() == SCRIPT
    assert len(repository.git("worktree", "list").splitlines()) == 2


def test_changes_that_do_not_apply_leave_nothing_behind(project: Project, repository: Repository) -> None:
    plan = planned(project, repository, ["python", "train.py"])
    before = repository.state()
    broken = ReproductionPlan(
        plan.document, plan.repository, plan.commit, b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n",
        plan.command, plan.folder, plan.environment, plan.mode,
    )  # fmt: skip
    with pytest.raises(ToolError, match="the captured changes do not apply"):
        reproduce(project, broken)
    assert repository.state() == before


@pytest.mark.parametrize(
    ("command", "obstacle"),
    [
        ([], "the run's command was not recorded"),
        (["python3"], "interactive session"),
        (["python", "-m", "ipykernel_launcher", "-f", "x.json"], "notebook"),
        (["python", "train.py", "--token=***"], "secret"),
    ],
)
def test_a_command_that_cannot_be_given_again_is_an_obstacle(
    project: Project, repository: Repository, command: list[str], obstacle: str
) -> None:
    plan = planned(project, repository, command)
    assert any(obstacle in text for text in plan.obstacles)
    with pytest.raises(RefusedError):
        reproduce(project, plan)


def test_a_missing_commit_is_an_obstacle(project: Project, repository: Repository) -> None:
    document = {"run_id": "0" * 32, "source": {"command": ["python", "train.py"], "cwd": str(repository.root)}}
    captures = {"git": {"commit": "1" * 40, "dirty": False, "root": str(repository.root)}}
    plan = plan_reproduction(document, captures, repository.blobs.__getitem__)
    assert plan.obstacles == ["no local repository has the commit 111111111111 (try: git fetch)"]


def test_a_run_outside_of_git_is_an_obstacle(repository: Repository) -> None:
    document = {"run_id": "0" * 32, "source": {"command": ["python", "train.py"], "cwd": "/"}}
    plan = plan_reproduction(document, {}, repository.blobs.__getitem__)
    assert plan.obstacles == ["the run did not run in a git repository with a commit"]


def test_an_unknown_environment_is_the_users_mistake(repository: Repository) -> None:
    with pytest.raises(InputError):
        plan_reproduction({"run_id": "0" * 32}, {}, repository.blobs.__getitem__, environment="magic")


def test_files_that_were_not_captured_are_noted(repository: Repository) -> None:
    captured = repository.captures()
    git = captured["git"]
    assert isinstance(git, dict)
    git["skipped"] = [{"path": "big.bin", "reason": "too large"}]
    document = {"run_id": "0" * 32, "source": {"command": ["python", "train.py"], "cwd": str(repository.root)}}
    plan = plan_reproduction(document, captured, repository.blobs.__getitem__)
    assert "not captured: big.bin (too large)" in plan.notes


def test_absolute_paths_into_the_repository_lead_to_the_checkout(tmp_path: Path) -> None:
    root, folder = tmp_path / "repo", tmp_path / "checkout"
    for base in (root, folder):
        base.mkdir()
        (base / "train.py").touch()
    (root / "only_here.csv").touch()
    interpreter = Interpreter("/env/bin/python")

    def rebased(*command: str) -> list[str]:
        return rebased_command(command, interpreter, str(root), str(folder))

    assert rebased("/usr/bin/python3.12", f"{root}/train.py") == ["/env/bin/python", f"{folder}/train.py"]
    assert rebased("train.py", "--lr", "0.1") == ["/env/bin/python", "train.py", "--lr", "0.1"]
    assert rebased("python", f"--script={root}/train.py")[1] == f"--script={folder}/train.py"
    assert rebased("make", f"{root}/only_here.csv") == ["make", f"{root}/only_here.csv"]
    assert named_paths(["python", "train.py", "--data=only_here.csv", "none"], str(root)) == [
        f"{root}/train.py",
        f"{root}/only_here.csv",
    ]


def test_the_environment_that_is_here_is_taken_where_it_equals_the_recorded_one(project: Project) -> None:
    here = probe(sys.executable)
    assert here is not None
    recorded = {"python": here.python, "packages": dict(here.packages), "executable": sys.executable}
    said: list[str] = []
    chosen = choose_interpreter(project, recorded, mode="auto", progress=said.append)
    assert (chosen.executable, chosen.notes, said) == (sys.executable, [], [])


def test_the_current_environment_says_how_it_differs(project: Project) -> None:
    recorded = {"python": "2.7.18", "packages": {"numpy": "0.1"}}
    chosen = choose_interpreter(project, recorded, mode="current", progress=lambda text: None)
    assert chosen.executable == sys.executable
    assert "python 2.7.18 (here 3." in chosen.notes[0]
    assert "numpy 0.1" in "; ".join(differences(recorded, chosen))


def make_wheel(folder: Path, name: str, version: str) -> None:
    """A wheel with one empty module."""
    folder.mkdir()
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    listing = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        for path, text in (files | {f"{info}/RECORD": listing}).items():
            wheel.writestr(path, text)


def test_an_environment_is_recreated_once_with_the_recorded_versions(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel(tmp_path / "wheels", "tinypackage", "1.2.3")
    for name, value in (("UV_OFFLINE", "1"), ("UV_NO_INDEX", "1"), ("UV_FIND_LINKS", str(tmp_path / "wheels"))):
        monkeypatch.setenv(name, value)
    recorded = {"python": ".".join(map(str, sys.version_info[:3])), "packages": {"TinyPackage": "1.2.3"}}
    said: list[str] = []
    first = choose_interpreter(project, recorded, mode="auto", progress=said.append)
    again = choose_interpreter(project, recorded, mode="auto", progress=said.append)
    assert first == again
    assert first.packages == {"tinypackage": "1.2.3"}
    assert first.notes == []
    assert first.executable.startswith(project.folder)
    assert len(said) == 1


def test_an_environment_that_cannot_be_built_is_a_tool_error(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UV_OFFLINE", "1")
    recorded = {"python": ".".join(map(str, sys.version_info[:3])), "packages": {"no-such-package": "0"}}
    with pytest.raises(ToolError, match="cannot be recreated") as raised:
        choose_interpreter(project, recorded, mode="recreate", progress=lambda text: None)
    assert raised.value.hint == "use the environment that is here: --env current"
