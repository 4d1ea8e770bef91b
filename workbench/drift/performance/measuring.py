"""The performance of a model over rows, windows of them and segments, as documents."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import polars as pl

from workbench.base.errors import InputError
from workbench.data.tables import readable
from workbench.drift.performance.estimator import Estimator
from workbench.drift.performance.labels import Joined, joined
from workbench.drift.performance.metrics import realised
from workbench.drift.performance.report import performance_document
from workbench.drift.performance.roles import Problem, Roles, problem_of, require
from workbench.drift.report import Document
from workbench.drift.source import VALUES, Table, named, table_of
from workbench.drift.timeline import time_column
from workbench.drift.windows import Windows, windows_of

MOST_SEGMENTS = 20
"""The most frequent values of a column; rows with others are not measured by segment."""


def performance(
    current: Table,
    roles: Roles,
    *,
    reference: Table | None = None,
    labels: pl.DataFrame | None = None,
    problem: str | None = None,
    windows: Windows | None = None,
    by: str | None = None,
) -> Document:
    """How good a model is: realised where there are labels, estimated where there is a reference with labels.

    Args:
        current: rows with predictions, and labels unless `labels` has them.
        roles: which column is what.
        reference: rows with predictions and labels, which estimates are learnt from.
        labels: keys and labels, as `labels.read_labels` gives them.
        problem: one of `PROBLEMS`; None is told from the values.
        windows: measure each of these as well.
        by: measure the rows of each value of this column as well.

    Returns:
        The document of `report.performance_document` for all rows, with `current` and `reference`: their names and
        rows; with `windows` or `segments`: documents of the same kind, with `window` or `segment` in them.

    Raises:
        InputError: a side cannot be read, a column is missing or of the wrong kind, or there are neither labels nor a
            reference.
    """
    time = time_column(current, windows.time) if windows is not None and windows.period else None
    extra = [name for name in (time, by) if name is not None]
    every = reference is not None and roles.score is None  # features of a regression are not named
    frame = rows_of(current, roles, extra, every=every, labelled=labels is None)
    found = None if labels is None else joined(frame, labels, roles.keys, roles.label)
    frame = frame if found is None else found.frame
    estimator = None
    known = frame
    if reference is not None:
        known = rows_of(reference, roles, (), every=every)
        kind = problem_of(known, roles, problem)
        ignore = [name for name in known.columns if name not in frame.columns]
        estimator = Estimator.fit(known, roles, kind, ignore=ignore, name=reference.name)
    elif not _labelled(frame, roles).any():
        missing = "is empty" if roles.label in frame.columns else "is not one of its columns"
        raise InputError(
            f"there is nothing to measure: {current.name} has no labels, {roles.label} {missing}",
            "--labels FILE --key COLUMN has labels; --reference FILE, with labels, makes estimates",
        )
    else:
        kind = problem_of(frame, roles, problem)

    def measured(rows: pl.DataFrame) -> Document:
        return measure(rows, roles, kind, estimator, name=current.name)

    document = measure(frame, roles, kind, estimator, joined=found, name=current.name)
    document["current"] = {"name": current.name, "rows": frame.height, "notes": list(current.notes)}
    document["reference"] = reference and {"name": reference.name, "rows": known.height, "notes": list(reference.notes)}
    if windows is not None:
        document["windows"] = _windows(frame, windows, measured, current.name)
    if by is not None:
        document |= _segments(frame, by, measured)
    return document


def measure(
    frame: pl.DataFrame,
    roles: Roles,
    problem: Problem,
    estimator: Estimator | None = None,
    *,
    joined: Joined | None = None,
    name: str = "the data",
) -> Document:
    """Metrics of the rows that have labels, and estimates for all rows.

    Args:
        frame: the rows; without the column of labels nothing is realised.
        roles: which column is what.
        problem: which one.
        estimator: what estimates; None estimates nothing.
        joined: where the labels come from, for what there is to say about them.
        name: what messages call the rows.

    Raises:
        InputError: a column is missing or of the wrong kind, or the positive class is not told.
    """
    require(frame, [roles.prediction], name)
    has_label = _labelled(frame, roles)
    labelled = int(has_label.sum())
    known = frame if labelled == frame.height else frame.filter(has_label)
    return performance_document(
        realised(known, roles, problem, name=name) if labelled else [],
        estimator.estimate(frame, name=name) if estimator else [],
        labelled / frame.height if frame.height else 0.0,
        problem=problem,
        rows=frame.height,
        labelled=labelled,
        left_out=int((~_present(frame.get_column(roles.prediction))).sum()),
        assumptions=estimator.assumptions if estimator else (),
        labels=joined.counts if joined else None,
    )


def rows_of(
    table: Table, roles: Roles, extra: Sequence[str] = (), *, every: bool = False, labelled: bool = True
) -> pl.DataFrame:
    """The columns of a table that matter, in memory.

    Args:
        table: where they are.
        roles: which column is what; labels and keys may be missing.
        extra: further columns.
        every: all columns.
        labelled: with the labels, where they are there.

    Raises:
        InputError: the table cannot be read, or a column is missing.
    """
    optional = (roles.label, *roles.keys)
    wanted = list(dict.fromkeys([*roles.columns, *extra]))
    for name in wanted:
        if name not in table.schema and (name not in optional or name in (roles.prediction, *roles.scores)):
            there = ", ".join(list(table.schema)[:20])
            raise InputError(f"{table.name} has no column {name!r}", f"its columns are: {there}")
    names = list(table.schema) if every else [name for name in wanted if name in table.schema]
    if not labelled and roles.label not in (*roles.keys, *extra, roles.prediction):
        names = [name for name in names if name != roles.label]
    with readable(table.name):
        return table.frame.select([named(name) for name in names]).collect()


def _windows(
    frame: pl.DataFrame, windows: Windows, measured: Callable[[pl.DataFrame], Document], name: str
) -> list[Document]:
    found = []
    for one in windows_of(table_of(frame, name), windows):
        rows = one.table.frame.collect()
        about = {"name": one.name, "start": one.start, "end": one.end, "rows": rows.height}
        found.append({"window": about, **measured(rows)})
    return found


def _segments(frame: pl.DataFrame, by: str, measured: Callable[[pl.DataFrame], Document]) -> Document:
    texts = frame.get_column(by).cast(pl.String).alias(VALUES)
    counts = texts.drop_nulls().value_counts().sort(["count", VALUES], descending=[True, False])
    values = counts.get_column(VALUES).head(MOST_SEGMENTS).to_list()
    return {
        "by": by,
        "segments": [{"segment": value, **measured(frame.filter(texts == value))} for value in values],
        "segments_left_out": max(0, counts.height - len(values)),
    }


def _labelled(frame: pl.DataFrame, roles: Roles) -> pl.Series:
    if roles.label not in frame.columns:
        return pl.repeat(False, frame.height, dtype=pl.Boolean, eager=True)
    return _present(frame.get_column(roles.label))


def _present(values: pl.Series) -> pl.Series:
    there = values.is_not_null()
    return there & values.is_not_nan().fill_null(False) if values.dtype.is_float() else there
