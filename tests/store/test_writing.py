"""Events of the project as a whole: one journal for each writer, made by its first event."""

from __future__ import annotations

import os

from workbench.base.project import Project
from workbench.store.entities import read_entities
from workbench.store.store import Store
from workbench.store.writing import project_journal, write_events


def journals(project: Project) -> list[str]:
    """The files of the project's journals."""
    return [name for _, _, names in os.walk(project.journal_dir) for name in names if name.endswith(".wbj")]


def test_nothing_to_write_makes_no_journal(project: Project) -> None:
    write_events(project, [])
    with project_journal(project) as journal:
        journal.write([])
    assert journals(project) == []


def test_one_block_writes_one_journal_however_much_it_writes(project: Project) -> None:
    with project_journal(project) as journal:
        journal.set_fields(("thing", "a", {"size": 1}), ("thing", "b", {"size": 2}))
        with Store(project).reading() as db:
            assert read_entities(db, "thing") == {"a": {"size": 1}, "b": {"size": 2}}
        journal.set_fields(("thing", "a", {"size": None}))
    with Store(project).reading() as db:
        assert read_entities(db, "thing") == {"b": {"size": 2}}
    assert len(journals(project)) == 1


def test_what_is_written_is_later_than_what_it_replaces_whatever_the_clock_says(project: Project) -> None:
    with project_journal(project) as journal:
        journal.set_fields(("thing", "a", {"size": 1}), after_us=10**18)
        journal.set_fields(("thing", "a", {"size": 2}))
    with Store(project).reading() as db:
        assert read_entities(db, "thing") == {"a": {"size": 1}}
