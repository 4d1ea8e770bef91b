"""The same MLflow code on MLflow's SQLite store and on ours: only the tracking URI differs."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable
from multiprocessing.synchronize import Event
from typing import Any

from tests.benchmarks.harness import Context, Row, interleaved, median_ratio, seconds
from tests.benchmarks.peer import MlflowPeer
from tests.benchmarks.rows.search import METRICS, PARAMS, filling
from tests.benchmarks.stores import fill_store

CALLS, PEER_CALLS = 5_000, 300
BATCH = 1_000
RUNS, FOUND = 5_000, 100
FILTER, ORDER = "metrics.auc < {} AND params.model = 'gbm'", ["metrics.auc DESC"]
LIMITS = [round(1 - 0.085 * number, 3) for number in range(11)]
"""Each asks for another page: a quarter of the runs fit, and `auc` is spread evenly, so that 0.08 holds 100 of them."""
REST_S = 3
HISTORY = 100_000
WRITERS, WRITER_CALLS, PEER_WRITER_CALLS = 8, 4_000, 60
TIMES = {"log_metric": 20, "log_batch": 10, "search_runs": 15, "history": 10, "processes": 50}


class _Sides:
    """Both stores in this process.

    Attributes:
        ours, theirs: tracking URIs.
        peer: MLflow on SQLite.
    """

    def __init__(self, context: Context) -> None:
        self.peer = MlflowPeer(context.make_folder("mlflow-peer"))
        self.theirs = self.peer.mlflow.get_tracking_uri()
        self.ours = f"workbench://{context.make_folder('mlflow-ours')}"

    def client(self, uri: str) -> Any:
        return self.peer.mlflow.MlflowClient(uri)

    def in_a_run(self, uri: str, act: Callable[[], object]) -> float:
        """How long an act takes within a run of the fluent API, seconds."""
        mlflow = self.peer.mlflow
        mlflow.set_tracking_uri(uri)
        mlflow.set_experiment("benchmark")
        with mlflow.start_run():
            mlflow.log_metric("loss", 1.0, step=0)
            return seconds(act)


def measure(context: Context) -> list[Row]:
    """Five rows, each the ratio of MLflow on SQLite to MLflow on our store."""
    sides = _Sides(context)
    rows = [_log_metric(context, sides), _log_batch(context, sides), _search(context, sides), _history(context, sides)]
    sides.peer.mlflow.set_tracking_uri(sides.theirs)
    return [*rows, _processes(context)]


def _log_metric(context: Context, sides: _Sides) -> Row:
    def logging(uri: str, calls: int) -> float:
        log = sides.peer.mlflow.log_metric

        def loop() -> None:
            for number in range(calls):
                log("loss", number / 7.0, step=number)

        return sides.in_a_run(uri, loop) / calls

    ours, theirs = interleaved(
        context.repetitions,
        lambda: logging(sides.ours, context.size(CALLS, 50)),
        lambda: logging(sides.theirs, context.size(PEER_CALLS, 10)),
    )
    return _row("log_metric", "`mlflow.log_metric`", ours, theirs, 1e6, "µs")


def _log_batch(context: Context, sides: _Sides) -> Row:
    from mlflow.entities import Metric

    metrics = [Metric(f"m{n % 20}", n / 7.0, 1_790_000_000_000 + n, n // 20) for n in range(BATCH)]
    runs = {uri: sides.client(uri).create_run("0").info.run_id for uri in (sides.ours, sides.theirs)}
    step = 0

    def logging(uri: str) -> float:
        nonlocal step
        step += BATCH
        fresh = [Metric(m.key, m.value, m.timestamp, m.step + step) for m in metrics]
        client = sides.client(uri)
        return seconds(lambda: client.log_batch(runs[uri], fresh))

    logging(sides.ours)
    ours, theirs = interleaved(context.repetitions * 3, lambda: logging(sides.ours), lambda: logging(sides.theirs))
    return _row("log_batch", f"`log_batch` of {BATCH:,} metrics", ours, theirs, 1e3, "ms")


def _search(context: Context, sides: _Sides) -> Row:
    """The stores are at rest. Each call has another limit than the ten before it, so that its page holds other runs:
    what a store keeps of earlier answers helps it with the experiment and the names, not with the runs.
    """
    count = context.size(RUNS, 50)
    sides.peer.mlflow.set_tracking_uri(sides.theirs)
    sides.peer.insert_runs(count, PARAMS, METRICS)
    root = context.make_folder("mlflow-search")
    fill_store(root, filling(count))
    uri = f"workbench://{root}"
    experiments = {sides.theirs: sides.peer.experiment_id}
    experiments[uri] = sides.client(uri).get_experiment_by_name("benchmark").experiment_id

    asked_before = {sides.theirs: 0, uri: 0}

    def searching(uri: str) -> float:
        asked = sides.client(uri)
        found: list[Any] = []
        condition = FILTER.format(LIMITS[asked_before[uri] % len(LIMITS)])
        asked_before[uri] += 1

        def search() -> None:
            found.extend(asked.search_runs([experiments[uri]], condition, max_results=FOUND, order_by=ORDER))

        taken = seconds(search)
        assert len(found) == FOUND or count < RUNS
        return taken

    for _ in range(2):  # what ingest settles after a while, it settles in the first one
        time.sleep(context.size(REST_S, 0))
        searching(uri)
    searching(sides.theirs)
    ours, theirs = interleaved(context.repetitions, lambda: searching(uri), lambda: searching(sides.theirs))
    what = f"`search_runs` over {count:,} runs: filter, order, {FOUND} results"
    return _row("search_runs", what, ours, theirs, 1e3, "ms")


def _history(context: Context, sides: _Sides) -> Row:
    from mlflow.entities import Metric

    points = context.size(HISTORY, 200)
    runs = {}
    for uri in (sides.ours, sides.theirs):
        client = sides.client(uri)
        runs[uri] = client.create_run("0").info.run_id
        for start in range(0, points, BATCH):
            steps = range(start, min(points, start + BATCH))
            client.log_batch(runs[uri], [Metric("loss", n / 7.0, 1_790_000_000_000 + n, n) for n in steps])

    def reading(uri: str) -> float:
        client = sides.client(uri)
        found: list[Any] = []
        taken = seconds(lambda: found.extend(client.get_metric_history(runs[uri], "loss")))
        assert len(found) == points
        return taken

    reading(sides.ours)
    ours, theirs = interleaved(context.repetitions, lambda: reading(sides.ours), lambda: reading(sides.theirs))
    return _row("history", f"`get_metric_history` of {points:,} points", ours, theirs, 1e3, "ms")


def _processes(context: Context) -> Row:
    ours, ours_errors = _rate(f"workbench://{context.make_folder('mlflow-processes')}", context.size(WRITER_CALLS, 20))
    folder = context.make_folder("mlflow-processes-peer")
    uri = f"sqlite:///{folder / 'mlflow.db'}"
    MlflowPeer(folder)
    theirs, theirs_errors = _rate(uri, context.size(PEER_WRITER_CALLS, 5))
    ratio = ours / theirs if theirs else float("inf")
    return Row(
        f"{WRITERS} processes calling `mlflow.log_metric` at once",
        f"{ratio:,.0f}x the rate ({ours:,.0f} points/s), {ours_errors} errors",
        f"≥ {TIMES['processes']}x, no error",
        f"MLflow on SQLite: {theirs:,.0f} points/s, {theirs_errors} errors",
        ratio >= TIMES["processes"] and ours_errors == 0,
        {"points_per_s": ours, "mlflow_points_per_s": theirs, "ratio": ratio, "errors": ours_errors},
    )


def _rate(uri: str, calls: int) -> tuple[float, int]:
    """Points per second of all processes together, and how many of them failed."""
    processes = multiprocessing.get_context("spawn")
    go, results = processes.Event(), processes.Queue()
    writers = [processes.Process(target=_write, args=(uri, calls, go, results)) for _ in range(WRITERS)]
    for writer in writers:
        writer.start()
    started = [results.get(timeout=300) for _ in writers]
    failed = sum(said != "ready" for said in started)
    start = time.perf_counter()
    go.set()
    outcomes = [results.get(timeout=600) for _ in range(WRITERS - failed)]
    taken_s = time.perf_counter() - start
    for writer in writers:
        writer.join()
    failed += sum(outcome is not None for outcome in outcomes)
    return (WRITERS - failed) * calls / taken_s, failed


def _write(uri: str, calls: int, go: Event, results: Any) -> None:
    """One process."""
    for name in [name for name in os.environ if name.startswith(("MLFLOW_", "_MLFLOW_"))]:
        del os.environ[name]  # an experiment that the parent has set is another one there
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    try:
        import mlflow

        mlflow.set_tracking_uri(uri)
        with mlflow.start_run():
            mlflow.log_metric("loss", 0.0, step=0)
            results.put("ready")
            go.wait()
            for step in range(calls):
                mlflow.log_metric("loss", step / 7.0, step=step)
            results.put(None)
    except Exception as problem:
        results.put(repr(problem))


def _row(name: str, what: str, ours: list[float], theirs: list[float], factor: float, unit: str) -> Row:
    ratio = median_ratio(theirs, ours)
    mine, peers = statistics.median(ours) * factor, statistics.median(theirs) * factor
    return Row(
        f"{what} on our store, against MLflow's own",
        f"{ratio:,.0f}x the rate ({mine:,.1f} {unit})",
        f"≥ {TIMES[name]}x",
        f"MLflow on SQLite: {peers:,.1f} {unit}",
        ratio >= TIMES[name],
        {f"{name}_s": mine / factor, f"mlflow_{name}_s": peers / factor, "ratio": ratio},
    )
