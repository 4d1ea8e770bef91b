"""What copies of a project contradict each other in is shown until somebody who has seen both settles it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.registry.registries import Registry, copy_journals
from workbench.base.project import create_project
from workbench.registry import aliases, approvals, models, versions
from workbench.registry.forks import FIELD, NUMBER, REVIEW, Contradiction, contradictions
from workbench.registry.verification import audit_store
from workbench.store.store import Store

REQUIRES_TWO = '[models."*"]\napprovers = 2\n'


class Copies:
    """Two copies of a project, in which `fraud` has two versions."""

    def __init__(self, folder: Path, clock: FakeClock) -> None:
        self.clock = clock
        self.projects = [create_project(str(folder / name)) for name in ("one", "two")]
        self.act(0, "ana", models.register, "fraud")
        for _ in range(2):
            self.register(0, "ana")
        self.merge()

    def act(self, copy: int, who: str, action: Callable[..., Any], *arguments: Any) -> None:
        self.clock.advance(1)
        registry = Registry(self.projects[copy], who)
        registry.do(action, *arguments)
        registry.close()

    def register(self, copy: int, who: str) -> None:
        self.act(copy, who, lambda db, ledger: versions.register(db, ledger, "fraud", source=None))

    def merge(self) -> None:
        """Let both know everything."""
        copy_journals(self.projects[0], self.projects[1])
        copy_journals(self.projects[1], self.projects[0])

    def found(self) -> list[Contradiction]:
        """What contradicts itself, which both copies say alike."""
        said = []
        for project in self.projects:
            with Store(project) as store, store.reading() as db:
                said.append(contradictions(db))
                assert contradictions(db, models.get(db, "fraud")) == said[-1]
        assert said[0] == said[1]
        return said[0]


@pytest.fixture
def copies(tmp_path: Path, clock: FakeClock) -> Copies:
    return Copies(tmp_path, clock)


def test_two_who_move_an_alias_contradict_each_other_until_it_is_moved_again(copies: Copies) -> None:
    copies.act(0, "ana", aliases.point, "fraud", "champion", 1)
    copies.act(1, "ben", aliases.point, "fraud", "champion", 2)
    assert contradictions_in_one_copy(copies) == []
    copies.merge()
    [found] = copies.found()
    assert (found.kind, found.model, found.version, found.field) == (FIELD, "fraud", None, "alias:champion")
    assert found.sentence == (
        "alias champion of fraud: ben (2026-09-21 14:13) let it point to 2, ana (2026-09-21 14:13) let it point to 1, "
        "not knowing of each other; what ben did counts"
    )
    assert found.hint == "workbench models alias fraud/N champion"
    copies.act(0, "cy", aliases.point, "fraud", "champion", 1)
    copies.merge()
    assert copies.found() == []


def contradictions_in_one_copy(copies: Copies) -> list[Contradiction]:
    with Store(copies.projects[0]) as store, store.reading() as db:
        return contradictions(db)


def test_one_who_knew_of_the_other_contradicts_nobody(copies: Copies) -> None:
    copies.act(0, "ana", aliases.point, "fraud", "champion", 1)
    copies.merge()
    copies.act(1, "ben", aliases.point, "fraud", "champion", 2)
    copies.merge()
    assert copies.found() == []


def test_two_who_mean_the_same_do_not_contradict_each_other(copies: Copies) -> None:
    for copy, who in enumerate(("ana", "ben")):
        copies.act(copy, who, aliases.point, "fraud", "champion", 2)
        copies.act(copy, who, models.set_tag, "fraud", "team", "risk")
    copies.merge()
    assert copies.found() == []


def test_a_change_that_is_hidden_behind_a_later_one_is_shown(copies: Copies) -> None:
    """The value that counts replaced another one than that which the rival replaced."""
    copies.act(0, "ana", aliases.point, "fraud", "champion", 1)
    copies.act(1, "ben", aliases.point, "fraud", "champion", 2)
    copies.register(0, "ana")
    copies.act(0, "ana", aliases.point, "fraud", "champion", 3)
    copies.merge()
    [found] = copies.found()
    assert [(side.who, side.value) for side in found.sides] == [("ana", 3), ("ben", 2)]


def test_tags_descriptions_and_removals_contradict_each_other_too(copies: Copies) -> None:
    copies.act(0, "ana", models.set_tag, "fraud", "team", "risk")
    copies.merge()
    copies.act(0, "ana", models.set_tag, "fraud", "team", None)
    copies.act(1, "ben", models.set_tag, "fraud", "team", "ops")
    copies.act(0, "ana", versions.describe, "fraud", 2, "fast")
    copies.act(1, "ben", versions.describe, "fraud", 2, "slow")
    copies.merge()
    tag, description = sorted(copies.found(), key=lambda found: found.version or 0)
    assert tag.sentence.startswith("tag team of fraud: ben (2026-09-21 14:13) set it to ops, ana (")
    assert "removed it" in tag.sentence
    assert (description.version, description.field) == (2, "description")
    assert [side["value"] for side in description.as_document()["sides"]] == ["slow", "fast"]


def test_two_versions_of_one_number_are_shown_until_one_is_renumbered(copies: Copies) -> None:
    copies.register(0, "ana")
    copies.register(1, "ben")
    copies.merge()
    [found] = copies.found()
    assert (found.kind, found.version) == (NUMBER, 3)
    assert found.sentence == (
        "fraud has two versions 3: the one of ana (2026-09-21 14:13) has the number, the one of ben (2026-09-21 14:13) "
        "has none"
    )
    assert found.hint == "workbench models renumber fraud"
    with Store(copies.projects[0]) as store, store.reading() as db:
        [(unnumbered, number)] = versions.renumbering(db, models.get(db, "fraud"))
    assert (unnumbered.user, number) == ("ben", 4)
    copies.act(0, "ana", versions.renumber, unnumbered, number)
    copies.merge()
    assert copies.found() == []


def test_an_approval_and_a_rejection_contradict_each_other_until_it_is_decided_anew(copies: Copies) -> None:
    for project in copies.projects:
        Path(project.root, "workbench.toml").write_text(REQUIRES_TWO)
    copies.act(0, "ana", approvals.request, "fraud", 2, "please")
    copies.merge()
    copies.act(0, "ben", approvals.approve, "fraud", 2, "good")
    copies.act(1, "cy", approvals.reject, "fraud", 2, "bad")
    copies.merge()
    [found] = copies.found()
    assert (found.kind, found.model, found.version) == (REVIEW, "fraud", 2)
    assert "ben (2026-09-21 14:13) approved it and cy (2026-09-21 14:13) rejected it" in found.sentence
    assert found.hint == "workbench models request fraud/2 --reason TEXT"
    copies.act(1, "ana", approvals.request, "fraud", 2, "again")
    copies.merge()
    assert copies.found() == []


def test_a_rejection_that_knew_of_the_approval_is_no_contradiction(copies: Copies) -> None:
    Path(copies.projects[0].root, "workbench.toml").write_text(REQUIRES_TWO)
    copies.act(0, "ana", approvals.request, "fraud", 2, "please")
    copies.act(0, "ben", approvals.approve, "fraud", 2, "good")
    copies.act(0, "cy", approvals.reject, "fraud", 2, "bad")
    copies.merge()
    assert copies.found() == []


def test_one_person_on_two_machines_can_contradict_themselves(copies: Copies) -> None:
    copies.act(0, "ana", approvals.request, "fraud", 2, "please")
    copies.merge()
    copies.act(0, "ben", approvals.approve, "fraud", 2, "good")
    copies.act(1, "ben", approvals.reject, "fraud", 2, "bad")
    copies.merge()
    [found] = copies.found()
    assert (found.kind, found.version) == (FIELD, 2)
    assert found.sentence.startswith("the decision about fraud/2: ben (2026-09-21 14:13) made it a rejection, ben (")


def test_an_audit_shows_contradictions_of_a_log_that_is_whole(copies: Copies) -> None:
    copies.act(0, "ana", aliases.point, "fraud", "champion", 1)
    copies.act(1, "ben", aliases.point, "fraud", "champion", 2)
    copies.merge()
    with Store(copies.projects[0]) as store:
        report, found = audit_store(store)
    assert report.whole and [one.field for one in found] == ["alias:champion"]
