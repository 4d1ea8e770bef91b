"""`workbench sql`: answers in every form, mistakes pointed at, and nothing but answers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Lab
from tests.cli.harness import check_golden, workbench

QUERY = "SELECT name, status, started_at, duration_s, starred FROM runs WHERE experiment = 'fraud' ORDER BY name"


@pytest.mark.parametrize("form", ["table", "json", "csv", "md"])
def test_the_bytes_of_each_form_are_pinned(lab: Lab, form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    outcome = workbench("sql", QUERY, "--format", form)
    assert (outcome.status, outcome.stderr) == (0, "")
    check_golden(f"sql.{'txt' if form == 'table' else form}", outcome.stdout)


def test_a_query_may_come_from_stdin(lab: Lab) -> None:
    outcome = workbench("sql", "-", "--json", stdin="SELECT count(*) AS n\nFROM runs;\n")
    assert json.loads(outcome.stdout) == [{"n": 5}]


def test_no_rows_are_said(lab: Lab) -> None:
    assert workbench("sql", "SELECT name FROM runs WHERE false").stderr == "no rows\n"


def test_a_mistake_is_pointed_at(lab: Lab) -> None:
    outcome = workbench("sql", "SELECT name,\n  statsu FROM runs")
    assert outcome.status == 2
    message, text, caret, *_ = outcome.stderr.splitlines()
    assert message.startswith("error: ")
    assert "statsu" in message
    assert text == "    statsu FROM runs"
    assert caret == "    ^"


@pytest.mark.parametrize(
    "query",
    [
        "DELETE FROM run",
        "CREATE TABLE x (i INTEGER)",
        "COPY (SELECT 1) TO 'out.csv'",
        "ATTACH 'other.db'",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_csv('secret.csv')",
        "SELECT * FROM 'secret.csv'",
        "SET threads = 1",
        "",
    ],
)
def test_only_questions_to_the_store_are_answered(lab: Lab, query: str) -> None:
    Path("secret.csv").write_text("a\n1\n")
    outcome = workbench("sql", query)
    assert (outcome.status, outcome.stdout) == (2, "")
    assert sorted(path.name for path in Path().iterdir()) == [".workbench", "home", "secret.csv"]
