"""The benchmarks by name, one module for each family of rows."""

from __future__ import annotations

from tests.benchmarks.harness import Benchmark
from tests.benchmarks.rows import (
    audit,
    contention,
    curve,
    datasets,
    drift,
    history,
    import_mlflow,
    ingest,
    log,
    mlflow_store,
    monitor,
    packaging,
    registry,
    search,
    startup,
    tui_large,
    tui_list,
    tui_log,
    tui_rest,
    tui_views,
)

BENCHMARKS: dict[str, Benchmark] = {
    "log": log.measure,
    "contention": contention.measure,
    "ingest": ingest.measure,
    "import-mlflow": import_mlflow.measure,
    "search": search.measure,
    "history": history.measure,
    "curve": curve.measure,
    "startup": startup.measure,
    "drift": drift.measure,
    "drift-long": drift.measure_long,
    "monitor": monitor.measure,
    "audit": audit.measure,
    "registry": registry.measure,
    "mlflow-store": mlflow_store.measure,
    "datasets": datasets.measure,
    "packaging": packaging.measure,
    "tui-list": tui_list.measure,
    "tui-large": tui_large.measure,
    "tui-charts": tui_views.charts,
    "tui-metrics": tui_views.metrics,
    "tui-log": tui_log.measure,
    "tui-rest": tui_rest.measure,
}
GROUPS = {"tui": [name for name in BENCHMARKS if name.startswith("tui-")]}
"""Several benchmarks under one name."""
