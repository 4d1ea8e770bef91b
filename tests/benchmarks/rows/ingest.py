"""From journals to rows that can be queried, and how large the DuckDB file is then."""

from __future__ import annotations

import random
import shutil
import statistics
from pathlib import Path

from tests.benchmarks.harness import Context, Row, interleaved, seconds
from tests.benchmarks.peer import run_metrics, run_params
from workbench.base.ids import new_run_id
from workbench.base.project import Project, create_project
from workbench.journal.writer import JournalWriter

POINTS = 2_000_000
POINTS_PER_RUN = 100_000
POINTS_PER_S = 500_000
SMALL_RUNS = 5_000
SMALL_RUNS_S = 1.0
MB_PER_MILLION = 12


def measure(context: Context) -> list[Row]:
    """Three rows: the rate of long runs, the time of many small runs, the size."""
    points, runs = context.size(POINTS, 1000), context.size(SMALL_RUNS, 10)
    long_project = create_project(str(context.make_folder("long")))
    rng = random.Random(0)
    for first in range(0, points, POINTS_PER_RUN):
        _long_run(long_project, min(POINTS_PER_RUN, points - first), rng)
    small_project = create_project(str(context.make_folder("small")))
    for _ in range(runs):
        _small_run(small_project, rng)
    sizes: list[int] = []
    long_s, small_s = interleaved(
        min(3, context.repetitions),
        lambda: _ingest(context, long_project, points, sizes),
        lambda: _ingest(context, small_project, runs * 10, []),
    )
    rate = points / statistics.median(long_s)
    small_taken_s = statistics.median(small_s)
    mb_per_million = statistics.median(sizes) / points
    return [
        Row(
            f"{points:,} points from journals to queryable rows, end to end",
            f"{rate:,.0f} points/s",
            f"≥ {POINTS_PER_S:,}/s",
            "",
            rate >= POINTS_PER_S,
            {"points_per_s": rate},
        ),
        Row(
            f"{runs:,} small runs (10 parameters, 10 metrics) from journals to rows",
            f"{small_taken_s:.2f} s",
            f"≤ {SMALL_RUNS_S:g} s",
            "",
            small_taken_s <= SMALL_RUNS_S,
            {"taken_s": small_taken_s},
        ),
        Row(
            "DuckDB file for each million points (noisy values, jittered times)",
            f"{mb_per_million:.1f} MB",
            f"≤ {MB_PER_MILLION} MB",
            "",
            mb_per_million <= MB_PER_MILLION,
            {"mb_per_million_points": mb_per_million},
        ),
    ]


def _ingest(context: Context, project: Project, points: int, sizes: list[int]) -> float:
    """Seconds from journals that no store has seen to the answer of a query; appends the size of the file."""
    from workbench.store.store import Store

    copy = context.folder / "copy"
    shutil.copytree(project.root, copy)
    try:
        store = Store(Project(str(copy)))

        def ask() -> None:
            with store.reading() as db:
                [(found,)] = db.execute("SELECT count(*) FROM metric").fetchall()
            assert found == points, f"{found} of {points} points"

        taken_s = seconds(ask)
        sizes.append(store.size_bytes())
    finally:
        shutil.rmtree(copy)
    return taken_s


def _long_run(project: Project, points: int, rng: random.Random) -> None:
    writer = _begun(project)
    time_us = 1_790_000_000_000_000
    for step in range(points):
        time_us += rng.randrange(900, 1100)
        writer.metrics({"loss": rng.gauss(0, 1)}, step, time_us)
    _ended(writer)


def _small_run(project: Project, rng: random.Random) -> None:
    writer = _begun(project)
    writer.events([{"e": "param", "name": name, "value": value} for name, value in run_params(rng, 10).items()])
    writer.metrics(run_metrics(rng, 10), 0)
    _ended(writer)


def _begun(project: Project) -> JournalWriter:
    run_id = new_run_id()
    writer = JournalWriter(project.journal_dir, run_id, durability="process")
    start: dict[str, object] = {
        "e": "start", "experiment": "benchmark", "name": run_id[:8], "parent": None, "resumed": False, "user": "ada",
        "host": "here", "command": ["train.py"], "cwd": str(Path.cwd()), "python": "3.11",
    }  # fmt: skip
    writer.events([start])
    return writer


def _ended(writer: JournalWriter) -> None:
    writer.event("end", status="finished", exit_code=0, error=None)
    writer.close()
