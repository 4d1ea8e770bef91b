"""What is recorded of interpreter, machine and packages, and that no secret is."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from importlib.metadata import distributions
from pathlib import Path

import pytest

from workbench.tracking.capture import environment
from workbench.tracking.capture.environment import (
    ALLOWED_VARIABLES,
    capture_environment,
    installed_packages,
    telling_variables,
)
from workbench.tracking.capture.secrets import is_secret_name


def make_distribution(folder: Path, name: str, metadata: str = "", direct_url: object = None) -> None:
    path = folder / name
    path.mkdir(parents=True)
    (path / "METADATA").write_text(metadata)
    (path / "PKG-INFO").write_text(metadata)
    if direct_url is not None:
        (path / "direct_url.json").write_text(json.dumps(direct_url))


def test_the_environment_is_made_of_json_values_and_tells_about_this_python() -> None:
    captured = capture_environment()
    assert json.loads(json.dumps(captured)) == captured
    assert captured["python"] == ".".join(map(str, sys.version_info[:3]))
    assert captured["executable"] == sys.executable
    assert captured["cpu_count"] >= captured["cpu_usable"] >= 1
    assert (captured["memory_bytes"] or 0) > 2**20
    assert captured["platform"]


def test_packages_are_those_that_importlib_finds() -> None:
    expected: dict[str, str] = {}
    for distribution in distributions():
        expected.setdefault(re.sub(r"[-_.]+", "-", distribution.metadata["Name"]).lower(), distribution.version)
    assert installed_packages()[0] == dict(sorted(expected.items()))


def test_of_two_distributions_of_one_name_the_first_on_the_path_counts(tmp_path: Path) -> None:
    make_distribution(tmp_path / "a", "Scikit_Learn-1.5.dist-info")
    make_distribution(tmp_path / "b", "scikit.learn-1.4.dist-info")
    make_distribution(tmp_path / "b", "other-2.0-py3.11.egg-info")
    path = [str(tmp_path / "missing"), str(tmp_path / "a"), str(tmp_path / "b")]
    assert installed_packages(path) == ({"other": "2.0", "scikit-learn": "1.5"}, {})


def test_a_folder_without_a_version_in_its_name_is_opened(tmp_path: Path) -> None:
    make_distribution(tmp_path, "My_Project.egg-info", "Metadata-Version: 2.1\nName: My.Project\nVersion: 0.3\n")
    make_distribution(tmp_path, "~ip-24.0.dist-info")
    (tmp_path / "broken.egg-info").write_bytes(b"\xff")
    assert installed_packages([str(tmp_path)])[0] == {"broken": "", "my-project": "0.3"}


def test_packages_that_no_index_gave_tell_where_they_came_from(tmp_path: Path) -> None:
    make_distribution(tmp_path, "a-1.dist-info", direct_url={"url": "file:///src/a", "dir_info": {"editable": True}})
    source = {"url": "https://me:pw@example.org/b.git", "vcs_info": {"vcs": "git", "commit_id": "abc"}}
    make_distribution(tmp_path, "b-1.dist-info", direct_url=source)
    make_distribution(tmp_path, "c-1.dist-info", direct_url={"url": "https://example.org/c.whl"})
    make_distribution(tmp_path, "d-1.dist-info", direct_url=["nonsense"])
    assert installed_packages([str(tmp_path)])[1] == {
        "a": "file:///src/a (editable)",
        "b": "git+https://***@example.org/b.git@abc",
        "c": "https://example.org/c.whl",
    }


def test_a_token_in_the_environment_never_reaches_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    token = "hunter2-a1b2c3d4e5"
    for name in ("HF_TOKEN", "AWS_SECRET_ACCESS_KEY", "WANDB_API_KEY", "DATABASE_URL", "MY_SETTING", "SLURM_JWT"):
        monkeypatch.setenv(name, token)
    monkeypatch.setenv("PYTHONPATH", f"https://me:{token}@example.org/x")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    captured = capture_environment()
    assert token not in json.dumps(captured)
    assert captured["env"]["CUDA_VISIBLE_DEVICES"] == "0,1"
    assert set(captured["env"]) <= ALLOWED_VARIABLES | {"VIRTUAL_ENV"}


def test_no_allowed_variable_has_the_name_of_a_secret() -> None:
    assert not [name for name in ALLOWED_VARIABLES if is_secret_name(name) and name != "TOKENIZERS_PARALLELISM"]


def test_variables_that_change_a_training_are_kept() -> None:
    variables = {
        "OMP_NUM_THREADS": "4",
        "VIRTUAL_ENV": "/home/ada/secret-customer/.venv/",
        "SLURM_JOB_ID": "17",
        "PYTHONHASHSEED": "",
        "HOME": "/home/ada",
        "XLA_FLAGS": "x" * 10_000,
    }
    kept = telling_variables(variables)
    assert len(kept.pop("XLA_FLAGS")) == environment.MAX_VALUE_CHARACTERS
    assert kept == {"OMP_NUM_THREADS": "4", "SLURM_JOB_ID": "17", "VIRTUAL_ENV": ".venv"}


def test_gpus_are_told_by_the_driver(tmp_path: Path) -> None:
    for minor, name in ((1, "0000:02:00.0"), (0, "0000:03:00.0")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "information").write_text(f"Model: \t\t NVIDIA Card {minor}\nDevice Minor: \t {minor}\n")
    assert environment._gpu_models(str(tmp_path)) == ["NVIDIA Card 0", "NVIDIA Card 1"]
    assert environment._gpu_models(str(tmp_path / "missing")) == []


def test_the_module_is_a_program_for_any_python(tmp_path: Path) -> None:
    with open(environment.__file__, "rb") as source:
        done = subprocess.run([sys.executable, "-S", "-"], stdin=source, cwd=tmp_path, capture_output=True, check=True)
    captured = json.loads(done.stdout)
    assert captured["python"] == capture_environment()["python"]
    assert captured["packages"] == {}  # -S: no site-packages
    assert set(captured) == set(capture_environment())


def test_a_working_directory_that_is_gone_is_no_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setattr(sys, "path", ["", *sys.path])
    assert capture_environment()["packages"]
    os.chdir(tmp_path)
