"""Kills of real processes, and where every failure case of the store is tested.

| case | what happens | where |
|---|---|---|
| 1 | `kill -9` of ingester and writers | here: `test_kills_leave_every_acknowledged_point_once` |
| 2 | disk full under a journal | journal/test_writer.py: `test_a_full_disk_keeps`, `test_a_real_full_disk` |
| 2 | disk full under DuckDB | test_store.py: `test_a_commit_on_a_full_disk`, `test_a_full_disk_at_the_commit` |
| 2 | disk full when files are made | test_store.py: `test_a_store_that_cannot_be`, `test_a_rebuild_that_lacks` |
| 2 | disk full under a segment | test_pack.py: `test_a_full_disk_removes_no_journal` |
| 3 | truncation at every byte | test_ingest.py: `test_a_journal_cut_at_any_byte` |
| 4 | bit flips and runs of NUL | test_ingest.py: `test_bit_flips_and_nul_runs`, `test_a_gap_is_settled` |
| 4 | the same, byte by byte | journal/test_block.py: `test_a_flipped_bit`, `test_a_run_of_nul_bytes` |
| 5 | half a block of a living writer | test_ingest.py: `test_half_a_block_of_a_living_writer` |
| 6 | fork | journal/test_writer.py: `test_a_forked_child`, `test_a_child_that_outlives`, `test_a_fork_while` |
| 6 | spawn and threads | journal/test_writer.py: `test_a_spawned_process`, `test_threads_share_a_writer` |
| 7 | many at once | here: `test_ingesters_readers_and_writers` |
| 8 | another program holds the file | test_store.py: `test_a_file_that_another_program_holds`, `test_the_first_visit` |
| 9 | our code never opens the file | test_store.py: `test_python_never_opens_the_file` |
| 10 | rebuild equals incremental | test_ingest.py: `test_a_rebuild_is_what_many_visits_made` |
| 11 | union of two stores | test_merge.py: `test_a_union_is_the_same_in_both_orders` |
| 12 | the clock jumps back | test_ingest.py: `test_a_clock_that_jumps_back` |
| 12 | the same, in a journal | journal/test_writer.py: `test_times_increase` |
| 13 | strange values | test_ingest.py: `test_any_name_and_any_value`, `test_a_hundred_thousand_names` |
| 14 | a read-only folder | test_location.py: `test_a_read_only_project`, `test_a_project_and_a_home` |
| 14 | a missing folder | test_store.py: `test_a_project_without_its_folders`, `test_a_missing_project` |
| 14 | an empty or foreign file | test_store.py: `test_a_file_that_is_no_database`, `test_a_database_of_someone_else` |
| 14 | newer, older, broken | test_store.py: `test_a_newer_schema`, `test_an_older_schema`, `test_broken_settings` |
| 15 | the log of a killed visit | test_store.py: `test_the_log_of_a_killed_visit_is_replayed` |
| 16 | a journal shrinks and grows back | test_ingest.py: `test_a_journal_that_shrinks` |
| 17 | 10,000 live journals | test_ingest.py: `test_ten_thousand_live_journals` |
| 18 | the SDK imports little | ../test_import_hygiene.py: `test_` |
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import random
import re
import signal
import time
from collections.abc import Iterator
from multiprocessing.context import ForkServerContext
from multiprocessing.process import BaseProcess
from multiprocessing.queues import SimpleQueue
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest

from tests.store.journals import assert_summaries_recompute, journal_path
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal.block import scan
from workbench.journal.writer import JournalWriter
from workbench.store.store import Store

ROUNDS_PER_PROJECT = 10


@pytest.fixture(scope="module")
def processes() -> Iterator[ForkServerContext]:
    """Forks from a server that has everything imported and no threads: a process costs milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.store.test_crash"])
    yield context


def write_points(journal_dir: str, uid: str, acknowledged: ctypes.c_int64, stop: Event | None) -> None:
    """Log until killed or stopped, counting the steps that were acknowledged: a point of `x` and one of `y` each."""
    writer = JournalWriter(journal_dir, uid)
    writer.event("start", experiment="x", name="n")
    step = 0
    while stop is None or not stop.is_set():
        writer.metrics({"x": step * 0.5}, step)
        writer.metrics({"x": -1.0 * step, "y": 1.0} if step % 10 == 0 else {"y": 1.0}, step)
        step += 1
        acknowledged.value = step
        if step % 10 == 0:
            time.sleep(0.002)
    writer.event("end", status="finished")
    writer.close()


def ingest_for_ever(root: str, failures: SimpleQueue[str], stop: Event | None) -> None:
    try:
        store = Store(Project(root))
        while stop is None or not stop.is_set():
            store.ingest()
    except BaseException as error:
        failures.put(repr(error))
        raise


def read_for_ever(root: str, failures: SimpleQueue[str], stop: Event) -> None:
    """Visit again and again; what was seen once is never missing later."""
    try:
        store = Store(Project(root))
        seen = 0
        while not stop.is_set():
            with store.reading(wait_s=30.0) as db:
                [(points, summed)] = db.execute(
                    "SELECT (SELECT count(*) FROM metric), (SELECT coalesce(sum(n), 0) FROM metric_summary)"
                ).fetchall()
            assert points == summed
            assert points >= seen
            seen = points
        failures.put("".join(store.notices))
    except BaseException as error:
        failures.put(repr(error))
        raise


def points_of(lines: bytes) -> int:
    found = scan(lines, 0, writer_alive=True)
    assert found.gaps == []
    assert found.consumed == len(lines), "a recorded offset is a boundary of blocks"
    return sum(line.split(b"\t")[1] == b"" for line in lines.splitlines())


