"""`workbench models delete` and `restore`."""

from __future__ import annotations

import json

import pytest

from tests.cli.harness import workbench
from tests.cli.models.conftest import OTTER, Shop


def numbers(shop: Shop) -> list[int]:
    return [one["version"] for one in shop.document("show", "fraud")["versions"]]


def test_a_deletion_says_what_goes_and_what_stays(fraud: Shop) -> None:
    outcome = fraud.run("delete", "fraud/1", "--dry-run")
    assert outcome.stdout == "would delete 1 version from the registry\n"
    assert outcome.stderr.startswith("  fraud/1, ")
    assert "which stay for the run brave-otter (aaaaaaaa)" in outcome.stderr
    assert numbers(fraud) == [3, 2, 1]


def test_a_version_goes_and_comes_back(fraud: Shop) -> None:
    before = fraud.document("show", "fraud/1")
    deleted = fraud.run("delete", "fraud/1", "fraud/3", "--yes")
    assert deleted.stdout == "deleted 2 versions from the registry\n"
    assert deleted.stderr.endswith("back with: workbench models restore fraud/1\n")
    assert numbers(fraud) == [2]
    fraud.run("show", "fraud/1", status=3)
    assert fraud.run("restore", "fraud/1").stdout == "fraud/1 is back\n"
    after = fraud.document("show", "fraud/1")
    assert {**after, "updated_at": None} == {**before, "updated_at": None}
    assert fraud.run("restore", "fraud/1", status=2).stderr == "error: fraud/1 is not deleted\n"


def test_a_model_goes_with_its_versions_and_comes_back(fraud: Shop) -> None:
    assert fraud.run("delete", "fraud", "--yes").stdout == "deleted 1 model and 3 versions from the registry\n"
    assert fraud.document("list") == []
    assert fraud.document("restore", "fraud") == {"restored": "fraud"}
    assert numbers(fraud) == [3, 2, 1]
    fraud.run("delete", "fraud", "--yes")
    fraud.run("register", "brave-otter", "fraud")
    assert "another model is called 'fraud' now" in fraud.run("restore", "fraud", status=4).stderr


def test_it_is_asked_on_a_terminal_and_needs_a_yes_elsewhere(fraud: Shop) -> None:
    assert fraud.run("delete", "fraud/1", status=2).stdout == ""
    kept = fraud.run("delete", "fraud/1", terminal=True, stdin="n\n")
    assert kept.stdout.replace("\r", "") == "kept everything\n"
    assert "delete 1 version from the registry? [y/N]" in kept.stderr
    assert numbers(fraud) == [3, 2, 1]
    fraud.run("delete", "fraud/1", terminal=True, stdin="y\n")
    assert numbers(fraud) == [3, 2]


@pytest.mark.parametrize("words", [["fraud/1"], ["fraud"], ["fraud/2", "fraud/1"]])
@pytest.mark.parametrize("option", ["--yes", "--dry-run"])
def test_what_is_held_is_refused_with_all_that_holds_it(fraud: Shop, words: list[str], option: str) -> None:
    fraud.run("alias", "fraud/1", "best")
    fraud.run("approve", "fraud/1", "--reason", "fine", as_="ben")
    outcome = fraud.run("delete", *words, option, status=4)
    assert "cannot be deleted: the alias best points to fraud/1; ben approved fraud/1\n" in outcome.stderr
    assert outcome.stderr.endswith(
        "hint: workbench models unalias fraud@best; workbench models request fraud/1 --reason TEXT, "
        "then workbench models reject fraud/1 --reason TEXT\n"
    )
    assert numbers(fraud) == [3, 2, 1]


def test_the_hint_leads_to_a_deletion(fraud: Shop) -> None:
    fraud.run("alias", "fraud/1", "best")
    fraud.run("approve", "fraud/1", "--reason", "fine", as_="ben")
    fraud.run("unalias", "fraud@best")
    fraud.run("request", "fraud/1", "--reason", "again")
    fraud.run("reject", "fraud/1", "--reason", "wrong")
    fraud.run("delete", "fraud/1", "--yes")
    assert numbers(fraud) == [3, 2]


def test_scripts_are_told_what_went(fraud: Shop) -> None:
    document = json.loads(fraud.run("delete", "fraud/3", "--dry-run", "--json").stdout)
    assert (document["models"], document["deleted"]) == ([], False)
    [version] = document["versions"]
    assert (version["version"], version["kept_by"]) == ("fraud/3", ["the run calm-heron (cccccccc)"])
    assert version["size_bytes"] > 100
    done = json.loads(fraud.run("delete", "fraud/3", "--yes", "--json").stdout)
    assert done == {**document, "deleted": True}


def test_what_is_not_there_is_not_found(fraud: Shop) -> None:
    for word in ("fraud/9", "risk", "fraud@best"):
        fraud.run("delete", word, "--yes", status=3)
    fraud.run("restore", "risk", status=3)
    fraud.run("restore", "fraud/9", status=3)


def test_a_run_with_registered_versions_stays_in_the_trash(fraud: Shop) -> None:
    outcome = workbench("runs", "delete", OTTER, "cccccccc")
    assert outcome.status == 0
    assert "brave-otter (aaaaaaaa) made fraud/1: it stays in the trash while they are registered" in outcome.stderr
    refused = workbench("runs", "purge", OTTER, "--yes")
    assert refused.status == 4
    assert refused.stderr == (
        "error: brave-otter (aaaaaaaa) cannot be purged: fraud/1 came from it\n"
        "hint: delete what it made first: workbench models delete fraud/1\n"
    )
    fraud.run("delete", "fraud/3", "--yes")
    everything = workbench("runs", "purge", "--yes")
    assert "brave-otter (aaaaaaaa) stays: fraud/1 came from it" in everything.stderr
    assert everything.stdout.startswith("deleted 1 run for good")
    fraud.run("delete", "fraud/1", "--yes")
    assert workbench("runs", "purge", "--yes").stdout.startswith("deleted 1 run for good")


def test_a_run_names_the_versions_that_came_from_it(fraud: Shop) -> None:
    assert json.loads(workbench("runs", "show", OTTER, "--json").stdout)["models"] == ["fraud/1"]
    assert "models      fraud/1" in workbench("runs", "show", OTTER).stdout
    fraud.run("delete", "fraud/1", "--yes")
    assert "models " not in workbench("runs", "show", OTTER).stdout


def test_lineage_is_shown_by_both_commands(governed: Shop) -> None:
    text = governed.run("show", "fraud/2", "--lineage").stdout
    assert text.startswith("fraud/2  ✓ approved  sha256:")
    assert "alias champion" in text
    document = governed.document("show", "fraud/2", "--lineage")
    assert document["to"]["aliases"] == ["champion"]
    assert document["from"]["run"]["name"] == "quiet-lynx"
