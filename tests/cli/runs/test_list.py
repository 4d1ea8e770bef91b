"""`workbench runs list`: every form, the footer, filters and their mistakes."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import Lab
from tests.cli.harness import check_golden, process, program, workbench


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_the_bytes_of_each_form_are_pinned(lab: Lab, form: str) -> None:
    outcome = workbench("runs", "list", "--format", form)
    assert (outcome.status, outcome.stderr) == (0, "")
    check_golden(f"runs_list.{'txt' if form == 'table' else form}", outcome.stdout)


def test_json_is_the_same_document_either_way(lab: Lab) -> None:
    assert workbench("runs", "list", "--json").stdout == workbench("runs", "list", "--format", "json").stdout


def test_chosen_columns_are_shown_as_they_are(lab: Lab) -> None:
    words = ["runs", "list", "-e", "fraud", "-c", "name", "-c", "run_id", "-c", "min(loss) as best", "-c", "lr"]
    check_golden("runs_list_columns.csv", workbench(*words, "--format", "csv").stdout)
    check_golden("runs_list_columns.json", workbench(*words, "--json").stdout)


def test_a_short_page_says_how_many_there_are(lab: Lab) -> None:
    outcome = workbench("runs", "list", "-n", "2")
    assert len(outcome.stdout.splitlines()) == 3
    assert outcome.stderr == "2 of 5 runs; -n 0 lists all\n"
    assert workbench("runs", "list", "-n", "0").stderr == ""


def test_the_sorted_column_is_marked(lab: Lab) -> None:
    header, first, *_ = workbench("runs", "list", "-e", "fraud", "-s", "-auc").stdout.splitlines()
    assert "auc ▼" in header
    assert first.startswith("brave-otter")


def test_a_narrow_terminal_gets_fewer_columns_and_is_told(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "50")
    outcome = workbench("runs", "list", terminal=True)
    assert max(map(len, outcome.stdout.splitlines())) <= 50
    assert "hidden, the terminal is too narrow" in outcome.stderr


def test_a_filter_that_stops_too_early_is_pointed_at(lab: Lab) -> None:
    outcome = workbench("runs", "list", "-w", "metrics.auc >", "-n", "3")
    assert (outcome.status, outcome.stdout) == (2, "")
    message, text, caret, hint = outcome.stderr.splitlines()
    assert message.startswith("error: ")
    assert text == "  metrics.auc >"
    assert caret.startswith("               ^ ")
    assert hint == "hint: workbench runs list --help shows the filter language"


def test_a_filter_selects(lab: Lab) -> None:
    found = workbench("runs", "list", "-w", "metrics.auc > 0.92 AND tags.kind = 'baseline'", "--json")
    assert [run["name"] for run in json.loads(found.stdout)] == ["brave-otter"]


@pytest.mark.parametrize(
    ("words", "note"),
    [(["-w", "metrics.auc > 2"], "no run fits\n"), (["--deleted"], "the trash is empty\n")],
)
def test_an_empty_list_says_why(lab: Lab, words: list[str], note: str) -> None:
    outcome = workbench("runs", "list", *words)
    assert outcome.status == 0
    assert outcome.stderr.endswith(note)


def test_an_empty_project_says_what_to_do(project: object) -> None:
    assert "workbench run -- python train.py" in workbench("runs", "list").stderr
    assert workbench("runs", "list", "--json").stdout == "[]\n"


def test_a_negative_limit_is_refused(lab: Lab) -> None:
    assert workbench("runs", "list", "-n", "-1").status == 2


@pytest.mark.parametrize("name", ["runs.csv", "runs.json", "runs.md", "runs.parquet"])
def test_a_file_gets_the_form_of_its_suffix(lab: Lab, name: str) -> None:
    outcome = workbench("runs", "list", "-o", name)
    assert (outcome.stdout, outcome.stderr) == ("", f"wrote {name}\n")
    data = Path(name).read_bytes()
    starts = {"csv": b"run_id,", "json": b"[\n", "md": b"| run |", "parquet": b"PAR1"}
    assert data.startswith(starts[name.partition(".")[2]])


def test_head_may_close_the_pipe(lab: Lab) -> None:
    line = f"set -o pipefail; {' '.join(map(repr, program()))} runs list --json | head -1"
    done = subprocess.run(["bash", "-c", line], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("[\n", "", 0)


def test_colour_is_for_terminals(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in workbench("runs", "list", terminal=True).stdout
    monkeypatch.delenv("NO_COLOR")
    assert "\x1b[" in workbench("runs", "list", terminal=True).stdout
    assert "\x1b[" not in workbench("runs", "list").stdout


def test_a_terminal_without_utf8_gets_ascii_marks(lab: Lab) -> None:
    done = process("runs", "list", "-w", "attributes.name = 'brave-otter'", environment={"PYTHONIOENCODING": "ascii"})
    assert "+ finished" in done.stdout
    assert done.stdout.isascii()


def test_listing_loads_only_what_it_needs(lab: Lab) -> None:
    heavy = ["polars", "mlflow", "textual", "docker", "sklearn", "rich", "pydantic", "psutil", "sqlglot", "numpy"]
    code = (
        "import sys\nfrom workbench.cli.app import main\nsys.argv = ['workbench', 'runs', 'list', '-e', 'other']\n"
        f"try:\n    main()\nfinally:\n    print([m for m in {heavy!r} if m in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.stderr == "[]\n"


def test_an_experiment_that_is_not_utf8_is_found_as_it_was_recorded(lab: Lab) -> None:
    assert workbench("runs", "move", "brave-otter", "-e", "\udcff").status == 0
    assert "brave-otter" in workbench("runs", "list", "-e", "\udcff").stdout
