"""Facts of what is no run: each field is won by its latest event, whatever the order in which journals arrive."""

from __future__ import annotations

import itertools
from pathlib import Path
from random import Random
from typing import Any

from tests.conftest import START_US, FakeClock
from tests.store.journals import HERE, JournalText, catch_up, empty_store
from workbench.base.project import Project, create_project
from workbench.journal.writer import JournalWriter
from workbench.store.entities import entity_events, ids_with, latest_us, read_entities
from workbench.store.purge import plan_purge, purge
from workbench.store.store import Store


def ent(journal: JournalText, id: str, name: str, value: object, t: int = START_US, kind: str = "thing") -> JournalText:
    return journal.event("ent", t, kind=kind, id=id, name=name, value=value)


def things(project: Project, kind: str = "thing") -> dict[str, dict[str, Any]]:
    with Store(project) as store, store.reading() as db:
        return read_entities(db, kind)


def test_fields_are_read_back_with_their_types(project: Project) -> None:
    values = {"text": "ünï", "number": 3, "float": 0.1, "yes": True, "no": False, "list": [1, "a"], "map": {"k": None}}
    journal = JournalText(project_edits=True)
    for name, value in values.items():
        ent(journal, "a", name, value)
    ent(journal, "a", "text", "other", kind="another")
    journal.write(project)
    assert things(project) == {"a": values}
    assert things(project, "another") == {"a": {"text": "other"}}
    assert things(project, "none") == {}


def test_the_latest_wins_and_none_removes(project: Project) -> None:
    journal = JournalText(project_edits=True)
    ent(journal, "a", "name", "new", START_US + 2)
    ent(journal, "a", "name", "old", START_US + 1)
    ent(journal, "a", "gone", 1, START_US)
    ent(journal, "a", "gone", None, START_US + 1)
    ent(journal, "b", "back", None, START_US)
    ent(journal, "b", "back", 2, START_US + 1)
    journal.write(project)
    assert things(project) == {"a": {"name": "new"}, "b": {"back": 2}}


def test_events_of_one_time_are_won_by_the_later_one_in_a_journal(project: Project) -> None:
    journal = JournalText(project_edits=True)
    ent(ent(journal, "a", "name", 1), "a", "name", 2).write(project)
    assert things(project) == {"a": {"name": 2}}


def test_the_order_in_which_journals_arrive_does_not_matter(tmp_path: Path) -> None:
    """Three writers, one of them in a run's journal; all at once, or one after the other in either direction."""
    journals = [JournalText(project_edits=True), JournalText(project_edits=True), JournalText().start()]
    chance = Random(7)
    for number in range(60):
        value = chance.choice([None, 1, 2, "", {"k": [1, None]}, True])
        key, name = chance.choice("abc"), chance.choice(["name", "tag:x"])
        ent(journals[number % 3], key, name, value, START_US + chance.randrange(4))
    answers: list[dict[str, dict[str, Any]]] = []
    for order, at_once in ((journals, True), (journals, False), (journals[::-1], False)):
        folder = tmp_path / f"store {len(answers)}"
        project = create_project(str(folder))
        db = empty_store()
        for journal in order:
            journal.write(project)
            if not at_once:
                catch_up(db, project, folder)
        catch_up(db, project, folder)
        answers.append(read_entities(db, "thing"))
        db.close()
    assert answers[0] == answers[1] == answers[2]


def test_an_event_in_pieces_is_folded_once_it_is_whole(project: Project) -> None:
    """A copy in progress, cut at any byte of the last block."""
    journal = ent(JournalText(project_edits=True, lock=False), "a", "name", 1)
    whole = len(journal.data)
    ent(journal, "a", "name", 2, START_US + 1)
    for size in (whole, whole + 10, len(journal.data) - 1):
        journal.write(project, size=size)
        assert things(project) == {"a": {"name": 1}}
    journal.write(project)
    assert things(project) == {"a": {"name": 2}}


def test_a_store_built_anew_is_the_same(project: Project) -> None:
    journal = JournalText(project_edits=True)
    for number, key in itertools.product(range(3), "ab"):
        ent(journal, key, f"f{number}", number or None, START_US + number)
    journal.write(project)
    before = things(project)
    with Store(project) as store:
        store.rebuild()
    assert things(project) == before == {"a": {"f1": 1, "f2": 2}, "b": {"f1": 1, "f2": 2}}


def test_new_events_are_later_than_what_they_replace(project: Project, clock: FakeClock) -> None:
    """Whatever the clock of whoever wrote that."""
    ent(JournalText(project_edits=True), "a", "name", "from the future", START_US + 5_000_000).write(project)
    with Store(project) as store, store.reading() as db:
        assert latest_us(db, "thing", "a") == START_US + 5_000_000
        assert latest_us(db, "thing", "b") == latest_us(db, "other", "a") == 0
        events = entity_events("thing", "a", {"name": "mine", "more": 1}, latest_us(db, "thing", "a"))
    assert {event["t"] for event in events} == {START_US + 5_000_001}
    writer = JournalWriter(project.journal_dir, None, role="meta", durability="process")
    writer.events(events)
    writer.close()
    assert things(project) == {"a": {"name": "mine", "more": 1}}
    clock.advance(60)
    assert {event["t"] for event in entity_events("thing", "a", {"name": 1}, START_US)} == {START_US + 60_000_000}


def test_ids_are_found_by_the_value_of_a_field(project: Project) -> None:
    journal = JournalText(project_edits=True)
    for key, value in (("b", "x"), ("a", "x"), ("c", 7), ("d", None), ("e", True)):
        ent(journal, key, "of", value)
    ent(journal, "f", "other", "x")
    journal.write(project)
    with Store(project) as store, store.reading() as db:
        assert ids_with(db, "thing", "of", ["x", 7, "nobody"]) == {"x": ["a", "b"], "7": ["c"]}
        assert ids_with(db, "thing", "of", ["true"]) == {"true": ["e"]}
        assert ids_with(db, "thing", "of", []) == {}


def test_only_those_asked_for_are_read(project: Project) -> None:
    journal = JournalText(project_edits=True)
    for key in "abc":
        ent(journal, key, "n", key)
    journal.write(project)
    with Store(project) as store, store.reading() as db:
        assert read_entities(db, "thing", ["c", "a", "zz"]) == {"a": {"n": "a"}, "c": {"n": "c"}}
        assert read_entities(db, "thing", []) == {}


def test_what_only_the_journal_of_a_purged_run_says_goes_with_it_when_the_store_is_built_anew(project: Project) -> None:
    """What is said of a thing elsewhere stays."""
    run = ent(JournalText(host=HERE).start(), "a", "score", 1).event("end", START_US + 1, status="finished")
    run.write(project)
    edits = ent(JournalText(project_edits=True), "a", "name", "kept")
    edits.event("set", START_US, run=run.uid, field="deleted", value=True).write(project)
    assert things(project) == {"a": {"name": "kept", "score": 1}}
    assert run.uid is not None
    with Store(project) as store:
        purge(store, plan_purge(store, [run.uid]))
        store.rebuild()
    assert things(project) == {"a": {"name": "kept"}}
