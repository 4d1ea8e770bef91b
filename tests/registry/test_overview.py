"""Models and versions as documents; each in a constant number of statements, and at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.registry.registries import Registry, copy_journals
from tests.registry.test_queries import large_registry, timed
from workbench.base.project import create_project
from workbench.output.model_view import model_lines
from workbench.output.spans import to_text
from workbench.registry import aliases, approvals, models, versions
from workbench.registry.checks import FAILED, PASSED, GateResult, record_check
from workbench.registry.overview import (
    key_metrics,
    model_document,
    model_rows,
    version_document,
    version_documents,
    waiting_versions,
)
from workbench.registry.policy import parse_rules
from workbench.registry.queries import model_named, versions_of


@pytest.fixture
def fraud(registry: Registry, clock: FakeClock) -> Registry:
    """`fraud` with three versions: approved, waiting, nothing; `empty` with none."""
    for name in ("empty", "fraud"):
        clock.advance(1)
        registry.do(models.register, name, description=f"about {name}")
    for _ in range(3):
        clock.advance(1)
        registry.do(versions.register, "fraud", source=None, user="ada")
    clock.advance(1)
    registry.do(approvals.approve, "fraud", 1, "fine")
    registry.do(approvals.request, "fraud", 2, "better")
    registry.do(aliases.point, "fraud", "champion", 1)
    return registry


def test_the_list_has_every_model_in_short(fraud: Registry) -> None:
    first, second = fraud.ask(model_rows)
    assert (first["name"], first["versions"], first["aliases"], first["waiting"]) == ("fraud", 3, {"champion": 1}, 1)
    assert first["newest"] == {"version": 3, "status": "none"}
    assert (second["name"], second["versions"], second["newest"]) == ("empty", 0, None)
    assert second["created_at"] == "2026-09-21T14:13:21.000000Z"


def test_what_waits_is_found_wherever_it_is(fraud: Registry, clock: FakeClock) -> None:
    clock.advance(1)
    fraud.do(models.register, "other")
    fraud.do(versions.register, "other", source=None)
    fraud.do(approvals.request, "other", 1, "new")
    waiting = fraud.ask(waiting_versions)
    assert [(one["name"], one["version"], one["review"]["reason"]) for one in waiting] == [
        ("fraud", 2, "better"),
        ("other", 1, "new"),
    ]
    fraud.do(approvals.reject, "fraud", 2, "no")
    fraud.do(approvals.approve, "other", 1, "fine")
    assert fraud.ask(waiting_versions) == []


def test_one_of_two_approvals_still_waits(fraud: Registry) -> None:
    with open(f"{fraud.project.root}/workbench.toml", "w") as file:
        file.write("[models.fraud]\napprovers = 2\n")
    fraud.do(approvals.approve, "fraud", 3, "fine")
    assert {one["version"] for one in fraud.ask(waiting_versions)} == {2, 3}


def test_a_model_s_document_has_its_versions_newest_first(fraud: Registry) -> None:
    document = fraud.ask(model_document, fraud.ask(models.get, "fraud"))
    assert [(one["version"], one["status"]) for one in document["versions"]] == [
        (3, "none"),
        (2, "pending"),
        (1, "approved"),
    ]
    assert document["versions"][2]["aliases"] == ["champion"]
    assert document["contradictions"] == []
    for one in document["versions"]:
        alone = fraud.ask(version_document, fraud.ask(versions.get, "fraud", one["version"]))
        assert alone == {"name": "fraud", **one}


def test_contradictions_of_two_copies_are_told(tmp_path: Path, clock: FakeClock) -> None:
    one = Registry(create_project(str(tmp_path / "one")), "ana")
    one.do(models.register, "fraud")
    for _ in range(2):
        one.do(versions.register, "fraud", source=None)
    two = Registry(create_project(str(tmp_path / "two")), "ben")
    copy_journals(one.project, two.project)
    for registry, number in ((one, 1), (two, 2)):
        clock.advance(1)
        registry.do(aliases.point, "fraud", "champion", number)
    two.close()
    copy_journals(two.project, one.project)
    document = one.ask(model_document, one.ask(models.get, "fraud"))
    [found] = document["contradictions"]
    assert [side["who"] for side in found["sides"]] == ["ben", "ana"]
    assert f"  ! {found['sentence']}\n" in to_text(model_lines(document, width=None))
    narrow = to_text(model_lines(document, width=60))
    assert found["sentence"] in " ".join(narrow.split()) and max(map(len, narrow.splitlines())) <= 60
    one.close()


def test_gates_say_whether_they_are_about_these_files(fraud: Registry) -> None:
    version = fraud.ask(versions.get, "fraud", 2)
    results = [GateResult("auc", "metric", PASSED, "0.95"), GateResult("size", "size", FAILED, "too large")]
    fraud.do(record_check, version, results)
    check = fraud.ask(version_document, version)["check"]
    assert (check["summary"], check["passed"], check["current"]) == ("1/2", False, True)
    assert check["gates"][1]["detail"] == "too large"
    assert check["at"].endswith("Z")


def test_the_metrics_that_matter_are_those_of_gates_else_the_first_few() -> None:
    documents = [{"metrics": dict.fromkeys("abcde", 1.0)}, {"metrics": {"z": 1.0}}]
    assert key_metrics(parse_rules("").policy("fraud"), documents) == ["a", "b", "c"]
    gate = '[models.fraud.gates.g]\nkind = "metric"\nmetric = "z"\nmin = 1\n'
    assert key_metrics(parse_rules(gate).policy("fraud"), documents) == ["z"]
    assert key_metrics(parse_rules(gate.replace('"z"', '"unknown"')).policy("fraud"), documents) == ["a", "b", "c"]
    assert key_metrics(parse_rules("").policy("fraud"), []) == []


@pytest.mark.slow
def test_a_large_registry_is_read_at_once() -> None:
    with large_registry() as db:
        request = "to_json({'who': 'ana', 'at': n, 'reason': 'r', 'approvers': 1, 'author_may_approve': true})"
        decision = "to_json({'who': 'ben', 'approved': true, 'reason': 'r', 'at': n})"
        for name, value in (("request:1", request), ("decision:1:ben", decision)):
            rows = f"SELECT 'version', md5(m || '-' || n), '{name}', {value}, 1, 'w', 1"
            db.execute(
                f"INSERT INTO entity_field {rows} FROM (SELECT unnest(range(1000)) m), (SELECT unnest(range(1, 51)) n)"
            )
        db.execute("SET threads = 1")  # so that the time of the processor is that of one core, whatever else runs
        model = model_named(db, "model 500")
        assert model is not None
        newest = versions_of(db, model)[-1]
        questions: list[Callable[[], object]] = [
            lambda: model_rows(db),
            lambda: waiting_versions(db),
            lambda: model_document(db, model),
            lambda: version_document(db, newest),
            lambda: version_documents(db, model, versions_of(db, model)),
        ]
        best_s = [min(timed(question) for _ in range(5)) for question in questions]
        assert max(best_s) < 0.1, best_s
