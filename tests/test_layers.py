"""The architecture's rules hold for every module, and each rule is able to fail."""

from __future__ import annotations

import statistics
import tomllib

import pytest

from tests.layers import (
    MAX_MEDIAN_LINES,
    ROOT,
    RULES,
    THIRD_PARTY,
    Rule,
    Source,
    every_folder_has_a_layer,
    hot_path_is_light,
    imports_of,
    lower_layers_only,
    modules_are_short,
    no_sql_in_the_faces,
    one_module_knows_the_store_file,
    one_module_prints,
    only_the_desk_asks,
    package_sources,
    third_party_in_its_layer,
)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
def test_the_package_keeps_the_rule(rule: Rule) -> None:
    broken = [str(violation) for source in package_sources() for violation in rule(source)]
    assert not broken, f"{rule.__doc__}\n" + "\n".join(broken)


def test_the_median_module_is_short() -> None:
    lines = [source.text.count("\n") for source in package_sources() if not source.path.endswith("__init__.py")]
    assert statistics.median(lines) <= MAX_MEDIAN_LINES


def test_the_package_is_found() -> None:
    paths = {source.path for source in package_sources()}
    assert {"workbench/__init__.py", "workbench/base/errors.py", "workbench/journal/writer.py"} <= paths


BREAKS: list[tuple[Rule, str, str]] = [
    (lower_layers_only, "workbench/store/runs.py", "from workbench.tracking.run import Run"),
    (lower_layers_only, "workbench/store/runs.py", "import workbench.cli.app"),
    (lower_layers_only, "workbench/store/runs.py", "def f():\n    from workbench import tracking"),
    (lower_layers_only, "workbench/tracking/run.py", "from workbench.data import profile"),
    (lower_layers_only, "workbench/output/table.py", "from workbench.plot import chart"),
    (lower_layers_only, "workbench/cli/ui.py", "from workbench.tui.app import App"),
    (lower_layers_only, "workbench/tui/app.py", "def f():\n    from workbench.cli import console"),
    (lower_layers_only, "workbench/serving/app.py", "from workbench.base import clock"),
    (lower_layers_only, "workbench/serving/app.py", "from workbench.serving import codec"),
    (lower_layers_only, "workbench/serving/loaders/pyfunc.py", "from ...base import clock"),
    (lower_layers_only, "workbench/tracking/run.py", "from workbench.serving import codec"),
    (lower_layers_only, "workbench/store/runs.py", "from .metrics import curve"),
    (every_folder_has_a_layer, "workbench/misc/things.py", ""),
    (third_party_in_its_layer, "workbench/tracking/run.py", "import duckdb"),
    (third_party_in_its_layer, "workbench/cli/runs.py", "def f():\n    import polars as pl"),
    (third_party_in_its_layer, "workbench/output/table.py", "from mlflow.tracking import MlflowClient"),
    (third_party_in_its_layer, "workbench/cli/app.py", "import click"),
    (third_party_in_its_layer, "workbench/data/profile.py", "import requests"),
    (hot_path_is_light, "workbench/journal/writer.py", "import tempfile"),
    (hot_path_is_light, "workbench/__init__.py", "from typing import Any"),
    (one_module_prints, "workbench/cli/runs.py", "print('hello')"),
    (one_module_prints, "workbench/output/json.py", "import sys\nsys.stdout.write('x')"),
    (one_module_knows_the_store_file, "workbench/cli/doctor.py", "path = 'cache/workbench.duckdb'"),
    (one_module_knows_the_store_file, "workbench/sync/push.py", "path = f'{folder}/x.duckdb'"),
    (one_module_knows_the_store_file, "workbench/store/store.py", "import shutil\nshutil.copy(duckdb_path, target)"),
    (one_module_knows_the_store_file, "workbench/store/store.py", "open(self._duckdb_path, 'rb')"),
    (no_sql_in_the_faces, "workbench/cli/runs.py", "db.execute('SELECT 1')"),
    (
        no_sql_in_the_faces,
        "workbench/tui/app.py",
        "q = '''\n  with x as (select 1) SELECT *'''.upper()\nr = 'DELETE FROM run'",
    ),
    (no_sql_in_the_faces, "workbench/cli/runs.py", "q = f'SELECT * FROM run WHERE uid = {uid}'"),
    (only_the_desk_asks, "workbench/tui/screens/runs.py", "def f():\n    from workbench.store.runs import list_runs"),
    (only_the_desk_asks, "workbench/tui/desk.py", "from workbench.tracking.compare import compare_documents"),
    (modules_are_short, "workbench/store/runs.py", "x = 1\n" * 601),
]


