"""Gates that only look at what is known: metric, size, requires, data."""

from __future__ import annotations

from typing import Any

import pytest

from tests.registry.gates.candidates import candidate, facts, outcome_of, version
from workbench.base.project import Project

NAN = float("nan")


@pytest.mark.parametrize(
    ("known", "settings", "outcome", "detail"),
    [
        ({"registered_metrics": {"auc": 0.9}}, {"min": 0.9}, "passed", "auc is 0.9, at least 0.9 is wanted"),
        ({"registered_metrics": {"auc": 0.89}}, {"min": 0.9}, "failed", "auc is 0.89, at least 0.9 is wanted"),
        ({"registered_metrics": {"auc": 0.89999}}, {"min": 0.9}, "failed", "auc is 0.89999, at least 0.9 is wanted"),
        ({"registered_metrics": {"auc": 2}}, {"min": 0, "max": 1}, "failed", "at least 0 and at most 1 is wanted"),
        ({"registered_metrics": {"auc": 0.9}, "metrics": {"auc": 0.1}}, {"min": 0.9}, "passed", "auc is 0.9"),
        ({"metrics": {"auc": 0.95}}, {"min": 0.9}, "passed", "since after the version was registered"),
        ({}, {"min": 0.9}, "failed", "fraud/2 has no metric auc"),
        ({"registered_metrics": {"auc": NAN}}, {"min": 0.9}, "failed", "auc of fraud/2 is NaN"),
        ({"registered_metrics": {"auc": float("inf")}}, {"min": 0.9}, "passed", "auc is ∞"),
    ],
)  # fmt: skip
def test_a_metric_keeps_to_its_limits(
    project: Project, known: dict[str, Any], settings: dict[str, Any], outcome: str, detail: str
) -> None:
    found = outcome_of(candidate(project, **known), "metric", metric="auc", **settings)
    assert found.outcome == outcome
    assert detail in found.detail


@pytest.mark.parametrize(("settings", "outcome"), [({"max_bytes": 1500}, "passed"), ({"max_mb": 0.0014}, "failed")])
def test_a_size_is_that_of_all_files(project: Project, settings: dict[str, Any], outcome: str) -> None:
    found = outcome_of(candidate(project, files={"MLmodel": ("a", 500), "m": ("b", 1000)}), "size", **settings)
    assert found.outcome == outcome
    assert found.detail.startswith("1.5 kB in 2 files, at most 1.")
    assert found.measured == {"size_bytes": 1500, "files": 2}


def test_files_that_are_not_in_the_store_have_no_size(project: Project) -> None:
    found = outcome_of(candidate(project), "size", max_mb=1)
    assert (found.outcome, found.detail) == ("failed", "the store has no files of fraud/2")


def test_all_that_is_required_is_named_where_it_is_missing(project: Project) -> None:
    settings = {"tags": ["owner"], "files": ["MLmodel", "plots/*.png"], "card": True, "description": True}
    found = outcome_of(candidate(project, files={"MLmodel": ("a", 1)}), "requires", **settings)
    assert found.outcome == "failed"
    assert found.detail == "fraud/2 has no tag owner, no file plots/*.png, no model card, no description"
    complete = facts(
        version=version(2, tags={"owner": "ana"}, description="good"),
        files={"MLmodel": ("a", 1)},
        run_files={"plots/roc.png": ("b", 1)},
        card="## Limits",
    )
    assert outcome_of(candidate(project, complete), "requires", **settings).passed


@pytest.mark.parametrize(
    ("tags", "settings", "outcome"),
    [
        ({"data_validation": "passed"}, {}, "passed"),
        ({"data_validation": "failed"}, {}, "failed"),
        ({}, {}, "failed"),
        ({"checked": "passed"}, {"tag": "checked"}, "passed"),
    ],
)
def test_data_are_validated_where_the_run_says_so(
    project: Project, tags: dict[str, str], settings: dict[str, str], outcome: str
) -> None:
    found = outcome_of(candidate(project, run_tags=tags), "data", **settings)
    assert found.outcome == outcome
    assert settings.get("tag", "data_validation") in found.detail
