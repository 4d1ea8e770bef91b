"""The writer, one process at a time; what kills do to it is in tests/store/test_crash.py."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.conftest import FakeClock
from tests.store.journals import fill, small_disk
from workbench.base.errors import DiskFullError, InputError, StoreError, StorePermissionError
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal import writer as writer_module
from workbench.journal.layout import journals_of, live_dir, sealed_dir
from workbench.journal.liveness import writer_alive
from workbench.journal.reader import read_journal
from workbench.journal.writer import MAX_STEP, JournalWriter


class Disk:
    """Stands in for `os.write` and `os.ftruncate`: a disk with `space` bytes left (None: no end)."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.space: int | None = None
        self.truncates = True
        self._write: Callable[[int, bytes], int] = os.write
        self._truncate: Callable[[int, int], None] = os.ftruncate
        monkeypatch.setattr(os, "write", self.write)
        monkeypatch.setattr(os, "ftruncate", self.truncate)

    def write(self, fd: int, data: bytes) -> int:
        if self.space is None:
            return self._write(fd, data)
        if self.space == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = self._write(fd, data[: self.space])
        self.space -= written
        return written

    def truncate(self, fd: int, size: int) -> None:
        if not self.truncates:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        before = os.fstat(fd).st_size
        self._truncate(fd, size)
        if self.space is not None:
            self.space += before - size


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(monkeypatch)


def open_writer(
    project: Project, *, durability: str = "process", on_error: str = "warn", warn: Callable[[str], None] | None = None
) -> JournalWriter:
    return JournalWriter(project.journal_dir, new_run_id(), durability=durability, on_error=on_error, warn=warn)


def steps(path: str) -> list[int]:
    return [step for _, step, _, _ in read_journal(path).metrics]


def fork_script(project: Project, script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script, project.journal_dir], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---------------------------------------------------------------------- what is written


def test_a_call_that_has_returned_is_in_the_file(project: Project) -> None:
    writer = open_writer(project)
    for step in range(3):
        writer.metrics({"loss": 0.5, "acc": 1.0}, step)
        assert steps(writer.path).count(step) == 2
    writer.close()


def test_the_metrics_of_a_call_are_one_block(project: Project) -> None:
    writer = open_writer(project)
    before = os.path.getsize(writer.path)
    writer.metrics({str(i): float(i) for i in range(100)}, 1)
    with open(writer.path, "rb") as file:
        file.seek(before)
        assert file.read().count(b"#") == 1
    writer.close()


@given(st.dictionaries(st.text(max_size=20), st.floats(), min_size=1, max_size=5), st.integers(-MAX_STEP, MAX_STEP))
def test_any_metric_reads_back_as_it_was(values: dict[str, float], step: int) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        writer = JournalWriter(folder, new_run_id(), durability="process")
        for _ in range(2):  # the first call defines the names, the second may take the short way
            writer.metrics(values, step)
        found = read_journal(writer.path).metrics
        writer.close()
    assert [(name, at) for name, at, _, _ in found] == [(name, step) for name in values] * 2
    assert [repr(value) for _, _, value, _ in found] == [repr(value) for value in values.values()] * 2


class Float64(float):
    """As NumPy's: a float whose `repr` is no number."""

    def __repr__(self) -> str:
        return f"np.float64({float(self)!r})"


def test_subclasses_of_float_integers_and_booleans_are_numbers(project: Project) -> None:
    writer = open_writer(project)
    for value in (Float64(0.25), 3, True, 10**300):
        writer.metrics({"x": value}, 0)
    writer.metrics({"x": Float64("nan"), "y": Float64("inf")}, True)
    assert [repr(value) for _, _, value, _ in read_journal(writer.path).metrics] == [
        "0.25", "3.0", "1.0", "1e+300", "nan", "inf",
    ]  # fmt: skip
    assert steps(writer.path)[-1] == 1
    writer.close()


def test_steps_beyond_64_bits_and_times_beyond_any_date_are_refused(project: Project) -> None:
    writer = open_writer(project)
    writer.metrics({"x": 1.0}, MAX_STEP)
    writer.metrics({"x": 1.0}, -MAX_STEP)
    for step in (MAX_STEP + 1, -MAX_STEP - 1):
        with pytest.raises(InputError, match="does not fit 64 bits"):
            writer.metrics({"x": 1.0}, step)
    with pytest.raises(InputError, match="no time"):
        writer.metrics({"x": 1.0}, 0, time_us=2**63)
    for t in (2**63, -(2**63), 1.5, "now"):
        with pytest.raises(InputError, match="no time"):
            writer.events([{"e": "hb"}, {"e": "hb", "t": t}])
    assert steps(writer.path) == [MAX_STEP, -MAX_STEP]
    assert len(read_journal(writer.path).events) == 1
    writer.close()


