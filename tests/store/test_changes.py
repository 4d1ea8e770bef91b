"""Whether journals changed, without opening the store."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.store.journals import JournalText, log_run
from workbench.base.errors import StorePermissionError, StoreUnusableError
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal.layout import live_dir, sealed_dir
from workbench.journal.writer import JournalWriter
from workbench.store import changes
from workbench.store.changes import AGAIN_AFTER_S, Changes


def age_folders(project: Project, clock: FakeClock, age_s: int = 100) -> None:
    then_ns = clock() - age_s * 10**9
    for folder in (sealed_dir(project.journal_dir), project.segment_dir):
        os.utime(folder, ns=(then_ns, then_ns))


@pytest.fixture
def quiet(project: Project, clock: FakeClock) -> Changes:
    """Looks at a project whose folders have not changed for long."""
    age_folders(project, clock)
    found = Changes(project)
    assert found.happened()
    assert not found.happened()
    return found


def test_a_new_journal_and_every_record_of_it_is_a_change(project: Project, quiet: Changes) -> None:
    writer = JournalWriter(project.journal_dir, new_run_id())
    for step in range(3):
        writer.metrics({"x": 1.0}, step)
        assert quiet.happened()
        assert not quiet.happened()
    writer.close()
    assert quiet.happened()


def test_a_journal_that_is_sealed_or_removed_is_a_change(project: Project, quiet: Changes) -> None:
    first, second = (JournalText().start().write(project) for _ in range(2))
    assert quiet.happened()
    os.rename(first, os.path.join(sealed_dir(project.journal_dir), os.path.basename(first)))
    assert quiet.happened()
    os.unlink(second)
    assert quiet.happened()
    log_run(project)  # written and sealed between two looks
    assert quiet.happened()
    assert not quiet.happened()


def test_a_writer_that_is_killed_is_a_change(project: Project, quiet: Changes) -> None:
    source = (
        "import sys; from workbench.journal.writer import JournalWriter;"
        "writer = JournalWriter(sys.argv[1], '0' * 32); writer.metrics({'x': 1.0}, 0); print('ready', flush=True);"
        "sys.stdin.read()"
    )
    command = [sys.executable, "-c", source, project.journal_dir]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert quiet.happened()
        assert not quiet.happened()
        child.kill()
        child.wait()
    assert quiet.happened()
    assert not quiet.happened()


@pytest.mark.parametrize("folder", [lambda project: sealed_dir(project.journal_dir), lambda p: p.segment_dir])
def test_a_folder_that_may_have_changed_unseen_is_a_change_once_more(
    project: Project, clock: FakeClock, quiet: Changes, folder: object
) -> None:
    assert callable(folder)
    os.utime(folder(project), ns=(clock(), clock()))
    assert quiet.happened()
    assert not quiet.happened()
    clock.advance(3)
    assert quiet.happened()
    clock.advance(3)
    assert not quiet.happened()


def test_a_run_of_another_host_becomes_stale_without_a_change_of_any_file(
    project: Project, clock: FakeClock, quiet: Changes
) -> None:
    clock.advance(AGAIN_AFTER_S)
    assert not quiet.happened()
    JournalText().start(clock.now_us).write(project)
    assert quiet.happened()
    for _ in range(3):
        clock.advance(AGAIN_AFTER_S - 1)
        assert not quiet.happened()
        clock.advance(1)
        assert quiet.happened()
    clock.advance(-AGAIN_AFTER_S)  # somebody set it back
    assert quiet.happened()
    assert not quiet.happened()


def test_of_many_journals_each_has_its_turn(project: Project, quiet: Changes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "LOOKED_AT", 3)
    paths = [JournalText().start().write(project) for _ in range(7)]
    assert quiet.happened()
    for path in paths:
        assert not any(quiet.happened() for _ in range(5))
        with open(path, "ab") as file:
            file.write(b"x")
        assert [quiet.happened() for _ in range(4)].count(True) == 1


def test_what_is_no_journal_is_no_change(project: Project, quiet: Changes) -> None:
    for name in (f".{'0' * 32}.{'0' * 8}.wbj", "notes.txt"):
        Path(live_dir(project.journal_dir), name).touch()
    assert not quiet.happened()


def test_folders_that_a_copy_left_out_are_empty(project: Project, quiet: Changes) -> None:
    shutil.rmtree(project.journal_dir)
    assert quiet.happened()
    assert not quiet.happened()


def test_a_project_that_is_gone_or_replaced_is_told(project: Project, quiet: Changes, tmp_path: Path) -> None:
    away = str(tmp_path / "away")
    os.rename(project.folder, away)
    with pytest.raises(StoreUnusableError, match="is gone"):
        quiet.happened()
    create_project(project.root)
    with pytest.raises(StoreUnusableError, match="another project"):
        quiet.happened()
    shutil.rmtree(project.folder)
    shutil.copytree(away, project.folder)
    quiet.happened()
    log_run(project)
    assert quiet.happened()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_project_that_may_no_longer_be_read_is_told(project: Project, quiet: Changes) -> None:
    os.chmod(live_dir(project.journal_dir), 0)
    try:
        with pytest.raises(StorePermissionError):
            quiet.happened()
    finally:
        os.chmod(live_dir(project.journal_dir), 0o755)
