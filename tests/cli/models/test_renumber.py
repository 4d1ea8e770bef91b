"""`workbench models renumber`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.models.conftest import Shop
from tests.registry.registries import Registry, copy_journals
from workbench.base.project import create_project
from workbench.registry import versions


@pytest.fixture
def merged(fraud: Shop, tmp_path: Path) -> Shop:
    """Ben registered two versions in a copy of the project while ana registered the fourth here."""
    copy = create_project(str(tmp_path / "copy"))
    copy_journals(fraud.project, copy)
    for project, who, registered in ((fraud.project, "ana", 1), (copy, "ben", 2)):
        registry = Registry(project, who)
        for _ in range(registered):
            fraud.clock.advance(1)
            registry.do(versions.register, "fraud", source=f"of {who}")
        registry.close()
    copy_journals(copy, fraud.project)
    return fraud


def test_versions_that_no_number_leads_to_get_one(merged: Shop) -> None:
    [contradiction] = merged.document("show", "fraud")["contradictions"]
    assert contradiction["hint"] == "workbench models renumber fraud"
    assert merged.run("renumber", "fraud").stdout == "the other fraud/4 of ben is now fraud/6\n"
    shown = merged.document("show", "fraud")
    assert shown["contradictions"] == []
    assert [one["version"] for one in shown["versions"]] == [6, 5, 4, 3, 2, 1]
    assert merged.run("renumber", "fraud").stdout == "every version of fraud has a number of its own\n"


def test_a_dry_run_gives_no_number(merged: Shop) -> None:
    for _ in range(2):
        outcome = merged.run("renumber", "fraud", "--dry-run")
        assert outcome.stdout == "the other fraud/4 of ben would become fraud/6\n"


def test_a_model_that_is_not_there_is_said(fraud: Shop) -> None:
    assert "no registered model is called" in fraud.run("renumber", "fraude", status=3).stderr