def test_a_value_that_is_no_number_spoils_neither_the_block_nor_the_names(project: Project) -> None:
    writer = open_writer(project)
    bad: dict[str, float] = {"acc": 1.0, "loss": "high"}  # type: ignore[dict-item]
    with pytest.raises(ValueError, match="high"):
        writer.metrics(bad, 0)
    writer.metrics({"loss": 0.5}, 1)
    writer.metrics({"acc": 0.5}, 1)
    assert [(name, step) for name, step, _, _ in read_journal(writer.path).metrics] == [("loss", 1), ("acc", 1)]
    writer.close()


def test_times_increase_though_the_clock_stands_still_or_jumps_back(project: Project, clock: FakeClock) -> None:
    """Failure case 12."""
    writer = open_writer(project)
    for step in range(3):
        writer.metrics({"x": 1.0}, step)
    clock.advance(-3600)
    writer.event("hb")
    writer.metrics({"x": 1.0}, 3)
    writer.close()
    contents = read_journal(writer.path)
    times = [time_us for _, _, _, time_us in contents.metrics]
    assert times == sorted(set(times))
    last = contents.events[-1]["t"]
    assert isinstance(last, int)
    assert last > max(times)


def test_a_time_that_is_given_is_kept(project: Project) -> None:
    writer = open_writer(project)
    writer.metrics({"x": 1.0}, 0, time_us=5)
    writer.metrics({"x": 1.0}, 1, time_us=3)
    assert [point[3] for point in read_journal(writer.path).metrics] == [5, 3]
    writer.close()


def test_events_are_one_block_and_carry_any_value(project: Project) -> None:
    writer = open_writer(project)
    before = os.path.getsize(writer.path)
    text = "tab\t newline\n nul\0 hash # \ud800 ü 🙂"
    writer.events([{"e": "param", "name": text, "value": {"x": [float("nan"), 10**40]}}, {"e": "hb", "t": 7}])
    writer.events([])
    with open(writer.path, "rb") as file:
        file.seek(before)
        assert file.read().count(b"\n") == 2
    found = read_journal(writer.path).events[1:]
    assert found[0]["name"] == text.replace("\ud800", "\\ud800")
    assert found[0]["value"] == {"x": ["NaN", 10**40]}
    assert found[1]["t"] == 7
    writer.close()


def test_no_metrics_are_no_block(project: Project) -> None:
    writer = open_writer(project)
    before = os.path.getsize(writer.path)
    writer.metrics({}, 0)
    assert os.path.getsize(writer.path) == before
    writer.close()


# ---------------------------------------------------------------------- creation and end


def test_a_journal_is_never_seen_without_its_lock_or_its_first_event(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[bool, int]] = []
    rename = os.rename

    def watched(old: str, new: str) -> None:
        rename(old, new)
        seen.append((writer_alive(new), len(read_journal(new).events)))

    monkeypatch.setattr(os, "rename", watched)
    open_writer(project).close()
    assert seen[0] == (True, 1)
    assert not [name for name in os.listdir(live_dir(project.journal_dir)) if name.startswith(".")]


def test_a_project_that_was_copied_without_its_empty_folders_can_be_written(project: Project) -> None:
    os.rmdir(live_dir(project.journal_dir))
    writer = open_writer(project)
    writer.metrics({"x": 1.0}, 0)
    writer.close()
    assert steps(writer.path) == [0]


def test_a_closed_writer_refuses(project: Project) -> None:
    writer = open_writer(project)
    writer.metrics({"x": 1.0}, 0)
    writer.close()
    writer.close()
    writer.sync()
    size = os.path.getsize(writer.path)
    for name in ("x", "new"):
        with pytest.raises(StoreError, match="closed"):
            writer.metrics({name: 1.0}, 1)
    with pytest.raises(StoreError, match="closed"):
        writer.event("hb")
    assert os.path.getsize(writer.path) == size


def test_a_journal_is_sealed_unless_it_is_to_go_on(project: Project) -> None:
    for seal in (True, False):
        writer = open_writer(project)
        writer.close(seal=seal)
        assert (read_journal(writer.path).events[-1]["e"] == "seal") is seal


