"""Giving a monitor labels: which rows they are of is looked up, so that the windows that they touch are known."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError, WorkbenchError
from workbench.base.project import Project
from workbench.drift.monitors.labels import Told, keep_labels, key_names, labels_of
from workbench.drift.monitors.monitor import Monitor
from workbench.drift.monitors.source import log_of, path_of

if TYPE_CHECKING:
    import polars as pl

Reading = Callable[[], AbstractContextManager[Any]]
LOG_KEYS = ("rid", "row")


def give_labels(
    project: Project, reading: Reading, monitor: Monitor, path: str, keys: Sequence[str], label: str, who: str
) -> Told:
    """Keep the labels of a file; the next run of the monitor computes the windows anew that they are of.

    Args:
        path: CSV, Parquet, JSON lines …, as for data.
        keys: its columns that name a row; of a log the request, and then the row in it; () takes those that the
            monitor's rows are named by.
        label: its column with what is true; "" takes the monitor's, else `label`.
        who: who gives them.

    Raises:
        InputError: it cannot be read, or lacks a column.
        StoreError: they cannot be written.
    """
    is_log = log_folder_of(project, monitor) is not None
    names = list(monitor.settings.key) or ([LOG_KEYS[0]] if is_log else [])
    given = list(keys) or names
    if not given:
        raise InputError("nothing says what rows are named by", "workbench monitor add NAME --again --key COLUMN")
    columns = list(monitor.settings.key) or list(LOG_KEYS if is_log else ())
    if len(given) > len(columns):
        raise InputError(f"rows are named by {', '.join(columns)}, not by {len(given)} columns", "--key COLUMN")
    with reading() as db:
        known = labels_of(db, project, monitor)
    rows = _rows(project, monitor, columns[: len(given)])
    return keep_labels(project, monitor, known, path, given, label or monitor.settings.label or "label", rows, who)


def log_folder_of(project: Project, monitor: Monitor) -> str | None:
    """The folder of the prediction log that a monitor looks at; None for other sources, and where there is none yet."""
    try:
        return log_of(project, monitor.settings)
    except WorkbenchError:
        return None


def _rows(project: Project, monitor: Monitor, columns: Sequence[str]) -> pl.DataFrame | None:
    """The keys of all rows, with their times where they have one; None where the source cannot be read now."""
    import polars as pl

    folder = log_folder_of(project, monitor)
    names = key_names(len(columns))
    try:
        if folder is not None:
            from workbench.drift.monitors.log_source import read_keys

            return read_keys(folder).select(
                *(pl.col(column).alias(name) for column, name in zip(columns, names, strict=True)), "ts"
            )
        from workbench.drift.source import named, open_table
        from workbench.drift.timeline import moments

        table = open_table(path_of(project, monitor.settings.source), monitor.settings.source)
        chosen = [named(column).alias(name) for column, name in zip(columns, names, strict=True)]
        if monitor.time:
            chosen.append(moments(table, monitor.time).dt.epoch("us").alias("ts"))
        return table.frame.select(chosen).collect()
    except (WorkbenchError, pl.exceptions.PolarsError):
        return None
