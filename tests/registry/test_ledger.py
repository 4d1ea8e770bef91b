"""What a deed leaves in the journal: one event, chained to those before it, later than what it changes."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import START_US, FakeClock
from tests.registry.registries import Registry, copy_journals
from workbench.base.errors import RefusedError, StoreError
from workbench.base.jsonvalue import loads
from workbench.base.project import Project, create_project
from workbench.registry import aliases, models, versions
from workbench.registry.chain import FIRST, Link
from workbench.registry.chains import parse_link
from workbench.registry.ledger import Change, Deed, Ledger, read_heads
from workbench.registry.signing import create_key, is_signed
from workbench.registry.verification import verify
from workbench.store.governance import read_governance

DEED = Deed("tag", "fraud", "m" * 32, 3, "because", {"seen": "this"})
CHANGE = Change("model", "m" * 32, {"tag:a": "x", "tag:b": None})


def links(project: Project) -> list[Link]:
    """Every event that the journals hold, in order."""
    found = [parse_link(text) for journal in read_governance(project).journals for _, text in journal.events]
    return sorted((link for link in found if link is not None), key=lambda link: (link.chain, link.n))


def said(link: Link) -> dict[str, Any]:
    value = loads(link.body)
    assert isinstance(value, dict)
    return value


def test_an_event_says_who_did_what_why_and_on_what_evidence(registry: Registry) -> None:
    with registry.visit() as db:
        link = Ledger(registry.project, registry.write, who="ana").record(db, DEED, CHANGE)
    assert links(registry.project) == [link]
    assert said(link) == {
        "action": "tag",
        "who": "ana",
        "model": "fraud",
        "model_id": "m" * 32,
        "version": 3,
        "reason": "because",
        "evidence": {"seen": "this"},
        "changes": [
            {"kind": "model", "id": "m" * 32, "name": "tag:a", "value": "x", "after": 0},
            {"kind": "model", "id": "m" * 32, "name": "tag:b", "value": None, "after": 0},
        ],
        "seen": {},
    }
    assert (link.n, link.prev, link.t, link.key, link.sig) == (1, FIRST, START_US, "", "")
    assert link.hash == link.expected_hash


def test_events_of_one_writer_are_a_chain_also_within_a_visit_and_across_ledgers(registry: Registry) -> None:
    with registry.visit() as db:
        for _ in range(2):
            registry.ledger.record(db, DEED, CHANGE)
    registry.do(lambda db, ledger: ledger.record(db, DEED, CHANGE))
    again = Ledger(registry.project, registry.write)
    with registry.visit() as db:
        again.record(db, DEED, CHANGE)
    found = links(registry.project)
    assert [link.n for link in found] == [1, 2, 3, 4]
    assert [link.prev for link in found[1:]] == [link.seal for link in found[:-1]]
    assert verify(registry.project).whole


def test_people_folders_and_machines_have_chains_of_their_own(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chains = set()
    other = Registry(create_project(str(tmp_path / "other")))
    for one, who in ((registry, "ana"), (registry, "ben"), (other, "ana")):
        with one.visit() as db:
            chains.add(Ledger(one.project, one.write, who=who).record(db, DEED, CHANGE).chain)
    monkeypatch.setattr("workbench.registry.ledger.machine_id", lambda: "another machine")
    with registry.visit() as db:
        chains.add(Ledger(registry.project, registry.write, who="ana").record(db, DEED, CHANGE).chain)
    other.close()
    assert len(chains) == 4


def test_a_change_is_later_than_what_it_replaces_whatever_the_clock_says(registry: Registry, clock: FakeClock) -> None:
    registry.do(models.register, "fraud", tags={"team": "risk"})
    clock.advance(-3600)
    registry.do(models.set_tag, "fraud", "team", "ops")
    registry.do(models.register, "churn")
    first, second, third = links(registry.project)
    assert (first.t, second.t, third.t) == (START_US, START_US + 1, START_US + 2)
    assert said(second)["changes"][0]["after"] == START_US
    assert registry.ask(models.get, "fraud").tags == {"team": "ops"}
    assert verify(registry.project).whole


def test_an_event_names_what_it_has_seen_of_other_chains(registry: Registry, tmp_path: Path) -> None:
    other = Registry(create_project(str(tmp_path / "other")), "ben")
    other.do(models.register, "fraud")
    other.do(models.register, "churn")
    other.close()
    copy_journals(other.project, registry.project)
    registry.do(models.set_tag, "fraud", "team", "risk")
    theirs = links(other.project)
    mine = next(link for link in links(registry.project) if link.chain != theirs[0].chain)
    assert said(mine)["seen"] == {theirs[1].chain: [2, theirs[1].seal]}


def test_the_newest_event_is_noted_beside_the_journals(registry: Registry) -> None:
    assert read_heads(registry.project) == {}
    registry.do(models.register, "fraud")
    registry.do(models.set_tag, "fraud", "a", "b")
    last = links(registry.project)[-1]
    assert read_heads(registry.project) == {last.chain: (2, last.seal)}
    assert not [name for name in os.listdir(registry.project.folder) if name.startswith("audit-heads.json.")]


@pytest.mark.parametrize("text", ["", "[]", '{"a": 1}', '{"a": ["x", "y"]}', "\x00"])
def test_a_note_that_is_broken_says_nothing(registry: Registry, text: str) -> None:
    Path(registry.project.folder, "audit-heads.json").write_text(text)
    assert read_heads(registry.project) == {}
    registry.do(models.register, "fraud")
    assert len(read_heads(registry.project)) == 1


def test_what_cannot_be_written_did_not_happen(registry: Registry) -> None:
    registry.do(models.register, "fraud")

    def refuse(events: list[dict[str, object]]) -> None:
        raise StoreError("the disk is full")

    broken = Ledger(registry.project, refuse)
    with registry.visit() as db, pytest.raises(StoreError, match="the disk is full"):
        models.set_tag(db, broken, "fraud", "a", "b")
    [(noted, _)] = read_heads(registry.project).values()
    assert len(links(registry.project)) == noted == 1
    registry.do(models.set_tag, "fraud", "a", "c")
    assert [link.n for link in links(registry.project)] == [1, 2]


def test_whoever_has_a_key_signs(registry: Registry) -> None:
    key = create_key().public_key
    registry.do(models.register, "fraud")
    [link] = links(registry.project)
    assert link.key == key and is_signed(link.hash, link.key, link.sig)


def test_where_signatures_are_wanted_nothing_is_done_without_a_key(registry: Registry) -> None:
    rules = Path(registry.project.root, "workbench.toml")
    rules.write_text("[audit]\nrequire_signatures = true\n")
    with pytest.raises(RefusedError, match="you have no key") as caught:
        registry.do(models.register, "fraud")
    assert caught.value.hint == "workbench audit key --new"
    assert registry.written == []
    create_key()
    registry.do(models.register, "fraud")
    assert len(registry.written) == 1


def test_one_deed_is_one_line(registry: Registry) -> None:
    registry.do(models.register, "fraud")
    for _ in range(2):
        registry.do(versions.register, "fraud", source=None)
    registry.do(aliases.point, "fraud", "champion", 2)
    before = len(registry.written)
    registry.do(versions.register, "fraud", source=None)
    assert len(registry.written) == before + 1 == 5
