"""Preparing the demo's folder."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from pathlib import Path

import pytest

from workbench.base.errors import InputError, ToolError
from workbench.demo.workspace import prepare


def git(folder: Path, *words: str) -> str:
    """What git says."""
    return subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=True).stdout.strip()


def test_a_new_folder_holds_the_sample_committed_and_clean(tmp_path: Path) -> None:
    workspace = prepare("demo")
    root = tmp_path / "demo"
    assert workspace.new
    assert workspace.has_git
    assert workspace.project.root == str(root)
    assert {"train.py", "sweep.py", "README.md"} <= {path.name for path in root.iterdir()}
    assert git(root, "status", "--porcelain") == ""
    assert git(root, "log", "--format=%an") == "workbench demo"


def test_git_settings_of_the_user_stay_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = tmp_path / "gitconfig"
    settings.write_text(
        "[commit]\n\tgpgsign = true\n[gpg]\n\tprogram = /nonexistent\n[core]\n\thooksPath = /nonexistent\n"
    )
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(settings))
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "elsewhere"))
    before = settings.read_text()
    assert prepare("demo").has_git
    assert settings.read_text() == before
    assert not (tmp_path / "elsewhere").exists()


def test_inside_a_repository_the_demo_has_one_of_its_own(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert prepare("demo").has_git
    assert git(tmp_path / "demo", "rev-parse", "--show-toplevel") == str(tmp_path / "demo")


def test_the_folder_of_an_earlier_demo_keeps_what_was_changed_in_it(tmp_path: Path) -> None:
    prepare("demo")
    (tmp_path / "demo" / "train.py").write_text("changed")
    (tmp_path / "demo" / "sweep.py").unlink()
    workspace = prepare("demo")
    assert not workspace.new
    assert workspace.has_git
    assert (tmp_path / "demo" / "train.py").read_text() == "changed"
    assert (tmp_path / "demo" / "sweep.py").exists()


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    assert prepare("demo").new


def test_a_folder_with_other_files_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").mkdir()
    (tmp_path / "demo" / "thesis.tex").touch()
    with pytest.raises(InputError, match="holds other files") as caught:
        prepare("demo")
    assert caught.value.hint == "choose a new folder: workbench demo --dir NAME"
    assert [path.name for path in (tmp_path / "demo").iterdir()] == ["thesis.tex"]


def test_a_project_of_the_user_is_no_demo(tmp_path: Path) -> None:
    (tmp_path / "demo" / ".workbench").mkdir(parents=True)
    with pytest.raises(InputError, match="holds other files"):
        prepare("demo")


def test_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "demo").touch()
    with pytest.raises(InputError, match="not a folder"):
        prepare("demo")


def test_without_git_the_demo_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert not prepare("demo").has_git
    assert (tmp_path / "demo" / "train.py").exists()


def test_without_scikit_learn_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolError) as caught:
        prepare("demo")
    assert caught.value.hint == "pip install scikit-learn"
    assert not (tmp_path / "demo").exists()
