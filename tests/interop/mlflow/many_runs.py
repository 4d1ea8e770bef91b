"""Many runs in an MLflow database, put into its tables directly: through the API millions of points take hours."""

from __future__ import annotations

import random
import sqlite3
import uuid
from collections.abc import Iterator
from pathlib import Path

from tests.interop.mlflow.sources import client_of

START_MS = 1_700_000_000_000


def insert_runs(path: Path, *, runs: int, metrics: int, points: int) -> None:
    """Make a database at `path` with finished runs, each with ten parameters and two tags."""
    client = client_of(f"sqlite:///{path}")
    experiment = client.create_experiment("big", artifact_location=str(path.parent / "files"))
    template = client.create_run(experiment).info.run_id
    rng = random.Random(0)
    ids = [uuid.UUID(int=rng.getrandbits(128)).hex for _ in range(runs)]
    db = sqlite3.connect(path)
    columns = [row[1] for row in db.execute("PRAGMA table_info(runs)")]
    row = dict(zip(columns, db.execute("SELECT * FROM runs WHERE run_uuid = ?", [template]).fetchone(), strict=True))
    db.execute("DELETE FROM tags")
    db.execute("DELETE FROM runs")
    marks = ", ".join("?" * len(columns))
    db.executemany(
        f"INSERT INTO runs VALUES ({marks})",
        (
            list(
                {
                    **row,
                    "run_uuid": run_id,
                    "name": f"run-{number}",
                    "status": "FINISHED",
                    "start_time": START_MS + number,
                    "end_time": START_MS + 900_000 + number,
                    "artifact_uri": f"{path.parent}/files/{run_id}/artifacts",
                }.values()
            )
            for number, run_id in enumerate(ids)
        ),
    )
    db.executemany(
        "INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)",
        ((f"p{number}", str(rng.random()), run_id) for run_id in ids for number in range(10)),
    )
    db.executemany(
        "INSERT INTO tags (key, value, run_uuid) VALUES (?, ?, ?)",
        (
            (key, value, run_id)
            for number, run_id in enumerate(ids)
            for key, value in (("mlflow.runName", f"run-{number}"), ("kind", "large"))
        ),
    )

    def rows() -> Iterator[tuple[str, float, int, str, int]]:
        for run_id in ids:
            for metric in range(metrics):
                for step in range(points):
                    yield f"m{metric:02d}", rng.random(), START_MS + step * 1000, run_id, step

    db.executemany(
        "INSERT INTO metrics (key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, ?, 0)", rows()
    )
    db.commit()
    db.close()
