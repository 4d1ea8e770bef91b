"""Drift inside groups of rows, where the whole may hide it: by the values of a column."""

from __future__ import annotations

import polars as pl

from workbench.base.errors import InputError
from workbench.drift.check import Reference, TableReference, columns_of, compare_all, described
from workbench.drift.options import Options
from workbench.drift.report import Document, report_document
from workbench.drift.source import VALUES, Table, named
from workbench.drift.verdict import judge

MOST_SEGMENTS = 20
"""The most frequent values of the reference; rows with others are not compared by segment."""


def check_segments(reference: Reference | Table, current: Table, by: str, options: Options) -> Document:
    """Compare the rows of each value of a column with the reference's rows of the same value.

    The p-values of all columns in all segments are corrected together.

    Args:
        by: the column; times and free text make no segments.

    Returns:
        A document with `by`, `segments` (a document for each, with `segment`: its value), the columns and segments
        that drift, and how many values were left out.

    Raises:
        InputError: a side lacks the column, or the reference is a stored baseline, which has no rows to choose from.
    """
    if isinstance(reference, TableReference):
        reference = reference.table
    if not isinstance(reference, Table):
        raise InputError("a stored baseline has no rows to divide into segments", "compare with the data itself")
    for table in (reference, current):
        if by not in table.schema:
            raise InputError(f"{table.name} has no column {by!r}")
    counts = reference.column(by).cast(pl.String).drop_nulls().value_counts(sort=True)
    values = counts.get_column(VALUES).head(MOST_SEGMENTS).to_list()
    chosen = named(by).cast(pl.String)
    compared = []
    names = [name for name in columns_of(TableReference(reference), current, options) if name != by]
    for value in values:
        ours, theirs = (table.where(chosen == value).held() for table in (reference, current))
        compared.append((value, ours, theirs, compare_all(TableReference(ours), theirs, options, names)))
    verdicts = judge([one for *_, comparisons in compared for one in comparisons], options)
    documents = []
    for value, ours, theirs, comparisons in compared:
        own, verdicts = verdicts[: len(comparisons)], verdicts[len(comparisons) :]
        sides = {"reference": described(ours), "current": described(theirs)}
        documents.append({"segment": value, **report_document(own, options, sides)})
    drifted = [document for document in documents if document["dataset_drift"]]
    return {
        "by": by,
        "rows": {"reference": reference.rows, "current": current.rows},
        "dataset_drift": bool(drifted),
        "drifted_share": len(drifted) / len(documents) if documents else 0.0,
        "drifted_segments": [document["segment"] for document in drifted],
        "drifted_columns": list(dict.fromkeys(name for one in drifted for name in one["drifted_columns"])),
        "segments_left_out": max(0, counts.height - len(values)),
        "reference": described(reference),
        "current": described(current),
        "segments": documents,
    }
