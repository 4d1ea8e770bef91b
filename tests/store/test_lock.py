from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from workbench.base.errors import StoreBusyError, StorePermissionError
from workbench.store.lock import describe_holder, process_label, store_lock

HOLD = """
import sys
from workbench.store.lock import store_lock
with store_lock(sys.argv[1], 1.0):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_busy_lock_names_the_process_that_holds_it_after_a_bounded_wait(tmp_path: Path) -> None:
    path = str(tmp_path / "store.lock")
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdin is not None
        holder.stdout.readline()
        began = time.monotonic()
        with pytest.raises(StoreBusyError, match=rf"PID {holder.pid} \(.*python") as caught, store_lock(path, 0.05):
            pass
        assert 0.05 <= time.monotonic() - began < 2.0
        assert caught.value.hint
        holder.stdin.close()
        holder.wait()
    with store_lock(path, 0.0):
        pass


def test_a_killed_holder_frees_the_lock(tmp_path: Path) -> None:
    path = str(tmp_path / "store.lock")
    with subprocess.Popen([sys.executable, "-c", HOLD, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        holder.kill()
        holder.wait()
    with store_lock(path, 0.0):
        pass


def test_threads_of_one_process_exclude_each_other(tmp_path: Path) -> None:
    path = str(tmp_path / "store.lock")
    inside: list[int] = []
    most: list[int] = []

    def visit() -> None:
        for _ in range(20):
            with store_lock(path, 30.0):
                inside.append(1)
                most.append(len(inside))
                inside.pop()

    threads = [threading.Thread(target=visit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 80
    assert max(most) == 1


def test_the_lock_is_free_after_an_error(tmp_path: Path) -> None:
    path = str(tmp_path / "store.lock")
    with pytest.raises(ZeroDivisionError), store_lock(path, 0.0):
        raise ZeroDivisionError
    with store_lock(path, 0.0):
        pass


def test_a_child_forked_during_a_visit_does_not_keep_the_lock(tmp_path: Path) -> None:
    script = """
import os, signal, sys
from workbench.store.lock import store_lock
with store_lock(sys.argv[1], 1.0):
    child = os.fork()
    if child == 0:
        signal.pause()
with store_lock(sys.argv[1], 0.2):
    print("free")
os.kill(child, signal.SIGKILL)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "l")], capture_output=True, text=True, timeout=60
    )
    assert done.stdout == "free\n", done.stderr


def test_a_folder_that_may_not_be_written_is_an_error_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: str, flags: int, mode: int = 0) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorePermissionError), store_lock(str(tmp_path / "store.lock"), 0.0):
        pass


def test_a_lock_comes_back_with_its_deleted_folder(tmp_path: Path) -> None:
    with store_lock(str(tmp_path / "cache" / "store.lock"), 0.0):
        assert (tmp_path / "cache").is_dir()


def test_a_holder_that_the_system_does_not_tell_is_another_process(tmp_path: Path) -> None:
    assert describe_holder(str(tmp_path / "missing")) == "another process"
    path = tmp_path / "lock"
    with open(path, "w") as file:
        assert describe_holder(str(path)) == "another process"
        fcntl.flock(file, fcntl.LOCK_EX)
        assert describe_holder(str(path)).startswith(f"PID {os.getpid()} (")


def test_a_process_that_is_gone_has_its_number_alone() -> None:
    assert process_label(2**22 + 1) == f"PID {2**22 + 1}"
