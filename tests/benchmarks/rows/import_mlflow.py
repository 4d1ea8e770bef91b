"""Importing an MLflow database: every point of every metric, through journals into the store."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from pathlib import Path

from tests.benchmarks.harness import Context, Row, seconds, workbench_command
from tests.interop.mlflow.many_runs import insert_runs
from workbench.base.project import create_project

RUNS, METRICS, POINTS = 5000, 20, 100
TARGET_S = 60.0


def measure(context: Context) -> list[Row]:
    """Import once and again, beside reading the same points from the database and doing nothing with them."""
    runs = context.size(RUNS, 5)
    folder = context.make_folder("import-mlflow")
    insert_runs(folder / "mlflow.db", runs=runs, metrics=METRICS, points=POINTS)
    create_project(str(folder))
    read_s = seconds(lambda: _read(folder / "mlflow.db"))
    first_s = seconds(lambda: _import(folder))
    again_s = seconds(lambda: _import(folder))
    total = runs * METRICS * POINTS
    return [
        Row(
            f"import {runs:,} runs x {METRICS} metrics x {POINTS} points from MLflow's SQLite ({total:,} points)",
            f"{first_s:.1f} s",
            f"≤ {TARGET_S:.0f} s",
            f"reading them with sqlite3 alone: {read_s:.1f} s",
            first_s <= TARGET_S,
            {"first_s": first_s, "read_s": read_s, "points": float(total)},
        ),
        Row(
            "import the same again, with nothing new",
            f"{again_s:.1f} s",
            "≤ ¼ of the first",
            "",
            again_s <= max(first_s / 4, 3.0),
            {"again_s": again_s, "first_s": first_s},
        ),
    ]


def _read(path: Path) -> None:
    db = sqlite3.connect(path)
    for _ in db.execute("SELECT run_uuid, key, step, value, timestamp, is_nan FROM metrics"):
        pass
    db.close()


def _import(folder: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WORKBENCH_")}
    command = [*workbench_command(), "import", "mlflow", "sqlite:///mlflow.db"]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
