"""How deployments look as a table, and what to say of those that need somebody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.output.cells import visible
from workbench.output.model_table import Shown, shown_version
from workbench.output.table import Column

Document = Mapping[str, Any]

NAMES = ["name", "version", "image", "status", "port", "since", "requests_per_hour", "p50_ms"]
COLUMNS = [
    Column("name", priority=9, min_width=12),
    Column("version", priority=8),
    Column("image", priority=6, min_width=12),
    Column("status", "status", priority=9),
    Column("port", priority=7, align="right"),
    Column("since", "age", priority=5),
    Column("req/h", "number", priority=4),
    Column("p50 ms", "number", priority=3),
]


def deployment_table(documents: Sequence[Document]) -> Shown:
    """Deployments as `package ps --json` has them, for a table."""
    rows: list[list[object]] = []
    for one in documents:
        per_hour = one["requests_per_hour"]
        rows.append(
            [
                one["name"],
                shown_version(one["version"]),
                one["image"],
                one["status"],
                f"{'*' if one['public'] else ''}:{one['port']}",
                one["since"],
                None if per_hour is None else round(per_hour),
                None if one["p50_ms"] is None else round(one["p50_ms"], 2),
            ]
        )
    return NAMES, rows, COLUMNS


def deployment_records(documents: Sequence[Document]) -> tuple[list[str], list[list[object]]]:
    """The same for programs that read CSV or Parquet."""
    return NAMES, [[one[name] for name in NAMES] for one in documents]


def deployment_notes(documents: Sequence[Document]) -> list[str]:
    """What to say of deployments that need somebody."""
    notes = []
    for one in documents:
        name = visible(one["name"])
        again = f"workbench package run {visible(one['image'])} --name {name}"
        back = f"workbench package rollback {name}"
        if one["interrupted"]:
            notes.append(f"{name}: a switch was interrupted; go on with: {again}, or go back with: {back}")
        elif one["status"] in ("dead", "unhealthy"):
            notes.append(f"{name} does not answer: workbench package logs {name}; go back with: {back}")
    return notes
