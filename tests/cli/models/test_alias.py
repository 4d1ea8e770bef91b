"""`workbench models alias` and `unalias`."""

from __future__ import annotations

from tests.cli.models.conftest import Shop


def test_an_alias_is_set_moved_and_removed(fraud: Shop) -> None:
    assert fraud.run("alias", "fraud/1", "best").stdout == "best points to fraud/1\n"
    assert fraud.run("alias", "fraud/1", "best").stdout == "best points to fraud/1 already\n"
    assert fraud.run("alias", "fraud/2", "best").stdout == "best points to fraud/2, no longer to fraud/1\n"
    assert fraud.run("alias", "fraud@best", "champion").stdout == "champion points to fraud/2\n"
    assert fraud.run("unalias", "fraud", "best").stdout == "best of fraud is removed; it pointed to v2\n"
    assert fraud.run("unalias", "fraud@champion").stdout == "champion of fraud is removed; it pointed to v2\n"
    assert fraud.document("show", "fraud")["aliases"] == {}


def test_an_alias_that_is_not_there_is_not_found(fraud: Shop) -> None:
    outcome = fraud.run("unalias", "fraud", "best", status=3)
    assert outcome.stderr == "error: fraud has no alias 'best'\nhint: workbench models show fraud\n"
    assert fraud.run("unalias", "fraud", status=2).stderr == (
        "error: no alias is named\nhint: workbench models unalias fraud ALIAS\n"
    )


def test_a_protected_alias_goes_to_approved_versions_only(fraud: Shop) -> None:
    fraud.rules()
    refused = fraud.run("alias", "fraud/1", "champion", status=4)
    assert refused.stderr == (
        "error: champion is protected and fraud/1 is not approved: no approval was requested\n"
        "hint: workbench models request fraud/1 --reason TEXT\n"
    )
    fraud.run("approve", "fraud/1", "--reason", "x", as_="ben")
    refused = fraud.run("alias", "fraud/1", "champion", status=4)
    assert "1 of 2 approvals are given" in refused.stderr
    fraud.run("approve", "fraud/1", "--reason", "x", as_="eva")
    assert fraud.run("alias", "fraud/1", "champion").stdout == "champion points to fraud/1\n"


def test_the_reason_is_in_the_history(fraud: Shop) -> None:
    fraud.run("alias", "fraud/1", "best", "--reason", "won the A/B test")
    assert [term["reason"] for term in fraud.document("history", "fraud")] == ["won the A/B test"]


def test_broken_rules_name_file_and_line(fraud: Shop) -> None:
    fraud.rules('[models."*"]\napprovers = "two"\n')
    refused = fraud.run("alias", "fraud/1", "champion", status=2)
    assert f"{fraud.project.root}/workbench.toml:2:1: approvers is a whole number" in refused.stderr
