"""The status of a run: who says that it has ended, and who can tell that its writer is dead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest

from tests.conftest import START_US, FakeClock
from tests.store.journals import HERE, JournalText, edit, log_run, statuses
from workbench.base.ids import new_run_id
from workbench.base.project import Project
from workbench.journal.layout import live_dir, sealed_dir
from workbench.journal.writer import JournalWriter
from workbench.store.state import STALE_AFTER_S
from workbench.store.store import Store

SECOND = 1_000_000


def row(store: Store, uid: str, columns: str) -> tuple[object, ...]:
    with store.reading() as db:
        [found] = db.execute(f"SELECT {columns} FROM run WHERE uid = ?", [uid]).fetchall()
        return tuple(found)


def moment(time_us: int) -> datetime:
    return datetime.fromtimestamp(time_us / 1e6, UTC).replace(tzinfo=None)


def test_a_run_is_running_while_its_writer_lives_and_crashed_when_it_is_gone(project: Project) -> None:
    uid = new_run_id()
    script = """
import sys
from workbench.journal.writer import JournalWriter
writer = JournalWriter(sys.argv[1], sys.argv[2])
writer.event("start", experiment="x", name="n")
print("started", flush=True)
sys.stdin.read()
"""
    store = Store(project)
    command = [sys.executable, "-c", script, project.journal_dir, uid]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        for _ in range(2):
            assert statuses(store) == {uid: "running"}
        assert row(store, uid, "ended_at") == (None,)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert statuses(store) == {uid: "crashed"}
    assert row(store, uid, "ended_at = heartbeat_at") == (True,)
    assert os.listdir(live_dir(project.journal_dir)) == [], "the journal of a dead writer is complete"
    assert len(os.listdir(sealed_dir(project.journal_dir))) == 1
    assert statuses(store) == {uid: "crashed"}


@pytest.mark.parametrize("status", ["finished", "failed", "killed"])
def test_a_run_that_has_ended_is_what_it_said(project: Project, status: str) -> None:
    uid = log_run(project, end=status)
    assert statuses(Store(project)) == {uid: status}


def test_a_run_that_was_closed_without_an_end_is_crashed(project: Project) -> None:
    uid = log_run(project, end=None)
    assert statuses(Store(project)) == {uid: "crashed"}


def test_a_run_of_another_host_is_stale_when_it_is_silent_until_it_speaks_again(
    project: Project, clock: FakeClock
) -> None:
    text = JournalText().start()
    text.write(project)
    store = Store(project)
    assert statuses(store)[text.uid or ""] == "running"
    clock.advance(STALE_AFTER_S + 1)
    assert statuses(store)[text.uid or ""] == "stale"
    assert row(store, text.uid or "", "ended_at") == (moment(START_US),)
    text.event("hb", clock.now_us).write(project)
    assert statuses(store)[text.uid or ""] == "running"
    assert row(store, text.uid or "", "ended_at, heartbeat_at") == (None, moment(clock.now_us))
    text.event("end", clock.now_us + 1, status="finished").write(project)
    assert statuses(store)[text.uid or ""] == "finished"


def test_a_writer_without_a_lock_is_not_taken_for_dead(project: Project, clock: FakeClock) -> None:
    text = JournalText(host=HERE, lock=False).start()
    path = text.write(project)
    store = Store(project)
    assert statuses(store)[text.uid or ""] == "running"
    assert os.path.exists(path), "it may still grow"
    text.metrics({"x": 1.0}, 0).write(project)
    clock.advance(STALE_AFTER_S + 1)
    assert statuses(store)[text.uid or ""] == "stale"
    assert row(store, text.uid or "", "(SELECT count(*) FROM metric)") == (1,)


def test_a_resumed_run_runs_again_and_forgets_how_it_ended(project: Project, clock: FakeClock) -> None:
    uid = new_run_id()
    first = JournalWriter(project.journal_dir, uid)
    first.event("start", experiment="x", name="n", resumed=False)
    clock.advance(10)
    first.event("end", status="failed", exit_code=1, error="out of memory")
    first.close()
    store = Store(project)
    assert row(store, uid, "status, exit_code, error") == ("failed", 1, "out of memory")
    clock.advance(10)
    second = JournalWriter(project.journal_dir, uid)
    second.event("start", resumed=True)
    assert row(store, uid, "status, exit_code, error, ended_at") == ("running", None, None, None)
    assert row(store, uid, "name, experiment, started_at") == ("n", "x", moment(START_US + 1))
    clock.advance(10)
    second.event("end", status="finished", exit_code=0)
    second.close()
    assert row(store, uid, "status, exit_code, error") == ("finished", 0, None)


def test_a_worker_alone_does_not_keep_a_run_alive(project: Project) -> None:
    uid = log_run(project, end=None)
    worker = JournalWriter(project.journal_dir, uid, role="worker")
    worker.metrics({"x": 1.0}, 0)
    store = Store(project)
    assert statuses(store) == {uid: "crashed"}
    worker.close()
    main = JournalWriter(project.journal_dir, uid)
    assert statuses(store) == {uid: "running"}
    main.close()


def test_a_worker_that_goes_on_after_the_end_changes_nothing(project: Project) -> None:
    uid = log_run(project)
    store = Store(project)
    before = row(store, uid, "*")
    worker = JournalWriter(project.journal_dir, uid, role="worker")
    worker.metrics({"x": 1.0}, 0)
    worker.close()
    assert row(store, uid, "*") == before
    store.rebuild()
    assert row(store, uid, "*") == before


def test_a_live_journal_that_was_removed_has_no_writer(project: Project) -> None:
    uid = new_run_id()
    writer = JournalWriter(project.journal_dir, uid)
    store = Store(project)
    assert statuses(store) == {uid: "running"}
    os.unlink(writer.path)
    assert statuses(store) == {uid: "crashed"}
    writer.close()


def test_a_run_without_a_start_has_the_times_and_the_host_of_its_journal(project: Project) -> None:
    text = JournalText(t=START_US).metrics({"x": 1.0}, 0, START_US + SECOND)
    text.write(project)
    uid = text.uid or ""
    assert row(Store(project), uid, "name, experiment, started_at, host") == (
        uid[:8], "default", moment(START_US), "elsewhere",
    )  # fmt: skip


def test_a_journal_whose_first_block_is_lost_still_counts(project: Project) -> None:
    text = JournalText().start().metrics({"x": 1.0}, 0)
    with open(text.write(project), "rb+") as file:
        file.write(b"?")
    store = Store(project)
    uid = text.uid or ""
    assert row(store, uid, "name, (SELECT count(*) FROM metric)") == ("n", 1)
    assert statuses(store)[uid] in ("running", "stale")


def test_edits_of_a_run_may_come_before_it(project: Project) -> None:
    uid = new_run_id()
    edits: list[tuple[str, object]] = [("starred", "true"), ("note", "good"), ("deleted", "true"), ("pinned", "true")]
    for field, value in edits:
        edit(project, uid, field, value)
    store = Store(project)
    assert statuses(store) == {}
    log_run(project, uid=uid)
    assert row(store, uid, "starred, note, deleted, pinned, status") == (True, "good", True, True, "finished")
    edits = [("starred", False), ("note", None), ("deleted", "false"), ("name", "new"), ("experiment", "y")]
    for field, value in edits:
        edit(project, uid, field, value)
    assert row(store, uid, "starred, note, deleted, name, experiment") == (False, "", False, "new", "y")


def test_the_git_state_of_a_run_comes_from_its_capture(project: Project) -> None:
    text = JournalText().start()
    text.event("cap", START_US, name="git", value={"commit": "abc", "branch": "main", "dirty": True})
    text.write(project)
    assert row(Store(project), text.uid or "", "git_commit, git_branch, git_dirty") == ("abc", "main", True)
