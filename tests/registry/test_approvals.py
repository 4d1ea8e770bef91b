"""Approvals: who may give them, how many it takes, what a decision keeps."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.registry.registries import Registry, copy_journals
from workbench.base.errors import ApprovalMissingError, DecidedError, InputError, VersionNotFoundError
from workbench.base.project import Project, create_project
from workbench.registry import aliases, approvals, models, versions
from workbench.registry.checks import CRASHED, FAILED, PASSED, GateResult, record_check
from workbench.registry.reviews import APPROVED, NONE, PENDING, REJECTED, Review, read_review

As = Callable[[str], Registry]
RULES = '[models."*"]\napprovers = 2\nauthor_may_approve = false\nprotected_aliases = ["champion"]\n'


def rules(project: Project, text: str) -> None:
    Path(project.root, "workbench.toml").write_text(text)


@pytest.fixture
def people(project: Project, clock: FakeClock) -> Iterator[As]:
    """Registries of one project, by who acts; ana has registered two versions of `fraud`."""
    made: dict[str, Registry] = {}

    def of(who: str) -> Registry:
        clock.advance(1)
        return made.setdefault(who, Registry(project, who))

    of("ana").do(models.register, "fraud")
    for _ in range(2):
        of("ana").do(versions.register, "fraud", source=None)
    yield of
    for registry in made.values():
        registry.close()


def review(registry: Registry, number: int = 1) -> Review:
    found = registry.ask(read_review, registry.ask(versions.get, "fraud", number))
    assert isinstance(found, Review)
    return found


def test_it_takes_as_many_people_as_the_rules_say(people: As, project: Project) -> None:
    rules(project, RULES)
    people("ana").do(approvals.request, "fraud", 1, "better")
    assert (review(people("ana")).status, review(people("ana")).requested_by) == (PENDING, "ana")
    one = people("ben").do(approvals.approve, "fraud", 1, "fine")
    assert (one.status, one.missing) == (PENDING, "1 of 2 approvals are given")
    two = people("eva").do(approvals.approve, "fraud", 1, "fine")
    assert (two.status, two.missing, two) == (APPROVED, "", review(people("ana")))
    assert review(people("ana"), 2).status == NONE


def test_nobody_counts_twice(people: As, project: Project) -> None:
    rules(project, RULES)
    people("ben").do(approvals.approve, "fraud", 1, "fine")
    with pytest.raises(DecidedError, match="ben has approved fraud/1 already: 1 of 2"):
        people("ben").do(approvals.approve, "fraud", 1, "really")
    assert review(people("ben")).approvals == 1


def test_the_author_may_not_approve_but_reject(people: As, project: Project) -> None:
    rules(project, RULES)
    with pytest.raises(ApprovalMissingError, match="ana registered fraud/1") as refused:
        people("ana").do(approvals.approve, "fraud", 1, "mine")
    assert refused.value.exit_code == 4
    assert review(people("ana")).status == NONE
    people("ana").do(approvals.reject, "fraud", 1, "mine is wrong")
    assert review(people("ana")).missing == "ana rejected it: mine is wrong"


def test_a_rejection_decides_and_a_new_request_begins_anew(people: As, project: Project) -> None:
    rules(project, RULES)
    people("ben").do(approvals.approve, "fraud", 1, "fine")
    people("eva").do(approvals.reject, "fraud", 1, "no")
    assert review(people("ana")).status == REJECTED
    for decide in (approvals.approve, approvals.reject):
        with pytest.raises(DecidedError, match="rejected already"):
            people("kim").do(decide, "fraud", 1, "but")
    people("ana").do(approvals.request, "fraud", 1, "mended")
    assert (review(people("ana")).status, review(people("ana")).decisions) == (PENDING, ())
    for who in ("ben", "eva"):
        people(who).do(approvals.approve, "fraud", 1, "fine now")
    assert review(people("ana")).status == APPROVED
    with pytest.raises(DecidedError, match="approved already"):
        people("kim").do(approvals.reject, "fraud", 1, "late")


def test_a_request_that_waits_is_not_repeated(people: As) -> None:
    people("ana").do(approvals.request, "fraud", 1, "better")
    with pytest.raises(DecidedError, match="ana asked for it"):
        people("ben").do(approvals.request, "fraud", 1, "better")


@pytest.mark.parametrize("decide", [approvals.request, approvals.approve, approvals.reject])
def test_a_reason_and_a_version_are_required(people: As, decide: Callable[..., object]) -> None:
    written = len(people("ben").written)
    with pytest.raises(InputError, match="a reason is required"):
        people("ben").do(decide, "fraud", 1, " \n")
    with pytest.raises(VersionNotFoundError):
        people("ben").do(decide, "fraud", 7, "x")
    assert len(people("ben").written) == written


def test_a_request_freezes_the_rules(people: As, project: Project) -> None:
    rules(project, RULES)
    people("ana").do(approvals.request, "fraud", 1, "better")
    rules(project, "")
    assert people("ben").do(approvals.approve, "fraud", 1, "fine").status == PENDING
    with pytest.raises(ApprovalMissingError, match="its author may not"):
        people("ana").do(approvals.approve, "fraud", 1, "mine")
    assert people("eva").do(approvals.approve, "fraud", 1, "fine").status == APPROVED


def test_a_protected_alias_says_what_is_missing(people: As, project: Project) -> None:
    rules(project, RULES)
    ben = people("ben")

    def refusal() -> str:
        with pytest.raises(ApprovalMissingError) as refused:
            ben.do(aliases.point, "fraud", "champion", 1)
        assert refused.value.exit_code == 4
        return refused.value.message

    assert refusal() == "champion is protected and fraud/1 is not approved: no approval was requested"
    ben.do(approvals.approve, "fraud", 1, "fine")
    assert refusal().endswith("not approved: 1 of 2 approvals are given")
    people("eva").do(approvals.reject, "fraud", 1, "bad data")
    assert refusal().endswith("not approved: eva rejected it: bad data")
    ben.do(aliases.point, "fraud", "challenger", 1)
    assert ben.ask(models.get, "fraud").aliases == {"challenger": 1}


def test_required_gates_have_to_pass_on_these_files(people: As, project: Project) -> None:
    gate = 'kind = "metric"\nmetric = "auc"\nmin = 0.9\n'
    rules(project, f'[models.fraud]\nrequired_gates = ["auc"]\n[models.fraud.gates.auc]\n{gate}')
    ben = people("ben")

    def refusal() -> str:
        with pytest.raises(ApprovalMissingError) as refused:
            ben.do(approvals.approve, "fraud", 1, "fine")
        assert refused.value.hint == "workbench models check fraud/1"
        return refused.value.message.partition(": ")[2]

    assert refusal() == "its gates were never run"
    version = ben.ask(versions.get, "fraud", 1)
    for outcome in (FAILED, CRASHED):
        ben.do(record_check, version, [GateResult("auc", "metric", outcome, "0.8 is below 0.9")])
        assert refusal() == f"the gate auc {outcome}"
    ben.do(record_check, version, [GateResult("other", "metric", PASSED, "")])
    assert refusal() == "the gate auc was never run"
    people("ana").do(approvals.request, "fraud", 1, "a rejection needs no gates")
    ben.do(record_check, version, [GateResult("auc", "metric", PASSED, "0.95")])
    assert ben.do(approvals.approve, "fraud", 1, "fine").status == APPROVED
    with pytest.raises(ApprovalMissingError, match="never run"):
        ben.do(approvals.approve, "fraud", 2, "fine")


def test_a_decision_keeps_the_evidence_that_was_seen(people: As) -> None:
    ben = people("ben")
    version = ben.ask(versions.get, "fraud", 1)
    ben.do(record_check, version, [GateResult("auc", "metric", PASSED, "0.95", {"auc": 0.95})])
    ben.do(approvals.approve, "fraud", 1, " fine ")
    deed = json.loads(str(ben.written[-1]["body"]))
    assert (deed["action"], deed["who"], deed["reason"], deed["version"]) == ("approve", "ben", "fine", 1)
    assert deed["evidence"]["check"]["gates"][0]["measured"] == {"auc": 0.95}
    assert {"digest", "run", "metrics", "datasets", "signature"} <= set(deed["evidence"])


def test_approvals_that_two_copies_gave_add_up_and_contradictions_show(tmp_path: Path, clock: FakeClock) -> None:
    one = Registry(create_project(str(tmp_path / "one")), "ana")
    rules(one.project, RULES)
    one.do(models.register, "fraud")
    for number in (1, 2):
        one.do(versions.register, "fraud", source=None)
        one.do(approvals.request, "fraud", number, "ready")
    two = Registry(create_project(str(tmp_path / "two")), "eva")
    copy_journals(one.project, two.project)
    ben = Registry(one.project, "ben")
    clock.advance(1)
    ben.do(approvals.approve, "fraud", 1, "fine")
    ben.do(approvals.approve, "fraud", 2, "fine")
    two.do(approvals.approve, "fraud", 1, "fine")
    two.do(approvals.reject, "fraud", 2, "no")
    two.close()
    copy_journals(two.project, one.project)
    assert (review(one).status, review(one).contradicts_itself) == (APPROVED, False)
    assert (review(one, 2).status, review(one, 2).contradicts_itself) == (REJECTED, True)
    ben.close()
    one.close()
