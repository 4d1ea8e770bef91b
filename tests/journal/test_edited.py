"""The file that says in a microsecond whether somebody edited runs since."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from workbench.base.ids import new_run_id
from workbench.base.project import Project
from workbench.journal.edited import edited_ns, mark_edited
from workbench.journal.writer import JournalWriter


def test_nothing_was_edited_in_a_new_project(project: Project) -> None:
    assert edited_ns(project.journal_dir) == 0


def test_every_edit_changes_the_time(project: Project) -> None:
    """Also edits that follow each other faster than the kernel's own time of files moves on."""
    seen = {edited_ns(project.journal_dir)}
    for _ in range(50):
        mark_edited(project.journal_dir)
        seen.add(edited_ns(project.journal_dir))
    assert len(seen) == 51


def test_a_journal_of_edits_marks_each_block_and_a_runs_journal_none(project: Project) -> None:
    times = [edited_ns(project.journal_dir)]
    edits = JournalWriter(project.journal_dir, None, role="meta", durability="process")
    for _ in range(2):
        edits.events([{"e": "tag", "run": new_run_id(), "name": "a", "value": "b"}])
        times.append(edited_ns(project.journal_dir))
    assert len(set(times)) == 3

    with_run = JournalWriter(project.journal_dir, new_run_id(), durability="process")
    with_run.event("tag", name="a", value="b")
    with_run.metrics({"loss": 0.5}, 0)
    with_run.close()
    assert edited_ns(project.journal_dir) == times[-1]
    edits.close()


def test_an_edit_is_written_before_the_time_changes(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who sees the new time and looks finds the edit."""
    edits = JournalWriter(project.journal_dir, None, role="meta", durability="process")
    sizes: list[int] = []
    monkeypatch.setattr(
        "workbench.journal.writer.mark_edited", lambda folder: sizes.append(os.path.getsize(edits.path))
    )
    before = os.path.getsize(edits.path)
    edits.event("tag", run=new_run_id(), name="a", value="b")
    assert sizes == [os.path.getsize(edits.path)] and sizes[0] > before
    edits.close()


def test_what_cannot_be_marked_is_no_error(project: Project, tmp_path: Path) -> None:
    shutil.rmtree(project.journal_dir)
    mark_edited(project.journal_dir)
    assert edited_ns(project.journal_dir) == 0
    (tmp_path / "file").touch()
    mark_edited(str(tmp_path / "file"))
    assert edited_ns(str(tmp_path / "file")) == 0


def test_the_file_is_no_journal(project: Project) -> None:
    """Whatever reads or moves journals leaves it alone."""
    mark_edited(project.journal_dir)
    [name] = [name for name in os.listdir(project.journal_dir) if not os.path.isdir(f"{project.journal_dir}/{name}")]
    assert name.startswith(".")
