"""Commands that only read: list, show, history and compare; their bytes are pinned in tests/cli/golden."""

from __future__ import annotations

import json

import pytest

from tests.cli.harness import check_golden, workbench
from tests.cli.models.conftest import OTTER, Shop

PINNED = {
    "models_list.txt": ["list"],
    "models_list.json": ["list", "--json"],
    "models_list.csv": ["list", "--format", "csv"],
    "models_list.md": ["list", "--format", "md"],
    "models_show.txt": ["show", "fraud"],
    "models_show.json": ["show", "fraud", "--json"],
    "models_show_version.txt": ["show", "fraud@champion"],
    "models_show_version.json": ["show", "fraud/2", "--json"],
    "models_history.txt": ["history", "fraud"],
    "models_history.json": ["history", "fraud", "--json"],
    "models_history.csv": ["history", "fraud", "--format", "csv"],
    "models_compare.txt": ["compare", "fraud/2", "fraud/3"],
    "models_compare.json": ["compare", "fraud/2", "fraud/3", "--json"],
}


def test_the_bytes_are_pinned(governed: Shop) -> None:
    for name, words in PINNED.items():
        outcome = workbench("models", *words)
        assert (outcome.status, outcome.stderr) == (0, "")
        check_golden(name, outcome.stdout)


def test_the_document_of_a_model_has_what_scripts_rely_on(governed: Shop) -> None:
    document = governed.document("show", "fraud")
    assert (document["name"], document["aliases"]) == ("fraud", {"champion": 2})
    newest = document["versions"][0]
    assert {"version", "run_id", "status", "aliases", "digest", "created_at", "images"} <= set(newest)
    assert [(one["version"], one["status"], one["aliases"]) for one in document["versions"]] == [
        (3, "pending", []),
        (2, "approved", ["champion"]),
        (1, "approved", []),
    ]


def test_a_version_has_many_names(governed: Shop) -> None:
    for reference in ("fraud/2", "fraud/v2", "fraud@champion", "models:/fraud@champion"):
        assert governed.document("show", reference)["version"] == 2


def test_what_is_not_there_is_not_found(fraud: Shop) -> None:
    for reference, error, hint in (
        ("frud", "no registered model is called 'frud'", "did you mean fraud?"),
        ("fraud/9", "fraud has no version 9", "workbench models show fraud"),
        ("fraud@best", "fraud has no alias 'best'", "workbench models show fraud"),
    ):
        outcome = fraud.run("show", reference, status=3)
        assert (outcome.stdout, outcome.stderr) == ("", f"error: {error}\nhint: {hint}\n")


def test_an_empty_registry_says_what_to_do_next(shop: Shop) -> None:
    outcome = shop.run("list")
    assert outcome.stderr == (
        "no registered models yet; next: workbench models register RUN NAME, for a run with a model\n"
    )
    assert shop.document("list") == []


def test_the_table_has_the_metrics_that_gates_name(fraud: Shop) -> None:
    assert fraud.run("show", "fraud").stdout.count("auc") == 1
    assert "rows" in fraud.run("show", "fraud").stdout
    fraud.rules('[models.fraud.gates.fit]\nkind = "metric"\nmetric = "log_loss"\nmax = 0.2\n')
    shown = fraud.run("show", "fraud").stdout
    assert "log_loss" in shown and "auc" not in shown and "rows" not in shown


def test_a_list_can_be_short(fraud: Shop) -> None:
    fraud.run("register", "calm-heron", "other")
    outcome = fraud.run("list", "-n", "1")
    assert len(outcome.stdout.splitlines()) == 2
    assert outcome.stderr == "1 of 2 models; -n 0 lists all\n"
    assert [model["name"] for model in fraud.document("list", "-n", "1")] == ["other"]
    assert fraud.run("list", "-n", "-1", status=2).stdout == ""


def test_a_narrow_terminal_is_enough(governed: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "44")
    for words in (["list"], ["show", "fraud"], ["show", "fraud/2"], ["history", "fraud"]):
        lines = governed.run(*words, terminal=True).stdout.splitlines()
        assert max(map(len, lines)) <= 44, words


def test_names_and_reasons_of_users_stay_on_one_line(shop: Shop) -> None:
    shop.run("register", "brave-otter", "odd\n[bold]")
    shop.run("request", "odd\n[bold]/1", "--reason", "two\nlines")
    assert "odd\\n[bold]" in shop.run("list").stdout
    assert 'asked by ana, 2s ago: "two\\nlines"' in shop.run("show", "odd\n[bold]/1").stdout


def test_a_lineage_is_drawn(fraud: Shop) -> None:
    assert fraud.document("show", "fraud/1", "--lineage")["from"]["run"]["run_id"] == OTTER
    assert "brave-otter" in fraud.run("show", "fraud/1", "--lineage").stdout


def test_two_versions_are_compared(governed: Shop) -> None:
    compared = governed.document("compare", "fraud/2", "fraud/3")
    assert compared["versions"] == ["fraud/2", "fraud/3"]
    assert compared["params"] == {"lr": ["0.05", "0.01"]}
    assert compared["metrics"]["auc"] == [0.93, 0.95]
    assert compared["metric_directions"]["log_loss"] == "min"
    assert compared["signature"] == {"inputs.amount": ["double", None], "inputs.total": [None, "double"]}
    assert (compared["status"], compared["approvals"]) == (["approved", "pending"], [2, 0])
    everything = json.loads(workbench("models", "compare", "fraud/2", "fraud/3", "--all", "--json").stdout)
    assert everything["metrics"]["rows"] == [812.0, 812.0]


def test_status_names_the_versions_that_wait(governed: Shop) -> None:
    assert "? waiting for approval: fraud/3\n" in workbench("status").stdout
    [waiting] = json.loads(workbench("status", "--json").stdout)["waiting"]
    assert (waiting["name"], waiting["version"], waiting["review"]["requested_by"]) == ("fraud", 3, "ana")
    governed.run("reject", "fraud/3", "--reason", "no", as_="ben")
    assert "waiting" not in workbench("status").stdout
