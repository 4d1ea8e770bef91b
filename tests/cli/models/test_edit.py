"""`workbench models describe`, `tag` and `rename`, and what the shell completes."""

from __future__ import annotations

import pytest

from tests.cli.models.conftest import Shop
from workbench.cli.models.options import complete_model, complete_version


def test_a_model_and_a_version_are_described(fraud: Shop) -> None:
    assert fraud.run("describe", "fraud", "card payments").stdout == "fraud: the description is written\n"
    assert fraud.run("describe", "fraud/2", "no weekends").stdout == "fraud/2: the description is written\n"
    document = fraud.document("show", "fraud")
    assert document["description"] == "card payments"
    assert [version["description"] for version in document["versions"]] == [None, "no weekends", None]
    assert fraud.run("describe", "fraud", "").stdout == "fraud: the description is removed\n"
    assert fraud.document("show", "fraud")["description"] is None


def test_tags_are_set_and_removed(fraud: Shop) -> None:
    outcome = fraud.run("tag", "fraud", "team=risk", "a=b=c")
    assert outcome.stdout == "fraud: tag team is risk\nfraud: tag a is b=c\n"
    fraud.run("tag", "fraud/1", "draft=yes")
    assert fraud.run("tag", "fraud", "-r", "team").stdout == "fraud: tag team is removed\n"
    assert fraud.document("show", "fraud")["tags"] == {"a": "b=c"}
    assert fraud.document("show", "fraud/1")["tags"] == {"draft": "yes"}


@pytest.mark.parametrize("words", [[], ["novalue"], ["=x"]])
def test_a_tag_needs_key_and_value(fraud: Shop, words: list[str]) -> None:
    assert fraud.run("tag", "fraud", *words, status=2).stdout == ""


def test_a_model_gets_another_name_with_all_that_it_has(fraud: Shop) -> None:
    fraud.run("alias", "fraud/2", "champion")
    assert fraud.run("rename", "fraud", "abuse").stdout == "fraud is called abuse now\n"
    assert fraud.document("show", "abuse@champion")["version"] == 2
    assert len(fraud.document("history", "abuse")) == 1
    assert fraud.run("show", "fraud", status=3).stdout == ""


def test_a_name_that_is_taken_is_refused(fraud: Shop) -> None:
    fraud.run("register", "brave-otter", "other")
    outcome = fraud.run("rename", "fraud", "other", status=4)
    assert outcome.stderr.startswith("error: a registered model is called 'other' already\n")


def test_the_shell_completes_models_and_versions(fraud: Shop) -> None:
    fraud.run("alias", "fraud/2", "champion")
    fraud.run("register", "brave-otter", "other")
    assert sorted(complete_model("")) == ["fraud", "other"]
    assert complete_model("fr") == ["fraud"]
    assert complete_version("fr") == ["fraud", "fraud@champion"]
    assert complete_version("fraud/") == ["fraud/1", "fraud/2", "fraud/3"]
    assert complete_version("fraud@c") == ["fraud@champion"]


def test_the_shell_completes_nothing_where_there_is_no_project(tmp_path: object) -> None:
    assert complete_version("") == []
