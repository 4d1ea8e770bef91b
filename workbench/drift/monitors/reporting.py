"""What reports of a monitor are made of: its state, a window in full, and the windows before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.base.clock import iso_utc
from workbench.drift.monitors.documents import heat_document, result_document, state_document
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.monitors.overview import RECENT, state_of
from workbench.drift.monitors.results import Result, find_result, heat, results_of
from workbench.drift.words import Document
from workbench.store.monitor_results import result_fields

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def monitor_document(db: Connection, monitor: Monitor, now_us: int, *, windows: int = RECENT) -> Document:
    """A monitor with its newest windows: what `workbench monitor show --json` prints.

    Args:
        now_us: microseconds since the epoch.
        windows: how many.
    """
    results = results_of(db, monitor.id, windows)
    return {
        **state_document(state_of(db, monitor, now_us)),
        "windows": [result_document(one) for one in results],
        "heat": heat_document(heat(db, monitor.id, windows)),
        "performance": performance_over(db, monitor, results[::-1]),
    }


def window_document(db: Connection, monitor: Monitor, window: str | None) -> Document:
    """One window in full: the document of its check, with `result` and `performance`.

    Args:
        window: as `results.find_result` takes it.

    Raises:
        NotFoundError: there is none.
    """
    result = find_result(db, monitor, window)
    fields = result_fields(db, [result.id], ["document", "performance"])[result.id]
    document = fields.get("document") or empty_document(monitor, result)
    return {
        "monitor": monitor.name,
        "at": iso_utc(result.created_us),
        "result": result_document(result),
        "performance": fields.get("performance"),
        **document,
    }


def report_document(db: Connection, monitor: Monitor, now_us: int) -> Document:
    """The newest window in full, with the monitor's state and the windows before: what reports are written of.

    Raises:
        NotFoundError: it has no results yet.
    """
    whole = monitor_document(db, monitor, now_us)
    return {**whole, "window": window_document(db, monitor, None)}


def column_over(db: Connection, monitor: Monitor, column: str, windows: int) -> list[Document]:
    """What the newest windows found of a column, the newest first: its entry in their documents, with `window`."""
    results = results_of(db, monitor.id, windows)
    found = result_fields(db, [one.id for one in results], ["document"])
    rows = []
    for one in results:
        columns = (found.get(one.id, {}).get("document") or {}).get("columns", ())
        rows += [
            {"id": one.id, "at": iso_utc(one.created_us), "name": monitor.name, "window": one.window, **entry}
            for entry in columns
            if entry["column"] == column
        ]
    return rows


def performance_over(db: Connection, monitor: Monitor, results: list[Result]) -> Document | None:
    """The performance of the newest window that has one, with `windows`: that of each; None where none has."""
    fields = result_fields(db, [one.id for one in results], ["performance"])
    found: list[dict[str, Any]] = []
    for one in results:
        document = fields.get(one.id, {}).get("performance")
        if document and document["metrics"]:
            found.append({"window": {"name": one.window, "rows": one.rows}, **document})
    if not found:
        return None
    newest = found[-1]
    return {
        **{name: value for name, value in newest.items() if name != "window"},
        "current": {"name": newest["window"]["name"], "rows": newest["rows"], "notes": []},
        "reference": {"name": monitor.reference.shown, "rows": monitor.reference.rows, "notes": []}
        if monitor.reference.estimator
        else None,
        "windows": found,
    }


def empty_document(monitor: Monitor, result: Result) -> Document:
    """The document of a window that was not compared."""
    name = f"{monitor.settings.source}, {result.window}"
    return {
        "rows": {"reference": monitor.reference.rows, "current": result.rows},
        "dataset_drift": False,
        "drifted_share": 0.0,
        "drifted_columns": [],
        "counts": {"drift": 0, "warn": 0, "ok": 0, "insufficient": 0, "not tested": 0},
        "reference": {"name": monitor.reference.shown, "rows": monitor.reference.rows, "digest": None, "notes": []},
        "current": {"name": name, "rows": result.rows, "digest": None, "notes": list(result.notes)},
        "rule": {"alpha": 0.01, "correction": "holm", "min_rows": 30, "missing_threshold": 0.05, "share": None},
        "preset": None,
        "columns": [],
    }