@pytest.mark.parametrize(
    ("rule", "path", "text"), BREAKS, ids=[f"{r.__name__}-{n}" for n, (r, _, _) in enumerate(BREAKS)]
)
def test_a_rule_finds_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    found = [str(violation) for violation in rule(Source.parse(path, text))]
    assert len(found) == 1
    assert found[0].startswith(f"{path}:")


KEEPS: list[tuple[Rule, str, str]] = [
    (lower_layers_only, "workbench/tracking/run.py", "from workbench.journal.writer import JournalWriter"),
    (lower_layers_only, "workbench/packaging/plan.py", "from workbench.registry import models"),
    (lower_layers_only, "workbench/cli/ui.py", "def f():\n    from workbench.tui.app import App"),
    (lower_layers_only, "workbench/serving/app.py", "from . import codec"),
    (lower_layers_only, "workbench/serving/loaders/pyfunc.py", "from ..errors import LoadError"),
    (lower_layers_only, "workbench/packaging/plan.py", "from workbench.serving.description import describe"),
    (lower_layers_only, "workbench/__init__.py", "def f():\n    from workbench.tracking import run"),
    (third_party_in_its_layer, "workbench/store/store.py", "import duckdb"),
    (
        third_party_in_its_layer,
        "workbench/data/frames.py",
        "if TYPE_CHECKING:\n    from duckdb import DuckDBPyConnection",
    ),
    (third_party_in_its_layer, "workbench/cli/app.py", "import os, typer"),
    (hot_path_is_light, "workbench/journal/writer.py", "def f():\n    import tempfile"),
    (hot_path_is_light, "workbench/journal/writer.py", "if TYPE_CHECKING:\n    from typing import Any"),
    (hot_path_is_light, "workbench/store/store.py", "import contextlib"),
    (one_module_prints, "workbench/cli/console.py", "print('hello')"),
    (one_module_knows_the_store_file, "workbench/store/store.py", "path = 'workbench.duckdb'"),
    (one_module_knows_the_store_file, "workbench/cli/sql.py", '"""Opens workbench.duckdb."""'),
    (only_the_desk_asks, "workbench/tui/questions/runs.py", "from workbench.store.runs import list_runs"),
    (only_the_desk_asks, "workbench/tui/desk.py", "from workbench.store.store import Store"),
    (only_the_desk_asks, "workbench/tui/app.py", "if TYPE_CHECKING:\n    from workbench.store.edits import Event"),
    (no_sql_in_the_faces, "workbench/cli/sql.py", "x = Option(help='SELECT count(*) FROM runs')\ny = 'Select a run'"),
]


@pytest.mark.parametrize(
    ("rule", "path", "text"), KEEPS, ids=[f"{r.__name__}-{n}" for n, (r, _, _) in enumerate(KEEPS)]
)
def test_a_rule_lets_good_code_pass(rule: Rule, path: str, text: str) -> None:
    assert not [str(violation) for violation in rule(Source.parse(path, text))]


def test_an_import_says_whether_it_happens_at_once() -> None:
    source = Source.parse("workbench/x.py", "import a\nif TYPE_CHECKING:\n    import b\ndef f():\n    import c\n")
    assert [(i.module, i.deferred, i.typing_only) for i in imports_of(source)] == [
        ("a", False, False),
        ("b", False, True),
        ("c", True, False),
    ]


def test_every_dependency_is_imported_or_has_a_reason() -> None:
    """A dependency that no module imports is listed here with what uses it instead."""
    used_otherwise = {
        "textual": "the terminal app",
        "uv": "run as a program",
        "scikit-learn": "imported by the sample projects",
        "mlflow-skinny": "imported as mlflow",
        "docker": "packaging",
        "pyyaml": "imported as yaml",
        "markdown-it-py": "imported as markdown_it",
        "protobuf": "imported as google.protobuf",
        "pandas": "the MLflow flavours of models import it",
        "pytz": "DuckDB imports it for times with a zone",
    }
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {line.split(">")[0].split("<")[0] for line in project["dependencies"]}
    assert names <= set(THIRD_PARTY) | set(used_otherwise)
