"""How MLflow finds us: through entry points, without a word and without loading what is not needed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from workbench.base.project import Project
from workbench.interop.mlflow import plugin

pytestmark = pytest.mark.interop

GROUPS = {
    "mlflow.tracking_store": plugin.tracking_store,
    "mlflow.model_registry_store": plugin.model_registry_store,
    "mlflow.artifact_repository": plugin.artifact_repository,
}


def modules_after(code: str, *options: str) -> set[str]:
    program = f"{code}\nimport json, sys; print(json.dumps(sorted(sys.modules)))"
    environment = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(
        [sys.executable, *options, "-c", program], env=environment, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("group", GROUPS)
def test_the_scheme_is_registered(group: str) -> None:
    [found] = [point for point in entry_points(group=group) if point.name == "workbench"]
    assert found.load() is GROUPS[group]


def test_an_entry_point_loads_neither_mlflow_nor_the_store() -> None:
    """MLflow loads them while it is itself half imported, in every program that imports it."""
    code = "from importlib.metadata import entry_points\n" + "\n".join(
        f"[p.load() for p in entry_points(group={group!r}) if p.name == 'workbench']" for group in GROUPS
    )
    modules = modules_after(code)
    assert "workbench.interop.mlflow.plugin" in modules
    assert not [name for name in modules if name.partition(".")[0] in ("mlflow", "duckdb", "polars")]
    assert not [name for name in modules if name.startswith(("workbench.store", "workbench.tracking"))]


def test_importing_mlflow_says_nothing_about_us_and_loads_no_store() -> None:
    modules = modules_after("import mlflow", "-W", "error")
    ours = {name for name in modules if name.partition(".")[0] == "workbench"}
    assert ours == {"workbench", "workbench.interop", "workbench.interop.mlflow", "workbench.interop.mlflow.plugin"}
    assert "duckdb" not in modules


def test_our_own_commands_do_not_import_mlflow(project: Project) -> None:
    modules = modules_after("import sys; sys.argv = ['workbench', 'runs', 'list', '--json']\n"
                            "from workbench.cli.app import main\n"
                            "try:\n    main()\nexcept SystemExit:\n    pass")  # fmt: skip
    assert "duckdb" in modules
    assert not [name for name in modules if name.partition(".")[0] == "mlflow" or "interop" in name]
