from __future__ import annotations

import errno
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.base.ids import new_run_id
from workbench.base.project import Project
from workbench.journal.liveness import boot_id, host_name, lock_for_writing, writer_alive
from workbench.journal.writer import JournalWriter

HOLD = """
import sys
from workbench.journal.writer import JournalWriter
writer = JournalWriter(sys.argv[1], sys.argv[2])
print(writer.path, flush=True)
sys.stdin.read()
"""


def test_a_writer_is_alive_until_it_is_killed(project: Project) -> None:
    command = [sys.executable, "-c", HOLD, project.journal_dir, new_run_id()]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdin is not None
    path = process.stdout.readline().strip()
    assert writer_alive(path)
    assert writer_alive(path), "asking must not take the lock away"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()
    assert not writer_alive(path)


def test_a_writer_in_this_process_is_alive_until_it_is_closed(project: Project) -> None:
    writer = JournalWriter(project.journal_dir, new_run_id())
    assert writer_alive(writer.path)
    writer.close()
    assert not writer_alive(writer.path)


def test_nobody_writes_a_missing_journal(tmp_path: Path) -> None:
    assert not writer_alive(str(tmp_path / "missing"))


def test_two_that_ask_at_once_do_not_take_each_other_for_the_writer(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.touch()
    with open(path) as other:
        fcntl.flock(other, fcntl.LOCK_SH)
        assert not writer_alive(str(path))


def test_a_file_system_without_locks_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    path = tmp_path / "journal"
    with open(path, "w") as file:
        assert lock_for_writing(file.fileno())
        monkeypatch.setattr(fcntl, "flock", refuse)
        assert not lock_for_writing(file.fileno())
        assert not writer_alive(str(path))


def test_this_host_and_this_boot_have_names() -> None:
    assert host_name() == os.uname().nodename
    assert boot_id() == boot_id()
