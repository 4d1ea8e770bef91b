"""`workbench models request`, `approve` and `reject`."""

from __future__ import annotations

import pytest

from tests.cli.models.conftest import Shop


def test_an_approval_says_where_it_stands(fraud: Shop) -> None:
    fraud.rules()
    asked = fraud.run("request", "fraud/1", "--reason", "ready")
    assert asked.stdout == "fraud/1 waits for approval: 0 of 2 approvals are given\n"
    assert asked.stderr == "next: workbench models approve fraud/1 --reason TEXT\n"
    one = fraud.run("approve", "fraud/1", "--reason", "fine", as_="ben")
    assert one.stdout == "fraud/1 waits for more: 1 of 2 approvals\n"
    two = fraud.run("approve", "fraud/1", "--reason", "fine", as_="eva")
    assert two.stdout == "fraud/1 is approved: 2 of 2 approvals\n"
    review = fraud.document("show", "fraud/1")["review"]
    assert [(one["who"], one["approved"], one["reason"]) for one in review["decisions"]] == [
        ("ben", True, "fine"),
        ("eva", True, "fine"),
    ]


def test_a_rejection_decides(fraud: Shop) -> None:
    fraud.rules()
    fraud.run("approve", "fraud/1", "--reason", "fine", as_="ben")
    assert fraud.run("reject", "fraud/1", "--reason", "wrong data", as_="eva").stdout == "fraud/1 is rejected\n"
    late = fraud.run("approve", "fraud/1", "--reason", "but", as_="kim", status=4)
    assert late.stderr == (
        "error: fraud/1 is rejected already\nhint: to decide anew: workbench models request fraud/1 --reason TEXT\n"
    )
    assert "eva rejected it: wrong data" in fraud.document("show", "fraud/1")["review"]["missing"]


def test_the_author_is_refused_where_the_rules_say_so(fraud: Shop) -> None:
    fraud.rules()
    refused = fraud.run("approve", "fraud/1", "--reason", "mine", status=4)
    assert refused.stderr.startswith("error: ana registered fraud/1, and its author may not approve it\n")


def test_without_rules_one_approval_is_enough(fraud: Shop) -> None:
    assert fraud.run("approve", "fraud/1", "--reason", "mine").stdout == "fraud/1 is approved: 1 of 1 approval\n"


@pytest.mark.parametrize("command", ["request", "approve", "reject"])
@pytest.mark.parametrize("words", [[], ["--reason", " "]])
def test_a_reason_is_required_where_nobody_can_be_asked(fraud: Shop, command: str, words: list[str]) -> None:
    outcome = fraud.run(command, "fraud/1", *words, status=2)
    assert outcome.stderr == "error: a reason is required\nhint: --reason TEXT\n"
    assert fraud.document("show", "fraud/1")["status"] == "none"


def test_a_person_at_a_terminal_is_asked_for_the_reason(fraud: Shop) -> None:
    outcome = fraud.run("approve", "fraud/1", terminal=True, stdin="looks good\n")
    assert "why? " in outcome.stderr
    assert fraud.document("show", "fraud/1")["review"]["decisions"][0]["reason"] == "looks good"
    assert "why?" not in fraud.run("approve", "fraud/9", terminal=True, stdin="x\n", status=3).stderr
    assert fraud.run("approve", "fraud/2", terminal=True, stdin="\n", status=2).stdout == ""


@pytest.mark.parametrize("command", ["request", "approve", "reject"])
def test_scripts_get_the_review(fraud: Shop, command: str) -> None:
    document = fraud.document(command, "fraud/2", "--reason", "so")
    expected = {"request": "pending", "approve": "approved", "reject": "rejected"}
    assert (document["name"], document["version"], document["status"]) == ("fraud", 2, expected[command])
    assert document == {"name": "fraud", "version": 2, **fraud.document("show", "fraud/2")["review"]}