def test_a_sealed_journal_leaves_the_live_folder(project: Project) -> None:
    writer = open_writer(project)
    live = writer.path
    assert os.path.dirname(live) == live_dir(project.journal_dir)
    writer.close()
    assert not os.path.exists(live)
    assert os.path.dirname(writer.path) == sealed_dir(project.journal_dir)
    open_ended = open_writer(project)
    open_ended.close(seal=False)
    assert os.path.dirname(open_ended.path) == live_dir(project.journal_dir)
    os.unlink(writer.path)
    os.rmdir(sealed_dir(project.journal_dir))
    last = open_writer(project)
    last.close()
    assert os.path.dirname(last.path) == live_dir(project.journal_dir)
    assert not writer_alive(last.path)


def test_an_unknown_durability_is_refused(project: Project) -> None:
    with pytest.raises(InputError, match="sometimes"):
        open_writer(project, durability="sometimes")


def test_a_folder_that_may_not_be_written_is_named(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def refuse(path: str, flags: int, mode: int = 0o777) -> int:
        if path.endswith(".wbj"):
            raise OSError(errno.EROFS, os.strerror(errno.EROFS))
        return opened(path, flags, mode)

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StorePermissionError, match="live"):
        open_writer(project)


def test_a_disk_that_is_full_from_the_start_leaves_nothing_behind(project: Project, disk: Disk) -> None:
    disk.space = 10
    with pytest.raises(DiskFullError):
        open_writer(project)
    assert os.listdir(live_dir(project.journal_dir)) == []


# ---------------------------------------------------------------------- durability


