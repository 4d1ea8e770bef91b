"""Taking a monitor away, with or without what it found."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.base.project import Project
from workbench.drift.monitors.monitor import KIND, Monitor
from workbench.store.entities import latest_us
from workbench.store.monitor_results import RESULT, latest_result_us, result_names, results_with
from workbench.store.writing import project_journal

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


def result_count(db: Connection, monitor: Monitor) -> int:
    """How many results there are of a monitor, of all its baselines."""
    return len(results_with(db, monitor.id))


def remove(db: Connection, project: Project, monitor: Monitor, who: str, *, results: bool) -> None:
    """Take a monitor away.

    Args:
        results: also what it found; else a monitor of the same name has it again.

    Raises:
        StoreError: it cannot be written.
    """
    after_us = latest_us(db, KIND, monitor.id)
    gone: dict[str, object] = {"removed_us": now_us(), "removed_by": who}
    with project_journal(project) as journal:
        if results:
            gone["examined"] = None
            names = result_names(db, list(results_with(db, monitor.id)))
            changes = [(RESULT, key, dict.fromkeys(fields)) for key, fields in names.items()]
            if changes:
                journal.set_fields(*changes, after_us=latest_result_us(db, monitor.id))
        journal.set_fields((KIND, monitor.id, gone), after_us=after_us)
