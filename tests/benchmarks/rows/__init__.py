"""The benchmarks by name, one module for each family of rows."""

from __future__ import annotations

from tests.benchmarks.harness import Benchmark
from tests.benchmarks.rows import contention, curve, history, ingest, log, search, startup

BENCHMARKS: dict[str, Benchmark] = {
    "log": log.measure,
    "contention": contention.measure,
    "ingest": ingest.measure,
    "search": search.measure,
    "history": history.measure,
    "curve": curve.measure,
    "startup": startup.measure,
}
