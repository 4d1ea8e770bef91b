"""Differences between two runs are true, and leave the user's repository alone."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.tracking.repository import Repository
from workbench.base.errors import ArtifactNotFoundError, ToolError
from workbench.tracking import trees
from workbench.tracking.diff import CodeState, code_state, diff_code, diff_environment, diff_output


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repo")


def state(repository: Repository, label: str) -> CodeState:
    return code_state(label, repository.captures(), repository.blobs.__getitem__)


def test_the_diff_is_between_the_two_whole_trees(repository: Repository) -> None:
    repository.commit(train_py="lr = 1\nprint(lr)\n", other_py="x = 1\n")
    repository.write(train_py="lr = 2\nprint(lr)\n", new_py="fresh\n")
    first = state(repository, "a")
    repository.commit(train_py="lr = 3\nprint(lr)\n", other_py="x = 2\n")
    (repository.root / "new.py").unlink()
    repository.write(other_py="x = 3\n")
    second = state(repository, "b")
    before = repository.state()
    difference = diff_code(first, second)
    assert difference.exact
    assert difference.note is None
    changed = [line for line in difference.lines if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert sorted(changed) == sorted(["-lr = 2", "+lr = 3", "-x = 1", "+x = 3", "-fresh"])
    assert "--- a/train.py" in difference.lines
    assert repository.state() == before


def test_the_same_code_by_another_way_has_no_difference(repository: Repository) -> None:
    repository.commit(train_py="lr = 1\n")
    repository.write(train_py="lr = 2\n")
    uncommitted = state(repository, "a")
    repository.commit()
    assert diff_code(uncommitted, state(repository, "b")) == diff_code(uncommitted, uncommitted)


def test_settings_of_the_user_do_not_change_the_diff(repository: Repository, monkeypatch: pytest.MonkeyPatch) -> None:
    for setting, value in (("diff.noprefix", "true"), ("color.ui", "always"), ("diff.external", "/bin/false")):
        repository.git("config", setting, value)
    repository.commit(train_py="lr = 1\n")
    first = state(repository, "a")
    repository.commit(train_py="lr = 2\n")
    second = state(repository, "b")
    monkeypatch.setenv("GIT_DIR", "/nowhere")
    lines = diff_code(first, second, repositories=[str(repository.root)]).lines
    assert lines[0] == "diff --git a/train.py b/train.py"
    assert "-lr = 1" in lines


def test_a_subfolder_of_the_repository_will_do(repository: Repository) -> None:
    (repository.root / "src").mkdir()
    repository.commit(train_py="lr = 1\n")
    repository.write(train_py="lr = 2\n")
    first = state(repository, "a")
    second = CodeState("b", first.commit)
    moved = CodeState("a", first.commit, first.patch, str(repository.root / "src"))
    assert "-lr = 2" in diff_code(moved, second).lines


def test_without_the_commits_the_captured_changes_are_compared(repository: Repository) -> None:
    repository.commit(train_py="lr = 1\n")
    repository.write(train_py="lr = 2\n")
    first = state(repository, "a")
    repository.write(train_py="lr = 3\n")
    second = state(repository, "b")
    shutil.rmtree(repository.root)
    difference = diff_code(first, CodeState("b", "0" * 40, second.patch, second.root))
    assert not difference.exact
    assert "no local repository has both commits" in str(difference.note)
    assert "-+lr = 2" in difference.lines
    assert "++lr = 3" in difference.lines
    assert f"+commit {'0' * 40}" in difference.lines


def test_a_run_outside_of_git_is_said_so(repository: Repository) -> None:
    repository.commit(train_py="lr = 1\n")
    outside = code_state("b", {}, repository.blobs.__getitem__)
    difference = diff_code(state(repository, "a"), outside)
    assert "b did not run in a git repository" in str(difference.note)


def test_lost_changes_are_said_so(repository: Repository) -> None:
    repository.commit(train_py="lr = 1\n")
    first = state(repository, "a")
    repository.write(train_py="lr = 2\n")

    def missing(sha256: str) -> bytes:
        raise ArtifactNotFoundError("gone")

    second = code_state("b", repository.captures(), missing)
    difference = diff_code(first, second)
    assert not difference.exact
    assert difference.note == "the uncommitted changes of b are lost: gone"
    uncaptured = code_state("c", {"git": {"commit": first.commit, "dirty": True}}, missing)
    assert uncaptured.missing == "the uncommitted changes of c were not captured"


def test_a_patch_that_does_not_apply_falls_back(repository: Repository) -> None:
    commit = repository.commit(train_py="lr = 1\n")
    broken = CodeState(
        "b", commit, b"diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n", str(repository.root)
    )
    difference = diff_code(state(repository, "a"), broken)
    assert not difference.exact
    assert "git apply failed" in str(difference.note)


def test_environments_differ_by_package_and_by_fact() -> None:
    a = {"python": "3.12.4", "platform": "Linux", "packages": {"NumPy": "1.0", "old-one": "1", "same_name": "2"}}
    b = {"python": "3.13.0", "platform": "Linux", "packages": {"numpy": "2.0", "new.one": "3", "same-name": "2"}}
    difference = diff_environment(a, b)
    assert difference.lines("a", "b") == [
        "--- a",
        "+++ b",
        "-python: 3.12.4",
        "+python: 3.13.0",
        "+new-one==3",
        "-numpy==1.0",
        "+numpy==2.0",
        "-old-one==1",
    ]
    assert difference.to_json()["changed"] == {"numpy": ["1.0", "2.0"]}
    assert diff_environment(a, a).same
    assert diff_environment(a, a).lines() == []
    assert diff_environment(None, a).note


@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=20), st.lists(st.sampled_from(["a", "b", "c"]), max_size=20))
def test_an_output_diff_is_empty_exactly_for_equal_outputs(a: list[str], b: list[str]) -> None:
    assert (diff_output(a, b) == []) == (a == b)


def test_long_outputs_are_compared_at_their_end() -> None:
    a = [f"line {i}" for i in range(8000)]
    lines = diff_output(a, [*a[:-1], "other"])
    assert lines[0].startswith("# only the last 5,000 lines")
    assert "+other" in lines


def test_a_git_that_hangs_is_given_up(repository: Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "bin" / "git"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\nexec sleep 600\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    monkeypatch.setattr(trees, "GIT_S", 0.1)
    with pytest.raises(ToolError, match=r"git status did not end within 0\.1 s"):
        trees.git(["status"], str(repository.root))
