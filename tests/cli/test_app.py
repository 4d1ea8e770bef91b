"""The root: help without imports, one form of error, exit statuses."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping

import pytest

from tests.cli.harness import process, workbench
from workbench import __version__
from workbench.base.project import Project
from workbench.cli.app import COMMANDS
from workbench.cli.command import Entry, build
from workbench.cli.options import FORMATS

HEAVY = ("duckdb", "polars", "mlflow", "textual", "docker", "sqlglot", "rich", "pydantic", "sklearn", "psutil")


def each_command(table: Mapping[str, Entry], path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Entry]]:
    """Every command and group of a table, with the words that lead there."""
    for name, entry in table.items():
        yield (*path, name), entry
        if ":" not in entry.target:
            yield from each_command(importlib.import_module(entry.target).COMMANDS, (*path, name))


FORMS = ", ".join(FORMATS)
ALL = dict(each_command(COMMANDS))


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_a_summary_is_the_first_line_of_the_help(path: tuple[str, ...]) -> None:
    command = build(path[-1], ALL[path])
    assert (command.help or "").partition("\n")[0] == ALL[path].summary


@pytest.mark.parametrize("path", ALL, ids=" ".join)
def test_every_command_has_help_that_fits_80_columns(path: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    outcome = workbench(*path, "--help")
    assert outcome.status == 0
    assert outcome.stdout.startswith(f"Usage: workbench {' '.join(path)}")
    assert outcome.stderr == ""
    assert max(map(len, outcome.stdout.splitlines())) <= 80


def loaded_by(*words: str) -> list[str]:
    """The heavy modules that a command line loads."""
    code = (
        "import json, sys\nfrom workbench.cli.app import main\ntry:\n    main()\n"
        f"finally:\n    print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=False)
    loaded: list[str] = json.loads(done.stderr.splitlines()[-1])
    return loaded


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("runs", "--help"), ("runs", "list", "--help"), ("oops",)]
)
def test_help_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    assert loaded_by(*words) == []


def test_the_version_is_the_package_s() -> None:
    assert workbench("--version").stdout == f"workbench {__version__}\n"


def test_a_group_alone_prints_its_help() -> None:
    outcome = workbench("runs")
    assert outcome.status == 0
    assert outcome.stdout.startswith("Usage: workbench runs")


SHOW_HELP, LIST_HELP, MOVE_HELP = (f"workbench runs {name} --help" for name in ("show", "list", "move"))


@pytest.mark.parametrize(
    ("words", "error", "hint"),
    [
        (["statsu"], "no such command: workbench statsu", "workbench status"),
        (["runs", "lst"], "no such command: workbench runs lst", "workbench runs list"),
        (["frobnicate"], "no such command: workbench frobnicate", "workbench --help"),
        (["runs", "list", "--wher", "x"], "no such option: --wher", "did you mean --where?"),
        (["runs", "list", "-n", "many"], "invalid value for '-n' / '--limit': 'many' is not a whole number", LIST_HELP),
        (["runs", "list", "--format", "x"], "invalid value for '--format': 'x' is not one of " + FORMS, LIST_HELP),
        (["runs", "show"], "missing argument 'RUN'", SHOW_HELP),
        (["runs", "move", "abcd"], "missing option '-e' / '--experiment'", MOVE_HELP),
        (["-C", "nowhere", "status"], "cannot work in nowhere: no such file or directory", None),
    ],
)
def test_a_wrong_command_line_says_what_to_do(words: list[str], error: str, hint: str | None) -> None:
    outcome = workbench(*words)
    assert outcome.status == 2
    assert outcome.stdout == ""
    assert outcome.stderr == f"error: {error}\n" + (f"hint: {hint}\n" if hint else "")


def test_minus_c_finds_the_project_of_another_folder(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = f"{project.root}/elsewhere"
    assert workbench("init", elsewhere).status == 0
    monkeypatch.setenv("WORKBENCH_DIR", project.root)
    assert elsewhere in workbench("-C", "elsewhere", "status", "--json").stdout


def test_init_says_what_it_did_and_does_it_once(tmp_path: object) -> None:
    first, second = workbench("init", "new"), workbench("init", "new")
    assert first.stdout == f"made a project: {tmp_path}/new/.workbench\n"
    assert second.stdout == f"already a project: {tmp_path}/new/.workbench\n"
    assert (first.status, second.status) == (0, 0)


@pytest.mark.parametrize("words", [[], ["status"], ["runs", "list"], ["sql", "SELECT 1"], ["store", "size"]])
def test_without_a_project_reading_says_how_to_begin(words: list[str]) -> None:
    outcome = workbench(*words)
    assert outcome.status == 3
    assert outcome.stderr == (
        "error: no workbench project here or in any folder above\nhint: workbench init, or try: workbench demo\n"
    )


def test_completion_scripts_ask_the_program(tmp_path: object) -> None:
    shown = process("completion", "show", "bash")
    assert "_WORKBENCH_COMPLETE=complete_bash" in shown.stdout
    asked = process(
        environment={"_WORKBENCH_COMPLETE": "complete_bash", "COMP_WORDS": "workbench ru", "COMP_CWORD": "1"}
    )
    assert asked.stdout.split() == ["run", "runs"]
