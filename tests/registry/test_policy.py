"""Rules of a project: read from `workbench.toml`, merged, and refused with file, line and column."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.base.errors import SettingsError
from workbench.base.project import Project
from workbench.registry.policy import Policy, Rules, parse_rules, read_policy, read_rules

RULES = """
[people]
ana = "ed25519:AAAA"

[audit]
require_signatures = true

[models."*"]
approvers = 2
protected_aliases = ["champion"]

[models."*".gates.size]
kind = "size"
max = 1000

[models.fraud]
author_may_approve = false
required_gates = ["auc", "size"]

[models.fraud.gates.auc]
kind = "metric"
metric = "auc"
min = 0.9
"""


def test_a_model_s_rules_add_to_those_of_every_model() -> None:
    rules = parse_rules(RULES)
    fraud, other = rules.policy("fraud"), rules.policy("other")
    assert (list(rules.people), rules.require_signatures) == (["ana"], True)
    assert (fraud.approvers, fraud.author_may_approve, fraud.protected_aliases) == (2, False, ("champion",))
    assert (fraud.required_gates, list(fraud.gates)) == (("auc", "size"), ["size", "auc"])
    assert (fraud.gates["auc"].kind, fraud.gates["auc"].settings) == ("metric", {"metric": "auc", "min": 0.9})
    assert fraud.gates["auc"].line == 20
    assert (other.approvers, other.author_may_approve, other.required_gates) == (2, True, ())


def test_without_a_file_there_are_no_rules(project: Project) -> None:
    assert read_rules(project) == Rules()
    assert read_policy(project, "fraud") == Policy()
    assert Policy() == Policy(approvers=1, author_may_approve=True)


def test_the_file_lies_in_the_project_s_root(project: Project) -> None:
    Path(project.root, "workbench.toml").write_text("[models.fraud]\napprovers = 3\n")
    assert read_policy(project, "fraud").approvers == 3


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("approvers = = 2", "1:13", "invalid value"),
        ('[models.fraud]\napprovers = "two"', "2:1", "approvers is a whole number"),
        ("[models.fraud]\napprovers = true", "2:1", "approvers is a whole number"),
        ("[models.fraud]\napprovers = 0", "2:1", "approvers is at least 1"),
        ("[models.fraud]\n  author_may_approve = 1", "2:3", "author_may_approve is true or false"),
        ("[models.fraud]\n\nreqired_gates = []", "3:1", "there is no setting 'reqired_gates'"),
        ('[models.fraud]\nrequired_gates = ["auc"]', "2:1", "there is no gate 'auc'"),
        ("[models.fraud]\nprotected_aliases = [1]", "2:1", "protected_aliases is a list of texts"),
        ("[models.fraud.gates.auc]\nmin = 1", "1:1", "the gate auc has no kind"),
        ("[audit]\nsigned = true", "2:1", "there is no setting 'signed'"),
        ("[people]\nana = 1", "2:1", "ana is "),
        ("models = 1", "1:1", "models is a table"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, place: str, what: str) -> None:
    with pytest.raises(SettingsError) as refused:
        parse_rules(text, "w.toml")
    assert refused.value.message.startswith(f"w.toml:{place}: {what}")


def test_a_file_that_cannot_be_read_is_named(project: Project) -> None:
    path = Path(project.root, "workbench.toml")
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(SettingsError, match="cannot read"):
        read_rules(project)
    path.unlink()
    path.mkdir()
    with pytest.raises(SettingsError, match="cannot read"):
        read_rules(project)


@given(st.text(max_size=60))
@settings(max_examples=60)
def test_any_text_is_rules_or_an_error_with_a_place(text: str) -> None:
    try:
        parse_rules(text, "w.toml")
    except SettingsError as error:
        assert error.message.startswith("w.toml:")
