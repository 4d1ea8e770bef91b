"""The public names, and what importing them and logging costs a training script."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import workbench

HEAVY = ("duckdb", "polars", "mlflow", "numpy", "textual", "typer", "rich", "psutil", "sqlglot", "pyarrow", "docker")

TRAINING = """
import sys, workbench
run = workbench.start_run(params={"lr": 0.1}, tags={"kind": "base"})
run.log({"loss": 1.0}, step=0)
early = sorted(sys.modules)
run.end()
print(*early, sep=",")
print(*sorted(sys.modules), sep=",")
"""


def modules_of(code: str) -> list[set[str]]:
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    return [set(line.split(",")) for line in result.stdout.splitlines()]


def test_importing_loads_nothing_else() -> None:
    [loaded] = modules_of("import sys, workbench\nprint(*sys.modules, sep=',')")
    assert {name for name in loaded if name.startswith("workbench")} == {"workbench"}


def test_logging_loads_no_heavy_library() -> None:
    early, _ = modules_of(TRAINING)
    assert not early & set(HEAVY)
    assert "workbench.journal.writer" in early


def test_a_whole_run_loads_no_heavy_library() -> None:
    _, late = modules_of(TRAINING)
    assert not late & (set(HEAVY) - {"psutil"})


def test_the_public_names_are_sorted_and_all_there() -> None:
    names = workbench.__all__
    assert names == sorted(names)
    assert len(names) == len(set(names))
    for name in names:
        assert getattr(workbench, name) is not None
    assert set(names) <= set(dir(workbench))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        workbench.nonsense  # noqa: B018


def test_the_version_is_that_of_the_package() -> None:
    pyproject = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())
    assert workbench.__version__ == pyproject["project"]["version"]
