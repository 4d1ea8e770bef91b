"""Runs and metrics as polars frames, with a type for every column."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from workbench.base.jsonvalue import dumps
from workbench.base.project import require_project
from workbench.journal.reader import NONFINITE
from workbench.store.metrics import history
from workbench.store.runs import RunQuery, list_runs, resolve_runs, run_documents
from workbench.store.visit import visit

TIME = pl.Datetime("us", "UTC")

_ATTRIBUTES: dict[str, Any] = {
    "run_id": pl.String,
    "name": pl.String,
    "experiment": pl.String,
    "status": pl.String,
    "started_at": TIME,
    "ended_at": TIME,
    "duration_s": pl.Float64,
    "parent_run_id": pl.String,
}
_KINDS: dict[str, Any] = {
    "text": pl.String,
    "status": pl.String,
    "time": TIME,
    "duration": pl.Float64,
    "bool": pl.Boolean,
}
_METRICS: dict[str, Any] = {"run_id": pl.String, "key": pl.String, "step": pl.Int64, "time": TIME, "value": pl.Float64}
_MAX_INT64 = 2**63 - 1


def runs(
    where: str | None = None,
    *,
    experiment: str | None = None,
    sort: str | Sequence[str] = (),
    columns: str | Sequence[str] = (),
    limit: int | None = None,
    deleted: bool = False,
    project: str | None = None,
) -> pl.DataFrame:
    """Runs, one a row.

    Args:
        where: a filter: `metrics.auc > 0.9 AND params.model = 'gbm'`.
        experiment: only runs of this experiment.
        sort: columns to sort by, `-` in front for the greatest first; default the newest run first.
        columns: what to show: `auc`, `params.lr`, `max(auc) as best`; default the main attributes and every
            `params.…`, `metrics.…` (last values, without system metrics) and `tags.…` that one of the runs has.
        limit: at most this many runs.
        deleted: only runs in the trash.
        project: the project's folder; default the nearest one at or above the working directory.

    Returns:
        Times are UTC, durations seconds, metrics Float64. A param is Int64, Float64, Boolean or String as its values
        are; where they are mixed or nested they are JSON text. What a run does not have is null.

    Raises:
        FilterError: the filter, a sort key or a column cannot be understood.
        ProjectNotFoundError: there is no project.
    """
    query = RunQuery(
        where=where, experiment=experiment, sort=_several(sort), columns=_several(columns), limit=limit, deleted=deleted
    )
    with visit(require_project(project), _warn) as db:
        if not query.columns:
            return _frame_of_documents(run_documents(db, None, query))
        page = list_runs(db, query)
    for notice in page.notices:
        warnings.warn(notice, stacklevel=2)
    cells = zip(*page.rows, strict=True) if page.rows else ((),) * len(page.columns)
    return pl.DataFrame(
        [
            _typed(name, values, _KINDS.get(kind), empty=pl.Float64 if kind == "number" else pl.String)
            for name, kind, values in zip(page.columns, page.kinds, cells, strict=True)
        ]
    )


def metrics(
    run_ids: str | Iterable[str], keys: str | Sequence[str] | None = None, *, project: str | None = None
) -> pl.DataFrame:
    """Every point of the metrics of some runs: columns run_id, key, step, time (UTC) and value.

    Args:
        run_ids: a run, or several, also as the `run_id` column of `runs()`: ids, unique prefixes or names, `@latest`.
        keys: names of metrics; default all that the runs have.
        project: the project's folder; default the nearest one at or above the working directory.

    Raises:
        RunNotFoundError, AmbiguousNameError: a run cannot be found.
        MetricNotFoundError: none of the runs has one of the keys.
        ProjectNotFoundError: there is no project.
    """
    with visit(require_project(project), _warn) as db:
        uids = resolve_runs(db, _several(run_ids))
        found = history(db, uids, None if keys is None else _several(keys))
    columns: dict[str, list[Any]] = {name: [] for name in _METRICS}
    for uid, by_key in found.items():
        for key, points in by_key.items():
            steps, values, times_us = zip(*points, strict=True) if points else ((), (), ())
            columns["run_id"] += [uid] * len(points)
            columns["key"] += [key] * len(points)
            columns["step"] += steps
            columns["time"] += times_us
            columns["value"] += values
    frame = pl.DataFrame(columns, {**_METRICS, "time": pl.Int64})
    return frame.with_columns(pl.col("time").cast(TIME))


def _warn(notice: str) -> None:
    warnings.warn(notice, stacklevel=5)


def _several(value: str | Iterable[str]) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _frame_of_documents(documents: Sequence[dict[str, Any]]) -> pl.DataFrame:
    columns = [
        _typed(name, [_moment(document[name]) if kind == TIME else document[name] for document in documents], kind)
        for name, kind in _ATTRIBUTES.items()
    ]
    for group, kind in (("params", None), ("metrics", pl.Float64), ("tags", pl.String)):
        for name in sorted({name for document in documents for name in document[group]}):
            values = [document[group].get(name) for document in documents]
            columns.append(_typed(f"{group}.{name}", values, kind))
    return pl.DataFrame(columns)


def _moment(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def _typed(name: str, values: Iterable[Any], kind: Any = None, *, empty: Any = pl.String) -> pl.Series:
    """A column of `kind`, or of the narrowest type that all values have; `empty` where there are none."""
    cells = list(values)
    if kind is None:
        kind, cells = _narrowest(cells) if any(cell is not None for cell in cells) else (empty, cells)
    return pl.Series(name, cells, kind, strict=False)


def _narrowest(cells: list[Any]) -> tuple[Any, list[Any]]:
    kinds = {type(cell) for cell in cells} - {type(None)}
    if kinds == {bool}:
        return pl.Boolean, cells
    if kinds == {int} and all(abs(cell) <= _MAX_INT64 for cell in cells if cell is not None):
        return pl.Int64, cells
    numbers = [NONFINITE.get(cell, cell) if isinstance(cell, str) else cell for cell in cells]
    if {type(cell) for cell in numbers} - {type(None)} <= {int, float}:
        return pl.Float64, [None if cell is None else float(cell) for cell in numbers]
    return pl.String, [cell if cell is None or isinstance(cell, str) else dumps(cell) for cell in cells]
