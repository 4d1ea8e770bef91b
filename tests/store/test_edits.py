"""Edits of runs after the fact."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from workbench.base.errors import InputError, StoreBusyError
from workbench.base.project import Project
from workbench.journal.reader import read_journal
from workbench.journal.writer import JournalWriter
from workbench.store import edits
from workbench.store.runs import RunQuery, list_runs, run_documents
from workbench.store.store import Store

A, B = "a" * 32, "b" * 32


@pytest.fixture
def runs(project: Project, clock: FakeClock) -> Project:
    for uid in A, B:
        writer = JournalWriter(project.journal_dir, uid, durability="process")
        writer.event("start", experiment="fraud", name="n" + uid[0])
        writer.event("tag", name="kind", value="old")
        writer.event("end", status="finished", exit_code=0, error=None)
        writer.close()
    return project


def document(project: Project, uid: str = A) -> dict[str, object]:
    with Store(project).reading() as db:
        return run_documents(db, [uid])[0]


def test_each_edit_shows_in_the_next_answer(runs: Project) -> None:
    edits.set_tag(runs, A, "kind", "new")
    edits.set_tag(runs, A, "more", "x")
    edits.set_note(runs, A, "line one\nline two")
    edits.set_name(runs, A, "better")
    edits.set_starred(runs, A)
    edits.set_pinned(runs, A)
    edits.move(runs, A, "churn")
    edits.delete(runs, A)
    found = document(runs)
    assert found["tags"] == {"kind": "new", "more": "x"}
    assert (found["note"], found["name"], found["experiment"]) == ("line one\nline two", "better", "churn")
    assert (found["starred"], found["pinned"], found["deleted"]) == (True, True, True)
    edits.remove_tag(runs, A, "kind")
    edits.set_starred(runs, A, False)
    edits.set_note(runs, A, "")
    edits.restore(runs, A)
    found = document(runs)
    assert (found["tags"], found["starred"], found["note"], found["deleted"]) == ({"more": "x"}, False, "", False)


def test_events_name_what_they_replaced(runs: Project) -> None:
    [event] = edits.set_tag(runs, A, "kind", "new")
    assert (event["run"], event["value"], event["prev"]) == (A, "new", "old")
    [event] = edits.set_tag(runs, A, "fresh", "x")
    assert event["prev"] is None
    [event] = edits.move(runs, A, "churn")
    assert (event["field"], event["prev"]) == ("experiment", "fraud")


def test_several_runs_are_edited_in_one_journal_that_is_complete(runs: Project) -> None:
    before = set(journals(runs))
    assert len(edits.set_starred(runs, [A, B, A])) == 2
    [path] = set(journals(runs)) - before
    events = [str(event["e"]) for event in read_journal(path).events]
    assert events == ["open", "set", "set", "seal"]


def test_an_edit_that_changes_nothing_writes_nothing(runs: Project) -> None:
    before = set(journals(runs))
    assert edits.set_tag(runs, A, "kind", "old") == []
    assert edits.set_starred(runs, A, False) == []
    assert edits.remove_tag(runs, A, "never") == []
    assert edits.set_note(runs, A, "") == []
    assert set(journals(runs)) == before


def test_an_edit_can_be_taken_back_and_that_too(runs: Project) -> None:
    done = edits.set_tag(runs, [A, B], "kind", "new") + edits.delete(runs, A)
    undone = edits.undo(runs, done)
    assert document(runs)["tags"] == {"kind": "old"}
    assert document(runs)["deleted"] is False
    edits.undo(runs, undone)
    assert document(runs)["tags"] == {"kind": "new"}
    assert document(runs)["deleted"] is True


def test_many_edits_are_taken_back_all_or_none(runs: Project) -> None:
    done = edits.delete(runs, [A, B])
    before = set(journals(runs))
    assert len(edits.undo(runs, done)) == 2
    [path] = set(journals(runs)) - before
    blocks = [line for line in Path(path).read_bytes().splitlines() if line.startswith(b"#")]
    assert len(blocks) == len(["opening", "both edits", "seal"])


def test_an_edit_wins_over_what_its_author_saw_whatever_the_clock_says(runs: Project, clock: FakeClock) -> None:
    clock.advance(3600)
    edits.set_tag(runs, A, "kind", "first")
    edits.move(runs, A, "first")
    clock.advance(-3000)
    edits.set_tag(runs, A, "kind", "second")
    edits.move(runs, A, "second")
    assert document(runs)["tags"] == {"kind": "second"}
    assert document(runs)["experiment"] == "second"


def test_an_open_visit_is_used_to_read_what_is_replaced(runs: Project) -> None:
    with Store(runs).reading() as db:
        [event] = edits.set_note(runs, A, "x", db=db)
    assert event["prev"] == ""


def test_a_store_that_cannot_be_read_does_not_stop_an_edit(
    runs: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(*_: object, **__: object) -> None:
        raise StoreBusyError("busy")

    clock.advance(1)
    with monkeypatch.context() as patch:
        patch.setattr(Store, "reading", busy)
        [event] = edits.set_tag(runs, A, "kind", "new")
    assert "prev" not in event
    assert document(runs)["tags"] == {"kind": "new"}
    assert edits.undo(runs, [event]) == []


def test_empty_names_are_refused(runs: Project) -> None:
    with pytest.raises(InputError):
        edits.set_tag(runs, A, " ", "x")
    for edit in (edits.remove_tag, edits.move, edits.set_name):
        with pytest.raises(InputError):
            edit(runs, A, "")


def test_a_starred_run_is_found_by_its_star(runs: Project) -> None:
    edits.set_starred(runs, B)
    with Store(runs).reading() as db:
        assert list_runs(db, RunQuery(where="starred")).run_ids == [B]


def journals(project: Project) -> list[str]:
    return [str(path) for path in Path(project.journal_dir).rglob("*.wbj") if os.path.isfile(path)]
