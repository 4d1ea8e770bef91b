"""Drift of a million rows and of a hundred million, beside Evidently; and a reference that was stored once."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from pathlib import Path

from tests.benchmarks.harness import Context, Row, interleaved, median_ratio, workbench_command

ROWS, COLUMNS = 1_000_000, 20
LIMIT_S, LIMIT_MB = 3.0, 350
PEER_RATIO = 20
STORED_RATIO = 0.6
LONG_ROWS, LONG_COLUMNS, PARTS = 100_000_000, 10, 20
LONG_LIMIT_MB = 2048
LINEAR = 1.3
"""Four times the rows may take so much more than four times as long."""
PEER = "WORKBENCH_TEST_EVIDENTLY"
VALUES = (3, 5, 10, 50, 1000)
MOVED = {"n00", "n01", "n03", "c0", "c2"}


def measure(context: Context) -> list[Row]:
    """A million rows by twenty columns, with what has moved and what has not."""
    folder = context.make_folder("drift")
    rows = context.size(ROWS, 2000)
    for name, moved in (("reference", False), ("current", True)):
        write_table(folder / f"{name}.parquet", rows, COLUMNS, moved=moved)
    found = json.loads(timed_run(folder, *_check("reference.parquet"), "--json")[2])
    timed_run(folder, "drift", "baseline", "reference.parquet", "-o", "stored.json")
    runs: list[tuple[float, float]] = []

    def file_s() -> float:
        taken_s, peak_mb, _ = timed_run(folder, *_check("reference.parquet"))
        runs.append((taken_s, peak_mb))
        return taken_s

    [plain] = interleaved(context.repetitions, file_s)
    whole, stored = interleaved(
        context.repetitions, lambda: _compare_s(folder, "reference.parquet"), lambda: _compare_s(folder, "stored.json")
    )
    taken_s, peak_mb = statistics.median(plain), max(peak for _, peak in runs)
    peer_s, peer_mb = _evidently(folder)
    right = set(found["drifted_columns"]) == MOVED
    told = "exactly what moved" if right else f"MISSING or too much: {found['drifted_columns']}"
    peer = f"Evidently's DataDriftPreset: {peer_s:.1f} s, {peer_mb:,.0f} MB" if peer_s else f"{PEER} names no Python"
    ratio = median_ratio(stored, whole)
    return [
        Row(
            f"drift of {rows:,} rows x {COLUMNS} columns against as many, Parquet, the whole command",
            f"{taken_s:.2f} s, {peak_mb:.0f} MB, {told}",
            f"≤ {LIMIT_S:.0f} s, ≤ {LIMIT_MB} MB, Evidently ≥ {PEER_RATIO}x slower",
            peer,
            right and taken_s <= LIMIT_S and peak_mb <= LIMIT_MB and (not peer_s or peer_s / taken_s >= PEER_RATIO),
            {"taken_s": taken_s, "peak_mb": peak_mb, "peer_s": peer_s, "peer_mb": peer_mb},
        ),
        Row(
            "the same against a stored baseline, without the start of the program",
            f"{ratio:.2f}x of the time",
            f"≤ {STORED_RATIO}x",
            "",
            ratio <= STORED_RATIO,
            {"ratio": ratio, "stored_s": statistics.median(stored)},
        ),
    ]


def measure_long(context: Context) -> list[Row]:
    """A hundred million rows by ten columns, as twenty files that are links to one, and a quarter of them."""
    folder = context.make_folder("drift-long")
    part = context.size(LONG_ROWS, 20_000) // PARTS
    for side, moved in (("reference", False), ("current", True)):
        write_table(folder / f"{side}.parquet", part, LONG_COLUMNS, moved=moved)
        for name, parts in (("quarter", PARTS // 4), ("whole", PARTS)):
            links = folder / name / side
            links.mkdir(parents=True)
            for number in range(parts):
                os.link(folder / f"{side}.parquet", links / f"{number:02}.parquet")
    figures = {
        name: timed_run(folder, "drift", "check", "-r", f"{name}/reference", "--current", f"{name}/current")
        for name in ("quarter", "whole")
    }
    (quarter_s, *_), (whole_s, peak_mb, _) = figures["quarter"], figures["whole"]
    growth = whole_s / quarter_s / 4
    return [
        Row(
            f"drift of {part * PARTS:,} rows x {LONG_COLUMNS} columns against as many, streamed",
            f"{whole_s:.0f} s, {peak_mb:,.0f} MB; {growth:.2f}x a quarter of the rows, per row",
            f"≤ {LONG_LIMIT_MB:,} MB, ≤ {LINEAR}x",
            "",
            peak_mb <= LONG_LIMIT_MB and growth <= LINEAR,
            {"whole_s": whole_s, "quarter_s": quarter_s, "peak_mb": peak_mb},
        )
    ]


def write_table(path: Path, rows: int, columns: int, *, moved: bool) -> None:
    """Numbers (bell-shaped and skewed, one with gaps) and texts of 3 to 1,000 values; some have moved."""
    import numpy as np
    import polars as pl

    random = np.random.default_rng(int(moved))
    data: dict[str, pl.Series] = {}
    texts = min(len(VALUES), columns // 4)
    for number in range(columns - texts):
        values = random.normal(size=rows) if number % 3 else random.lognormal(size=rows)
        if moved:
            values = {0: values + 1.1, 1: values * 1.6, 3: values + 40}.get(number, values)
        series = pl.Series(values)
        data[f"n{number:02}"] = series.set(pl.Series(random.random(rows) < 0.05), None) if number == 5 else series
    for number, count in enumerate(VALUES[:texts]):
        weights = 1 / np.arange(1, count + 1)
        weights = weights[::-1] if moved and number in (0, 2) else weights
        places = np.searchsorted(np.cumsum(weights / weights.sum()), random.random(rows)).clip(max=count - 1)
        data[f"c{number}"] = pl.Series([f"value{i}" for i in range(count)]).gather(places)
    pl.DataFrame(data).write_parquet(path)


def _compare_s(folder: Path, reference: str) -> float:
    """Seconds of opening both sides and comparing them, in a process of its own."""
    program = (
        "import sys, time\n"
        "from workbench.drift.check import check\n"
        "from workbench.drift.references import find_current, find_reference\n"
        "start = time.perf_counter()\n"
        "reference = find_reference(sys.argv[1], None, None).reference\n"
        "check(reference, find_current('current.parquet', None, None))\n"
        "print(time.perf_counter() - start)\n"
    )
    command = [sys.executable, "-c", program, reference]
    return float(subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True).stdout)


def _check(reference: str) -> list[str]:
    return ["drift", "check", "-r", reference, "--current", "current.parquet"]


def timed_run(folder: Path, *words: str) -> tuple[float, float, str]:
    """Seconds, peak memory in MB and output of one command."""
    return _timed([*workbench_command(), *words], folder)


def _timed(command: list[str], folder: Path) -> tuple[float, float, str]:
    program = (
        "import json, resource, subprocess, sys, time\n"
        "start = time.perf_counter()\n"
        "done = subprocess.run(json.loads(sys.argv[1]), capture_output=True, text=True)\n"
        "taken = time.perf_counter() - start\n"
        "peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss\n"
        "print(json.dumps([done.returncode, taken, peak, done.stdout, done.stderr]))\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    answer = subprocess.run(
        [sys.executable, "-c", program, json.dumps(command)],
        cwd=folder, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    status, taken_s, peak, out, err = json.loads(answer.stdout)
    assert status == 0, err
    return taken_s, peak / (1024 * 1024 if sys.platform == "darwin" else 1024) * 1.048576, out


def _evidently(folder: Path) -> tuple[float, float]:
    """Seconds and peak memory in MB of Evidently on the same files; zeros where it is not installed."""
    python = os.environ.get(PEER)
    if not python:
        return 0.0, 0.0
    from tests.drift import evidently_runner

    pair = folder / "peer"
    pair.mkdir()
    for side in ("reference", "current"):
        os.link(folder / f"{side}.parquet", pair / f"t.{side}.parquet")
    return _timed([python, str(evidently_runner.__file__), str(pair)], folder)[:2]
