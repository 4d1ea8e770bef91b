"""One metric logged, kill-safe on return, beside MLflow's `log_metric` and a bare `os.write` of the same bytes."""

from __future__ import annotations

import os
import statistics
from pathlib import Path

import workbench
from tests.benchmarks.harness import Context, Row, interleaved, median_ratio, seconds
from tests.benchmarks.peer import MlflowPeer

CALLS = 50_000
PEER_CALLS = 300
TIMES_PEER = 800
TIMES_WRITE = 8


def measure(context: Context) -> list[Row]:
    """Two rows: the rate against MLflow, the cost against the bare write."""
    calls, peer_calls = context.size(CALLS, 200), context.size(PEER_CALLS, 10)
    folder = context.make_folder("log")
    run = workbench.start_run(
        project=str(folder), capture=False, capture_output=False, system_metrics=False, on_error="raise"
    )
    run.log({"loss": 1.0}, step=0)
    peer = MlflowPeer(context.make_folder("log-peer"))
    peer.mlflow.set_experiment(experiment_id=peer.experiment_id)
    blocks = _blocks(folder, run, calls)
    descriptor = os.open(folder / "bare", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    step = 0

    def ours() -> float:
        nonlocal step
        log = run.log

        def loop() -> None:
            for number in range(step, step + calls):
                log({"loss": number / 7.0}, step=number)

        taken = seconds(loop)
        step += calls
        return taken / calls

    def bare() -> float:
        def loop() -> None:
            for block in blocks:
                os.write(descriptor, block)

        return seconds(loop) / len(blocks)

    def theirs() -> float:
        def loop() -> None:
            for number in range(peer_calls):
                peer.mlflow.log_metric("loss", number / 7.0, step=number)

        return seconds(loop) / peer_calls

    with peer.mlflow.start_run():
        peer.mlflow.log_metric("loss", 1.0, step=0)
        log_s, write_s, peer_s = interleaved(context.repetitions, ours, bare, theirs)
    run.end()
    os.close(descriptor)
    rate = median_ratio(peer_s, log_s)
    cost = median_ratio(log_s, write_s)
    numbers = {
        "log_us": statistics.median(log_s) * 1e6,
        "bare_write_us": statistics.median(write_s) * 1e6,
        "mlflow_log_metric_us": statistics.median(peer_s) * 1e6,
    }
    return [
        Row(
            "`run.log` of one metric, kill-safe on return, against `mlflow.log_metric`",
            f"{rate:,.0f}x the rate ({numbers['log_us']:.2f} µs)",
            f"≥ {TIMES_PEER}x",
            f"MLflow on SQLite: {numbers['mlflow_log_metric_us']:,.0f} µs",
            rate >= TIMES_PEER,
            {**numbers, "ratio": rate},
        ),
        Row(
            "the same against a bare `os.write` of the same bytes",
            f"{cost:.1f}x",
            f"≤ {TIMES_WRITE}x",
            f"`os.write`: {numbers['bare_write_us']:.2f} µs",
            cost <= TIMES_WRITE,
            {**numbers, "ratio": cost},
        ),
    ]


def _blocks(folder: Path, run: workbench.Run, count: int) -> list[bytes]:
    """The bytes of `count` records as the journal holds them."""
    for number in range(count):
        run.log({"loss": number / 7.0}, step=number)
    [path] = (folder / ".workbench/journal/live").glob(f"{run.run_id}.*.wbj")
    return [b"#" + block + b"\n" for block in path.read_bytes()[1:-1].split(b"\n#")][-count:]