def assert_invariants(project: Project, uids: list[str]) -> None:
    """Rows are exactly the points up to the recorded offsets, none twice, and summaries are what the rows say."""
    with Store(project).reading(ingest=False) as db:
        rows = db.execute("SELECT name, off, run_id FROM journal").fetchall()
        for name, offset, run_id in rows:
            if name[:32] not in uids:
                continue
            with open(journal_path(project, name[:32]), "rb") as file:
                expected = points_of(file.read(offset))
            [(points,)] = db.execute("SELECT count(*) FROM metric WHERE run_id = ?", [run_id]).fetchall()
            assert points == expected
        assert (
            db.execute(
                "SELECT run_id, key_id, step, ts, count(*) FROM metric GROUP BY ALL HAVING count(*) > 1"
            ).fetchall()
            == []
        )
        assert_summaries_recompute(db)


def assert_all_acknowledged(project: Project, acknowledged: dict[str, int]) -> None:
    store = Store(project)
    with store.reading() as db:
        for uid, steps in acknowledged.items():
            rows = db.execute(
                "SELECT key, count(DISTINCT step) FILTER (WHERE step < $2) FROM metrics WHERE run_id = $1 GROUP BY key",
                [uid, steps],
            ).fetchall()
            assert steps == 0 or dict(rows) == {"x": steps, "y": steps}
            assert db.execute("SELECT status FROM runs WHERE run_id = ?", [uid]).fetchall() in ([("crashed",)], [])
        assert_summaries_recompute(db)
    assert store.notices == []


def shared_count(processes: ForkServerContext) -> ctypes.c_int64:
    """A number that outlives the process that counts it up."""
    count: ctypes.c_int64 = processes.Value(ctypes.c_int64, 0, lock=False)  # type: ignore[assignment]
    return count


def start(process: BaseProcess) -> BaseProcess:
    process.start()
    return process


def test_every_failure_case_is_tested_where_the_table_says() -> None:
    lines = [line.split(" | ") for line in (__doc__ or "").splitlines() if line[:3].strip("| ").isdigit()]
    assert {int(line[0].strip("| ")) for line in lines} == set(range(1, 19))
    for *_, where in lines:
        file, names = where.split(": ", 1)
        path = (
            Path(__file__)
            if file == "here"
            else Path(__file__).parents["/" in file and not file.startswith("..")] / file
        )
        for name in re.findall("`(test_.*?)`", names):
            assert f"\ndef {name}" in path.read_text(), (file, name)


def kill_rounds(processes: ForkServerContext, folder: Path, rounds: int, seed: int) -> None:
    chance = random.Random(seed)
    failures: SimpleQueue[str] = processes.SimpleQueue()
    acknowledged: dict[str, int] = {}
    project = create_project(str(folder))
    for number in range(rounds):
        if number % ROUNDS_PER_PROJECT == 0:
            assert_all_acknowledged(project, acknowledged)
            project, acknowledged = create_project(str(folder / str(number))), {}
        counts = {new_run_id(): shared_count(processes) for _ in range(2)}
        running = [start(processes.Process(target=ingest_for_ever, args=(project.root, failures, None)))]
        running += [
            start(processes.Process(target=write_points, args=(project.journal_dir, uid, count, None)))
            for uid, count in counts.items()
        ]
        time.sleep(chance.uniform(0.005, 0.350))
        for process in chance.sample(running, 3):
            assert process.pid is not None
            os.kill(process.pid, signal.SIGKILL)
        for process in running:
            process.join()
            assert process.exitcode == -signal.SIGKILL, failures.get()
        acknowledged |= {uid: count.value for uid, count in counts.items()}
        assert_invariants(project, list(counts))
    assert_all_acknowledged(project, acknowledged)


def test_kills_leave_every_acknowledged_point_once(processes: ForkServerContext, tmp_path: Path) -> None:
    """Failure case 1."""
    kill_rounds(processes, tmp_path, 60, 1)


@pytest.mark.slow
def test_five_hundred_kills_leave_every_acknowledged_point_once(processes: ForkServerContext, tmp_path: Path) -> None:
    """Failure case 1."""
    kill_rounds(processes, tmp_path, 500, 2)


def test_ingesters_readers_and_writers_do_not_get_into_each_others_way(
    processes: ForkServerContext, project: Project
) -> None:
    """Failure case 7."""
    stop = processes.Event()
    failures: SimpleQueue[str] = processes.SimpleQueue()
    counts = {new_run_id(): shared_count(processes) for _ in range(4)}
    writers = [
        start(processes.Process(target=write_points, args=(project.journal_dir, uid, count, stop)))
        for uid, count in counts.items()
    ]
    visitors = [start(processes.Process(target=ingest_for_ever, args=(project.root, failures, stop))) for _ in range(2)]
    visitors += [start(processes.Process(target=read_for_ever, args=(project.root, failures, stop))) for _ in range(4)]
    until = time.monotonic() + 1.5
    while time.monotonic() < until or min(count.value for count in counts.values()) <= 10:
        assert time.monotonic() < until + 60
        time.sleep(0.01)
    stop.set()
    for process in writers + visitors:
        process.join(60)
        assert process.exitcode == 0
    assert [failures.get() for _ in range(4)] == [""] * 4
    assert failures.empty()
    with Store(project).reading() as db:
        for uid, count in counts.items():
            rows = db.execute(
                "SELECT key, count(*), count(DISTINCT (step, value)) FROM metrics WHERE run_id = ? GROUP BY key", [uid]
            ).fetchall()
            steps = count.value
            assert steps > 10
            assert {row[0]: row[1] for row in rows} == {"x": steps + (steps + 9) // 10, "y": steps}
        assert db.execute("SELECT status, count(*) FROM runs GROUP BY ALL").fetchall() == [("finished", 4)]
        assert_summaries_recompute(db)
