"""Eight processes that log at once while a reader polls: nothing is lost, doubled or held up."""

from __future__ import annotations

import multiprocessing
import time
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import workbench
from tests.benchmarks.harness import Context, Row

WRITERS = 8
POINTS = 20_000
READER_HZ = 20
MAX_CALL_MS = 250


def measure(context: Context) -> list[Row]:
    """One row."""
    from workbench.base.project import create_project
    from workbench.store.store import Store

    points = context.size(POINTS, 50)
    project = create_project(str(context.make_folder("contention")))
    processes = multiprocessing.get_context("spawn")
    go, results = processes.Event(), processes.Queue()
    writers = [processes.Process(target=_write, args=(project.root, points, go, results)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    for _ in writers:
        assert results.get(timeout=120) == "ready"
    store = Store(project)
    visits: list[float] = []
    go.set()
    while any(writer.is_alive() for writer in writers):
        start = time.perf_counter()
        with store.reading() as db:
            db.execute("SELECT count(*) FROM metric").fetchall()
        visits.append(time.perf_counter() - start)
        time.sleep(max(0.0, 1 / READER_HZ - visits[-1]))
    outcomes: list[dict[str, Any]] = [results.get(timeout=120) for _ in writers]
    for writer in writers:
        writer.join()
    with store.reading() as db:
        rows = db.execute(
            """
            SELECT r.uid, count(*), count(DISTINCT m.step), min(m.step), max(m.step), bool_and(m.value = m.step / 7)
            FROM metric m JOIN run r USING (run_id) GROUP BY r.uid
            """
        ).fetchall()
    whole = {(points, points, 0, points - 1, True)}
    exactly_once = len(rows) == WRITERS and {row[1:] for row in rows} == whole
    errors = sum(outcome["error"] is not None for outcome in outcomes)
    slowest_ms = max(outcome["slowest_ms"] for outcome in outcomes)
    rate = sum(points / outcome["taken_s"] for outcome in outcomes)
    return [
        Row(
            f"{WRITERS} processes x {points:,} points at once, a reader polling at {READER_HZ} Hz",
            f"{'every point once' if exactly_once else 'POINTS MISSING OR DOUBLE'}, {errors} errors, "
            f"slowest call {slowest_ms:.0f} ms, {rate:,.0f} points/s",
            f"every point once, no error, no call over {MAX_CALL_MS} ms",
            "",
            exactly_once and errors == 0 and slowest_ms <= MAX_CALL_MS,
            {
                "slowest_call_ms": slowest_ms,
                "points_per_s": rate,
                "errors": errors,
                "visits": len(visits),
                "slowest_visit_ms": max(visits, default=0) * 1e3,
            },
        )
    ]


def _write(root: str | Path, points: int, go: Event, results: Any) -> None:
    """One writing process."""
    error = None
    slowest_s = 0.0
    started = time.perf_counter()
    try:
        run = workbench.start_run(
            project=str(root), capture=False, capture_output=False, system_metrics=False, on_error="raise"
        )
        results.put("ready")
        go.wait()
        started = time.perf_counter()
        for step in range(points):
            before = time.perf_counter()
            run.log({"loss": step / 7}, step=step)
            slowest_s = max(slowest_s, time.perf_counter() - before)
        taken_s = time.perf_counter() - started
        run.end()
    except Exception as problem:
        error = repr(problem)
        taken_s = time.perf_counter() - started
    results.put({"error": error, "slowest_ms": slowest_s * 1e3, "taken_s": taken_s})
