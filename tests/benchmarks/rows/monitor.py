"""A run of a monitor over the prediction log of ten days."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.benchmarks.harness import Context, Row
from tests.benchmarks.rows.drift import timed_run

ROWS, DAYS, FILES, NUMBERS = 1_000_000, 10, 4, 8
LIMIT_S = 5.0
MOVED_DAY = 6
FIRST = datetime(2026, 11, 1, tzinfo=UTC)


def measure(context: Context) -> list[Row]:
    """A million rows of ten features as JSON lines, of which one feature moves on one day, from start to end."""
    taken, peaks, found, size_mb = [], [], {}, 0.0
    rows = context.size(ROWS, 4000)
    logs = context.make_folder("monitor-log")
    size_mb = write_log(logs / "fraud", rows) / 1e6
    for repetition in range(context.repetitions):
        folder = context.make_folder(f"monitor-{repetition}")
        write_reference(folder / "train.parquet")
        timed_run(folder, "init")
        (folder / ".workbench" / "predictions").symlink_to(logs)
        timed_run(folder, "monitor", "add", "fraud", "--source", "deployment:fraud", "-r", "train.parquet")
        until = f"{FIRST + timedelta(days=DAYS, hours=2):%Y-%m-%dT%H:%M}"
        taken_s, peak_mb, out = timed_run(folder, "monitor", "run", "--json", "--until", until)
        taken.append(taken_s)
        peaks.append(peak_mb)
        found = {one["window"]: one["drifted_columns"] for one in json.loads(out)[0]["results"]}
    moved = {f"{FIRST + timedelta(days=day):%Y-%m-%d}": ["f0"] * (day == MOVED_DAY) for day in range(DAYS)}
    taken_s, peak_mb = sorted(taken)[len(taken) // 2], max(peaks)
    told = "exactly what moved" if found == moved else f"MISSING or too much: {found}"
    return [
        Row(
            f"monitor run over {rows:,} rows x {NUMBERS + 2} columns of prediction log, {size_mb:,.0f} MB of JSONL",
            f"{taken_s:.2f} s, {peak_mb:,.0f} MB, {DAYS} windows, {told}",
            f"≤ {LIMIT_S:.0f} s",
            "",
            found == moved and taken_s <= LIMIT_S,
            {"taken_s": taken_s, "peak_mb": peak_mb},
        )
    ]


def write_log(folder: Path, rows: int) -> int:
    """The log of a deployment as the server writes it; returns its size in bytes."""
    import numpy as np

    random = np.random.default_rng(0)
    size_bytes = 0
    each = rows // DAYS // FILES
    for day in range(DAYS):
        place = folder / "fraud" / "v3" / f"dt={FIRST + timedelta(days=day):%Y-%m-%d}"
        place.mkdir(parents=True)
        for part in range(FILES):
            start = FIRST + timedelta(days=day, hours=24 * part / FILES)
            numbers = random.normal(size=(each, NUMBERS))
            numbers[:, 0] += 0.5 * (day == MOVED_DAY)
            shops, visits = random.choice(["a", "b", "c"], each).tolist(), random.poisson(5, each).tolist()
            scores = random.random(each).tolist()
            path = place / f"pred-{int(start.timestamp() * 1000)}-host-1.jsonl"
            step = timedelta(hours=24 / FILES) / max(1, each)
            with open(path, "w", encoding="utf-8") as file:
                for row, values in enumerate(numbers.tolist()):
                    named = {f"f{i}": one for i, one in enumerate(values)}
                    line = {
                        "v": 1, "ts": f"{start + step * row:%Y-%m-%dT%H:%M:%S.%f}Z", "rid": f"{day}-{part}-{row}",
                        "row": 0, "model": "fraud", "version": "3", "digest": f"sha256:{'ab' * 32}", "ms": 0.52,
                        "status": 200, "w": 1.0,
                        "x": {**named, "shop": shops[row], "visits": visits[row]},
                        "y": int(scores[row] > 0.5), "score": [1 - scores[row], scores[row]],
                    }  # fmt: skip
                    file.write(json.dumps(line, separators=(",", ":")) + "\n")
            size_bytes += path.stat().st_size
    return size_bytes


def write_reference(path: Path) -> None:
    """Training data of the same features, before any of them moved."""
    import numpy as np
    import polars as pl

    random = np.random.default_rng(1)
    rows = 20_000
    numbers = {f"f{i}": random.normal(size=rows) for i in range(NUMBERS)}
    others = {"shop": random.choice(["a", "b", "c"], rows), "visits": random.poisson(5, rows)}
    pl.DataFrame({**numbers, **others, "label": random.integers(0, 2, rows)}).write_parquet(path)
