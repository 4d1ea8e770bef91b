"""What a command loads is part of how it feels: a fresh interpreter says what it has imported.

Only a subprocess can prove that an import is deferred, for this process has loaded everything already.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import workbench
from workbench.base.project import Project

HEAVY = {
    "mlflow",
    "polars",
    "pandas",
    "numpy",
    "docker",
    "textual",
    "sklearn",
    "scipy",
    "pyarrow",
    "matplotlib",
    "torch",
}
FACES = {"duckdb", "sqlglot", "typer", "rich", "pydantic", "psutil"}
SLOW_STDLIB = {
    "asyncio",
    "inspect",
    "logging",
    "subprocess",
    "tempfile",
    "socket",
    "urllib",
    "uuid",
    "email",
    "http",
    "ssl",
}


def modules_after(code: str, folder: Path) -> set[str]:
    """The modules that a fresh interpreter has loaded after `code`, which may end by SystemExit."""
    report = folder / "modules.json"
    program = (
        "import sys\n"
        "try:\n" + "".join(f"    {line}\n" for line in code.splitlines()) + "except SystemExit:\n    pass\n"
        "names = sorted(sys.modules)\n"
        f"import json; open({str(report)!r}, 'w').write(json.dumps(names))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(report.read_text()))


def command(*arguments: str) -> str:
    """The code that runs one command line in this interpreter."""
    return f"sys.argv = {['workbench', *arguments]!r}\nfrom workbench.cli.app import main\nmain()"


def loaded(modules: set[str], unwanted: set[str]) -> list[str]:
    """The modules among `unwanted` or below them."""
    return sorted(name for name in modules if name.split(".")[0] in unwanted)


def test_importing_the_sdk_loads_next_to_nothing(tmp_path: Path) -> None:
    modules = modules_after("import workbench", tmp_path)
    assert not loaded(modules, HEAVY | FACES | SLOW_STDLIB | {"json", "dataclasses", "typing"})


def test_logging_loads_the_journal_and_a_light_standard_library(tmp_path: Path) -> None:
    code = (
        "import workbench as wb\n"
        "run = wb.start_run(capture=False, capture_output=False, system_metrics=False)\n"
        "run.log({'loss': 0.5})"
    )
    modules = modules_after(code, tmp_path)
    assert "workbench.journal.writer" in modules
    assert not loaded(modules, HEAVY | FACES | SLOW_STDLIB)
    assert not [name for name in modules if name.startswith(("workbench.store", "workbench.cli", "workbench.data"))]


def test_help_loads_no_feature(tmp_path: Path) -> None:
    modules = modules_after(command("--help"), tmp_path)
    assert "typer" in modules
    assert not loaded(modules, HEAVY | {"duckdb", "sqlglot"})
    assert not [
        name for name in modules if name.startswith(("workbench.store", "workbench.tracking", "workbench.data"))
    ]


@pytest.mark.parametrize(
    "arguments",
    [("runs", "list"), ("runs", "list", "--json"), ("status",), ("package", "list"), ("monitor", "list")],
    ids=" ".join,
)
def test_listing_runs_loads_the_store_and_nothing_heavier(
    arguments: tuple[str, ...], project: Project, tmp_path: Path
) -> None:
    modules = modules_after(command(*arguments), tmp_path)
    assert "duckdb" in modules
    assert not loaded(modules, HEAVY)


def test_the_version_needs_no_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "workbench", "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert workbench.__version__ in done.stdout


def test_the_public_names_are_sorted_and_all_exist() -> None:
    assert workbench.__all__ == sorted(workbench.__all__)
    for name in workbench.__all__:
        assert getattr(workbench, name) is not None


def test_the_public_names_are_those_of_the_documentation() -> None:
    """A new public name is a promise: docs/sdk.md names it, or it is not public."""
    documented = (Path(__file__).parents[1] / "docs/sdk.md").read_text()
    assert not [name for name in workbench.__all__ if not name.startswith("_") and name not in documented]


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = workbench.no_such_name


def test_the_first_page_of_the_app_comes_before_textual(project: Project, tmp_path: Path) -> None:
    """What is loaded until then is what the first page needs."""
    code = (
        "import workbench.cli.entry, workbench.tui.launch\n"
        "from workbench.base.project import find_project\n"
        "from workbench.tui.desk import Desk\n"
        "from workbench.tui.state import load_state\n"
        "from workbench.tui.questions.runs import first_page\n"
        "desk = Desk(find_project())\n"
        "desk.open()\n"
        "question = first_page(load_state(desk.project).view)\n"
        "desk.prepare(question)\n"
        "assert desk.prepared(question, 30.0) is not None\n"
        "desk.close()"
    )
    modules = modules_after(code, tmp_path)
    assert "duckdb" in modules
    assert not loaded(modules, HEAVY | (FACES - {"duckdb"}))


def test_the_app_loads_no_parser_of_commands_and_no_feature_that_it_does_not_show(tmp_path: Path) -> None:
    """Filters are parsed, and runs compared, when somebody asks for it."""
    modules = modules_after("import workbench.cli.entry, workbench.tui.launch, workbench.tui.app", tmp_path)
    assert "textual" in modules
    assert not loaded(modules, (HEAVY - {"textual"}) | {"typer", "pydantic", "sqlglot", "psutil"})
