"""Bytecode of an image's packages: the same bytes each time, valid without a look at the source."""

from __future__ import annotations

import importlib.util
import marshal
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import CodeType

import pytest

from workbench.packaging.bytecode import compile_sources, compiler

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
TAG = sys.implementation.cache_tag


def sources(folder: Path, count: int = 9) -> list[str]:
    """Modules with what a compiler orders by hash, and names that they share."""
    names = []
    for number in range(count):
        names.append(f"package{number % 3}/module{number}.py")
        path = folder / names[-1]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"def f(x):\n    return x in {{'a{number}', 'b', 'c', 'shared'}}\n")
    return names


def python() -> str:
    found = compiler(MINOR)
    assert found is not None
    return found


def contents(folder: Path, names: list[str]) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in names}


def test_every_source_has_bytecode_where_python_looks_for_it(tmp_path: Path) -> None:
    names = sources(tmp_path)
    (tmp_path / "data.txt").write_text("no source")
    made = compile_sources(python(), str(tmp_path), [*names, "data.txt"], "opt/site")
    assert sorted(made) == sorted(os.path.relpath(importlib.util.cache_from_source(name)) for name in names)
    assert all((tmp_path / name).exists() for name in made)


def test_the_bytes_are_the_same_wherever_and_whenever_they_are_made(tmp_path: Path) -> None:
    found = []
    for place in ("one", "another"):
        folder = tmp_path / place
        names = sources(folder)
        found.append(contents(folder, compile_sources(python(), str(folder), reversed(names), "opt/site")))
    assert found[0] == found[1]
    assert len(found[0]) == 9


def test_a_traceback_shows_the_path_within_the_image(tmp_path: Path) -> None:
    (made,) = compile_sources(python(), str(tmp_path), sources(tmp_path, 1), "opt/site")
    code = marshal.loads((tmp_path / made).read_bytes()[16:])
    assert isinstance(code, CodeType)
    assert code.co_filename == "/opt/site/package0/module0.py"


def test_it_is_taken_for_valid_though_the_source_has_another_time(tmp_path: Path) -> None:
    (name,) = sources(tmp_path, 1)
    compile_sources(python(), str(tmp_path), [name], "opt/site")
    os.utime(tmp_path / name, (315_532_800, 315_532_800))
    command = [sys.executable, "-v", "-c", "import package0.module0"]
    said = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stderr
    assert f"matches {tmp_path}/{name}" in said


def test_a_source_that_is_no_python_has_none_and_ends_nothing(tmp_path: Path) -> None:
    names = sources(tmp_path, 2)
    (tmp_path / "template.py").write_text("print {{ name }}")
    (tmp_path / "latin.py").write_bytes(b"x = '\xe9'")
    made = compile_sources(python(), str(tmp_path), [*names, "template.py", "latin.py", "gone.py"], "opt/site")
    assert len(made) == 2


def test_another_python_is_looked_for_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compiler("3.99") is None
    shutil.copy("/bin/true", tmp_path / "python3.99")
    assert compiler("3.99") == str(tmp_path / "python3.99")
