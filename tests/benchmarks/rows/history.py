"""The whole history of one metric, as a program reads it."""

from __future__ import annotations

import statistics

import workbench
from tests.benchmarks.harness import Context, Row, interleaved, median_ratio, seconds
from tests.benchmarks.peer import MlflowPeer
from workbench.base.project import Project

POINTS = 100_000
TIMES_PEER = 30


def measure(context: Context) -> list[Row]:
    """One row."""
    from workbench.store.metrics import history
    from workbench.store.store import Store

    points = context.size(POINTS, 200)
    folder = context.make_folder("history")
    with workbench.start_run(
        project=str(folder), capture=False, capture_output=False, system_metrics=False, on_error="raise"
    ) as run:
        for step in range(points):
            run.log({"loss": 1 / (step + 1)}, step=step)
    store = Store(Project(str(folder)))
    store.ingest()
    peer = MlflowPeer(context.make_folder("history-peer"))
    peer_run = peer.new_run()
    metric = peer.mlflow.entities.Metric
    for first in range(0, points, 1000):
        batch = [metric("loss", 1 / (step + 1), step, step) for step in range(first, min(points, first + 1000))]
        peer.client.log_batch(peer_run, metrics=batch)

    def ours() -> float:
        def read() -> None:
            with store.reading() as db:
                assert len(history(db, [run.run_id], ["loss"])[run.run_id]["loss"]) == points

        return seconds(read)

    def theirs() -> float:
        def read() -> None:
            assert len(peer.client.get_metric_history(peer_run, "loss")) == points

        return seconds(read)

    ours(), theirs()
    ours_s, theirs_s = interleaved(context.repetitions, ours, theirs)
    ratio = median_ratio(theirs_s, ours_s)
    numbers = {"history_ms": statistics.median(ours_s) * 1e3, "mlflow_history_ms": statistics.median(theirs_s) * 1e3}
    return [
        Row(
            f"history of {points:,} points as Python objects",
            f"{ratio:.0f}x faster ({numbers['history_ms']:.0f} ms)",
            f"≥ {TIMES_PEER}x",
            f"MLflow on SQLite: {numbers['mlflow_history_ms']:,.0f} ms",
            ratio >= TIMES_PEER,
            {**numbers, "ratio": ratio},
        )
    ]
