"""Where aliases pointed, and the way back."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import START_US, FakeClock
from tests.registry.registries import Registry, copy_journals
from workbench.base.errors import (
    AliasNotFoundError,
    ApprovalMissingError,
    InputError,
    NotFoundError,
    VersionNotFoundError,
)
from workbench.base.project import create_project
from workbench.registry import aliases, approvals, models, versions
from workbench.registry.history import Term, alias_terms, as_of, rollback, rollback_target, terms_within, usual_alias

SECOND_US = 1_000_000


@pytest.fixture
def fraud(registry: Registry, clock: FakeClock) -> Registry:
    """`fraud` with versions 1 to 4."""
    registry.do(models.register, "fraud")
    for _ in range(4):
        registry.do(versions.register, "fraud", source=None)
    clock.now_us = START_US
    return registry


def move(registry: Registry, clock: FakeClock, *numbers: int, alias: str = "champion") -> None:
    for number in numbers:
        clock.advance(1)
        registry.do(aliases.point, "fraud", alias, number)


def back(registry: Registry, clock: FakeClock, to: int | None = None) -> int:
    clock.advance(1)
    _, version = registry.do(rollback, "fraud", "champion", "x", to=to)
    number = version.number
    assert isinstance(number, int)
    return number


def protect(registry: Registry) -> None:
    Path(registry.project.root, "workbench.toml").write_text('[models.fraud]\nprotected_aliases = ["champion"]\n')


def test_a_term_lasts_until_the_next_one(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, 2)
    clock.advance(1)
    fraud.do(aliases.remove, "fraud", "champion", reason="gone")
    clock.advance(1)
    fraud.do(aliases.point, "fraud", "champion", 3, reason="back")
    who = fraud.ledger.who
    at = [START_US + second * SECOND_US for second in range(5)]
    model = fraud.ask(models.get, "fraud")
    assert fraud.ask(alias_terms, model) == [
        Term("champion", 1, at[1], at[2], "alias", who, None),
        Term("champion", 2, at[2], at[3], "alias", who, None),
        Term("champion", 3, at[4], None, "alias", who, "back"),
    ]
    meant = [fraud.ask(as_of, model, t).get("champion") for t in (at[1] - 1, at[1], at[2] - 1, at[2], at[3], at[4])]
    assert [term and term.version for term in meant] == [None, 1, 1, 2, None, 3]
    assert [term.version for term in fraud.ask(terms_within, model, at[2] - 1, at[4])] == [1, 2]
    assert [term.version for term in fraud.ask(terms_within, model, at[3], at[4])] == []


def test_a_deleted_version_ends_its_terms(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1)
    clock.advance(1)
    fraud.do(versions.delete, "fraud", 1, let_go_of_aliases=True)
    terms = fraud.ask(alias_terms, fraud.ask(models.get, "fraud"))
    assert [(term.version, term.until_us) for term in terms] == [(1, START_US + 2 * SECOND_US), (None, None)]
    assert terms[-1].action == "delete"


def test_going_back_twice_goes_two_versions_back(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, 2, 3)
    assert [back(fraud, clock), back(fraud, clock)] == [2, 1]
    with pytest.raises(NotFoundError, match="champion of fraud has no earlier version to go back to"):
        back(fraud, clock)
    assert fraud.ask(models.get, "fraud").aliases == {"champion": 1}
    terms = fraud.ask(alias_terms, fraud.ask(models.get, "fraud"))
    assert [(term.version, term.action) for term in terms[3:]] == [(2, "rollback"), (1, "rollback")]


def test_what_came_after_a_rollback_is_the_way_back_then(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, 2, 3)
    back(fraud, clock)
    move(fraud, clock, 4)
    assert [back(fraud, clock), back(fraud, clock)] == [2, 1]


def test_going_back_passes_over_what_is_rejected_or_gone(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, 2, 3, 4)
    fraud.do(approvals.reject, "fraud", 3, "leaks the label")
    fraud.do(versions.delete, "fraud", 2)
    assert back(fraud, clock) == 1


def test_a_protected_alias_goes_back_to_approved_versions_alone(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, 2, 3)
    fraud.do(approvals.approve, "fraud", 1, "fine")
    protect(fraud)
    assert back(fraud, clock) == 1
    fraud.do(approvals.approve, "fraud", 3, "fine")
    move(fraud, clock, 3)
    with pytest.raises(ApprovalMissingError, match="fraud/2 is not approved: no approval was requested"):
        back(fraud, clock, to=2)
    assert back(fraud, clock, to=1) == 1


def test_it_goes_back_only_to_where_it_was(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, 2, 3)
    assert back(fraud, clock, to=1) == 1
    with pytest.raises(InputError, match="fraud/4 never was champion"):
        back(fraud, clock, to=4)
    with pytest.raises(InputError, match="champion points to fraud/1 already"):
        back(fraud, clock, to=1)
    with pytest.raises(VersionNotFoundError):
        back(fraud, clock, to=9)
    with pytest.raises(AliasNotFoundError):
        fraud.do(rollback, "fraud", "best", "x")
    with pytest.raises(InputError, match="a reason is required"):
        fraud.do(rollback, "fraud", "champion", "  ")


def test_a_plan_moves_nothing(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, 2)
    written = len(fraud.written)
    before, target = fraud.do(rollback_target, "fraud", "champion")
    assert (before, target.number, len(fraud.written)) == (2, 1, written)


def test_the_usual_alias_is_the_champion(fraud: Registry, clock: FakeClock) -> None:
    move(fraud, clock, 1, alias="a")
    with fraud.visit() as db:
        assert usual_alias(fraud.ledger, models.get(db, "fraud")) == "a"
    move(fraud, clock, 1, alias="champion")
    with fraud.visit() as db:
        assert usual_alias(fraud.ledger, models.get(db, "fraud")) == "champion"


def test_terms_of_two_copies_are_one_history_when_they_meet(tmp_path: Path, clock: FakeClock) -> None:
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
    terms = one.ask(alias_terms, one.ask(models.get, "fraud"))
    assert [(term.version, term.who) for term in terms] == [(1, "ana"), (2, "ben")]
    assert terms[0].until_us == terms[1].since_us
    one.close()
