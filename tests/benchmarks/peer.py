"""MLflow on SQLite, the peer: a database of its own in a folder, filled through its API or, for bulk, directly."""

from __future__ import annotations

import logging
import os
import random
import sqlite3
import uuid
from pathlib import Path
from typing import Any

MODELS = ("gbm", "forest", "linear", "mlp")


class MlflowPeer:
    """An MLflow tracking database.

    Attributes:
        client: an `MlflowClient` on it.
        experiment_id: of the one experiment that is used.
    """

    def __init__(self, folder: Path) -> None:
        os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
        import mlflow

        logging.getLogger("mlflow").setLevel(logging.ERROR)
        logging.getLogger("alembic").setLevel(logging.ERROR)
        self.mlflow: Any = mlflow
        self._path = folder / "mlflow.db"
        mlflow.set_tracking_uri(f"sqlite:///{self._path}")
        self.client: Any = mlflow.MlflowClient()
        self.experiment_id: str = self.client.create_experiment(
            "benchmark", artifact_location=str(folder / "artifacts")
        )

    def new_run(self) -> str:
        """The id of a new run."""
        run_id: str = self.client.create_run(self.experiment_id).info.run_id
        return run_id

    def insert_runs(self, count: int, params: int, metrics: int) -> None:
        """Put finished runs into the tables directly: through the API 5,000 of them take minutes."""
        rng = random.Random(0)
        template = self.new_run()
        with sqlite3.connect(self._path) as db:
            columns = [row[1] for row in db.execute("PRAGMA table_info(runs)")]
            values = dict(
                zip(columns, db.execute("SELECT * FROM runs WHERE run_uuid = ?", [template]).fetchone(), strict=True)
            )
            marks = ", ".join("?" * len(columns))
            for number in range(count):
                run_id = uuid.UUID(int=rng.getrandbits(128)).hex
                changed = {
                    "run_uuid": run_id,
                    "name": f"run-{number}",
                    "status": "FINISHED",
                    "end_time": values["start_time"],
                }
                db.execute(f"INSERT INTO runs VALUES ({marks})", list({**values, **changed}.values()))
                for name, param in run_params(rng, params).items():
                    db.execute("INSERT INTO params (key, value, run_uuid) VALUES (?, ?, ?)", [name, str(param), run_id])
                for name, metric in run_metrics(rng, metrics).items():
                    row = [name, metric, values["start_time"], run_id]
                    insert = "(key, value, timestamp, run_uuid, step, is_nan) VALUES (?, ?, ?, ?, 0, 0)"
                    db.execute(f"INSERT INTO metrics {insert}", row)
                    db.execute(f"INSERT INTO latest_metrics {insert}", row)
        db.close()


def run_params(rng: random.Random, count: int) -> dict[str, float | str]:
    """Parameters of a run: one choice of model, the others numbers."""
    return {"model": rng.choice(MODELS), **{f"p{n}": round(rng.random(), 4) for n in range(count - 1)}}


def run_metrics(rng: random.Random, count: int) -> dict[str, float]:
    """Metrics of a run, `auc` the first of them."""
    return {"auc": rng.random(), **{f"m{n}": rng.random() for n in range(count - 1)}}