def test_strict_flushes_before_each_call_returns(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fdatasync", lambda fd: flushed.append(os.fstat(fd).st_size))
    writer = open_writer(project, durability="strict")
    for step in range(3):
        writer.metrics({"x": 1.0}, step)
        assert flushed[-1] == os.path.getsize(writer.path)
    writer.event("hb")
    assert flushed[-1] == os.path.getsize(writer.path)
    writer.close()


def test_process_flushes_only_when_asked(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    flushed: list[int] = []
    writer = open_writer(project, durability="process")
    monkeypatch.setattr(os, "fdatasync", flushed.append)
    writer.metrics({"x": 1.0}, 0)
    writer.event("hb")
    assert flushed == []
    writer.event("end", sync=True)
    assert len(flushed) == 1
    writer.close()
    assert len(flushed) == 2


def test_interval_flushes_by_itself_what_is_new_and_then_rests(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed = threading.Semaphore(0)
    flush = os.fdatasync

    def counted(fd: int) -> None:
        flush(fd)
        flushed.release()

    monkeypatch.setattr(writer_module, "SYNC_INTERVAL_S", 0.001)
    writer = open_writer(project, durability="interval")
    monkeypatch.setattr(os, "fdatasync", counted)
    writer.metrics({"x": 1.0}, 0)
    assert flushed.acquire(timeout=10)
    while flushed.acquire(timeout=0.05):  # one more may be under way
        pass
    assert not flushed.acquire(timeout=0.02)
    writer.close()
    assert writer._stop.is_set(), "the thread ends"


def test_a_disk_that_will_not_flush_is_reported_once(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    warnings: list[str] = []
    writer = open_writer(project, durability="strict", warn=warnings.append)
    monkeypatch.setattr(os, "fdatasync", refuse)
    for step in range(3):
        writer.metrics({"x": 1.0}, step)
    writer.close()
    assert len(warnings) == 1
    assert "cannot flush" in warnings[0]
    assert steps(writer.path) == [0, 1, 2]


def test_a_disk_that_will_not_flush_raises_where_that_is_asked_for(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(fd: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    writer = open_writer(project, durability="strict", on_error="raise")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", refuse)
        with pytest.raises(StoreError, match="Input/output error"):
            writer.metrics({"x": 1.0}, 0)
    writer.metrics({"x": 1.0}, 1)
    writer.close()
    assert steps(writer.path) == [0, 1]


# ---------------------------------------------------------------------- a full disk (failure case 2)


@pytest.mark.parametrize("short", [0, 1, 20, 60])
def test_a_full_disk_keeps_records_in_memory_and_writes_them_later_in_order(
    project: Project, disk: Disk, short: int
) -> None:
    warnings: list[str] = []
    writer = open_writer(project, warn=warnings.append)
    writer.metrics({"x": 1.0}, 0)
    disk.space = short
    for step in range(1, 4):
        writer.metrics({"x": 1.0}, step)
    writer.metrics({"new": 1.0}, 4)
    assert steps(writer.path)[:1] == [0]
    assert 4 not in steps(writer.path)
    disk.space = None
    writer.metrics({"x": 1.0}, 5)
    writer.close()
    contents = read_journal(writer.path)
    assert [(name, step) for name, step, _, _ in contents.metrics] == [
        ("x", 0), ("x", 1), ("x", 2), ("x", 3), ("new", 4), ("x", 5),
    ]  # fmt: skip
    assert contents.gaps == []
    assert len(warnings) == 1
    assert "kept in memory" in warnings[0]


def test_a_torn_block_that_cannot_be_cut_off_costs_nothing(project: Project, disk: Disk) -> None:
    writer = open_writer(project)
    writer.metrics({"x": 1.0}, 0)
    disk.space, disk.truncates = 40, False
    writer.metrics({"x": 1.0}, 1)
    disk.space = None
    for step in range(2, 5):
        writer.metrics({"x": 1.0}, step)
    writer.close()
    contents = read_journal(writer.path)
    assert [step for _, step, _, _ in contents.metrics] == [0, 1, 2, 3, 4]
    assert [last - first for first, last, _ in contents.gaps] == [40]


def test_a_disk_that_is_full_raises_where_that_is_asked_for(project: Project, disk: Disk) -> None:
    writer = open_writer(project, on_error="raise")
    writer.metrics({"x": 1.0}, 0)
    disk.space = 50
    for values in ({"x": 1.0}, {"new": 1.0}, {"x": 1.0, "new": 2.0}):
        with pytest.raises(DiskFullError, match="no space left"):
            writer.metrics(values, 1)
    with pytest.raises(DiskFullError):
        writer.event("hb")
    disk.space = None
    writer.metrics({"new": 1.0}, 2)
    writer.close()
    contents = read_journal(writer.path)
    assert [(name, step) for name, step, _, _ in contents.metrics] == [("x", 0), ("new", 2)]
    assert contents.gaps == []


def test_what_waits_is_bounded_and_the_loss_is_told(
    project: Project, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writer_module, "MAX_PENDING_BYTES", 200)
    warnings: list[str] = []
    writer = open_writer(project, warn=warnings.append)
    writer.metrics({"x": 1.0}, 0)
    disk.space = 0
    for step in range(1, 40):
        writer.metrics({"x": 1.0}, step)
    writer.metrics({"late": 1.0}, 40)
    assert writer._pending_bytes <= 200
    assert len(warnings) == 2
    assert "later records are lost" in warnings[1]
    disk.space = None
    writer.metrics({"late": 1.0}, 41)
    writer.close()
    contents = read_journal(writer.path)
    found = [step for _, step, _, _ in contents.metrics]
    kept = found.index(41)
    assert found == [*range(kept), 41]
    assert contents.metrics[-1][0] == "late"
    assert warnings[2] == f"{41 - kept} records could not be written and are lost"


def test_space_that_comes_back_while_memory_is_full_loses_nothing_more(
    project: Project, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    writer = open_writer(project)
    writer.metrics({"x": 1.0}, 0)
    disk.space = 0
    writer.metrics({"x": 1.0}, 1)
    monkeypatch.setattr(writer_module, "MAX_PENDING_BYTES", writer._pending_bytes)
    disk.space = None
    writer.metrics({"x": 1.0}, 2)
    writer.close()
    assert steps(writer.path) == [0, 1, 2]


def test_close_tells_what_is_lost_and_closes(project: Project, disk: Disk) -> None:
    warnings: list[str] = []
    writer = open_writer(project, warn=warnings.append)
    writer.metrics({"x": 1.0}, 0)
    disk.space = 0
    writer.metrics({"x": 1.0}, 1)
    writer.close()
    assert writer.closed
    assert warnings[-1] == "2 records could not be written and are lost"  # the point and the seal
    assert not writer_alive(writer.path)


def test_close_lets_go_of_the_journal_though_it_raises(project: Project, disk: Disk) -> None:
    writer = open_writer(project, on_error="raise")
    disk.space = 0
    with pytest.raises(DiskFullError):
        writer.close()
    assert writer.closed
    assert not writer_alive(writer.path)


def test_a_real_full_disk_loses_nothing(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 256) as disk:
        project = create_project(str(disk))
        warnings: list[str] = []
        writer = open_writer(project, warn=warnings.append)
        writer.metrics({"x": 1.0}, 0)
        filler = fill(disk)
        for step in range(1, 200):
            writer.metrics({"x": 1.0}, step)
        assert warnings
        assert read_journal(writer.path).gaps == []
        filler.unlink()
        writer.close()
        assert steps(writer.path) == list(range(200))


# ---------------------------------------------------------------------- threads and processes (failure case 6)


def test_threads_share_a_writer(project: Project) -> None:
    writer = open_writer(project)

    def log(thread: int) -> None:
        for step in range(300):
            writer.metrics({f"t{thread}": 1.0, f"s{step % 7}": 2.0} if step % 3 else {f"t{thread}": 1.0}, step)

    threads = [threading.Thread(target=log, args=(i,)) for i in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    writer.close()
    contents = read_journal(writer.path)
    assert contents.gaps == []
    for i in range(6):
        assert [step for name, step, _, _ in contents.metrics if name == f"t{i}"] == list(range(300))
    times = [time_us for name, _, _, time_us in contents.metrics if name.startswith("t")]
    assert times == sorted(set(times))


def test_a_forked_child_lets_go_of_the_journal_without_unlocking_it(project: Project) -> None:
    script = """
import os, sys
from workbench.journal.writer import JournalWriter
from workbench.journal.liveness import writer_alive
from workbench.base.errors import StoreError
writer = JournalWriter(sys.argv[1], "a" * 32)
writer.metrics({"x": 1.0}, 0)
pid = os.fork()
if pid == 0:
    try:
        writer.metrics({"x": 9.0}, 9)
    except StoreError:
        own = JournalWriter(sys.argv[1], "a" * 32, role="worker")
        own.metrics({"x": 5.0}, 5)
        own.close()
        writer.close()
        os._exit(7)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 7
assert writer_alive(writer.path)
writer.metrics({"x": 1.0}, 1)
writer.close()
print(writer.path)
"""
    path = fork_script(project, script).strip()
    assert steps(path) == [0, 1]
    assert [steps(other) for other in journals_of(project.journal_dir, "a" * 32) if other != path] == [[5]]


def test_a_child_that_outlives_a_killed_parent_does_not_make_it_look_alive(project: Project) -> None:
    script = """
import os, signal, sys
from workbench.journal.writer import JournalWriter
from workbench.journal.liveness import writer_alive
read, write = os.pipe()
parent = os.fork()
if parent == 0:
    writer = JournalWriter(sys.argv[1], "a" * 32)
    child = os.fork()
    if child == 0:
        os.write(write, writer.path.encode())
        signal.pause()
    os.waitpid(child, 0)
path = os.read(read, 4096).decode()
assert writer_alive(path)
os.kill(parent, signal.SIGKILL)
os.waitpid(parent, 0)
assert not writer_alive(path)
os.killpg(0, signal.SIGTERM) if os.getpgrp() == os.getpid() else None
"""
    done = subprocess.run(
        [sys.executable, "-c", script, project.journal_dir], timeout=60, start_new_session=True, capture_output=True
    )
    assert done.returncode == -15, done.stderr.decode()


def test_a_fork_while_threads_are_logging_does_not_hang_the_child(project: Project) -> None:
    script = """
import os, sys, threading
from workbench.base.errors import StoreError
from workbench.journal.writer import JournalWriter
writer = JournalWriter(sys.argv[1], "a" * 32)
stop = threading.Event()
def log():
    step = 0
    while not stop.is_set():
        writer.metrics({"x": 1.0}, step)
        step += 1
thread = threading.Thread(target=log)
thread.start()
for round in range(20):
    with writer._lock if round == 0 else threading.Lock():  # once certainly while the lock is held
        pid = os.fork()
        if pid == 0:
            stop.set()
            other = threading.Thread(target=writer.close)  # another thread: the lock is not its own
            other.start()
            other.join(20)
            os._exit(0 if not other.is_alive() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
stop.set()
thread.join()
writer.close()
print(writer.path)
"""
    path = fork_script(project, script).strip()
    contents = read_journal(path)
    assert contents.gaps == []
    assert steps(path) == list(range(len(contents.metrics)))


def test_a_spawned_process_does_not_inherit_the_journal(project: Project) -> None:
    writer = open_writer(project)
    with subprocess.Popen(
        [sys.executable, "-c", "import sys; print(1, flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, close_fds=False,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        process.stdout.readline()
        writer.close()
        assert not writer_alive(writer.path)


def test_a_signal_handler_may_log_while_a_call_is_under_way(project: Project) -> None:
    writer = open_writer(project)
    with writer._lock:
        writer.metrics({"x": 1.0}, 0)
        writer.close()
    assert steps(writer.path) == [0]
