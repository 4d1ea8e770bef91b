"""Stored drift checks as tables: all of them, or what they found of one column."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.output.columns import Column
from workbench.output.drift_view import missing, p_text, spark, summary, why

Document = Mapping[str, Any]
Table = tuple[list[str], list[tuple[Any, ...]], list[Column]]

CHECKS = [
    Column("check", priority=9, min_width=8),
    Column("at", "time", priority=8),
    Column("name", priority=7, min_width=16),
    Column("verdict", "status", priority=8),
    Column("found", priority=6, min_width=16),
    Column("drifted columns", priority=5, min_width=12),
]
COLUMN = [
    Column("check", priority=9, min_width=8),
    Column("at", "time", priority=8),
    Column("window", priority=6, min_width=10),
    Column("current", priority=5, min_width=10),
    Column("test", priority=3, min_width=6),
    Column("effect", "number", priority=7),
    Column("floor", "number", priority=2),
    Column("p adj", align="right", priority=4, min_width=6),
    Column("missing", priority=4, min_width=8),
    Column("verdict", "status", priority=9),
    Column("why", priority=6, min_width=12),
]


def check_table(checks: Sequence[Document]) -> Table:
    """Checks for a person; each is its stored fields and its document."""
    rows = [
        (
            one["id"][:8],
            one["at"],
            one["name"],
            "drift" if one["dataset_drift"] else "ok",
            summary(one).partition(": ")[2],
            ", ".join(one["drifted_columns"]),
        )
        for one in checks
    ]
    return [column.name for column in CHECKS], rows, CHECKS


def check_records(checks: Sequence[Document]) -> Table:
    """Checks for a program."""
    names = ["id", "at", "name", "dataset_drift", "drifted_share", "drifted_columns", "reference", "current"]
    rows = [
        (
            *(one[name] for name in names[:5]),
            ", ".join(one["drifted_columns"]),
            one["reference"]["name"],
            one["current"]["name"],
        )
        for one in checks
    ]
    return names, rows, [Column(name) for name in names]


def column_table(found: Sequence[Document]) -> Table:
    """What checks found of a column, for a person."""
    rows = [
        (
            one["id"][:8],
            one["at"],
            one["window"],
            spark((one["distribution"] or {"current": []})["current"]),
            one["test"] or "",
            one["score"],
            one["floor"],
            p_text(one["p_adjusted"]),
            missing(one),
            one["verdict"],
            why(one),
        )
        for one in found
    ]
    return [column.name for column in COLUMN], rows, COLUMN


def column_records(found: Sequence[Document]) -> Table:
    """The same for a program."""
    names = [
        "id",
        "at",
        "name",
        "window",
        "column",
        "kind",
        "verdict",
        "test",
        "score",
        "floor",
        "p_value",
        "p_adjusted",
    ]
    rows = [tuple(one[name] for name in names) for one in found]
    return names, rows, [Column(name) for name in names]
