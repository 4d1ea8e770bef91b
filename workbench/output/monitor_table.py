"""Monitors as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.monitor_heat import CELLS

Document = Mapping[str, Any]
Table = tuple[list[str], list[tuple[Any, ...]], list[Column]]
RECENT = 14

MONITORS = [
    Column("monitor", priority=10, min_width=10),
    Column("state", "status", priority=9),
    Column("alert", priority=8, min_width=8),
    Column("window", priority=7, min_width=10),
    Column("rows", "number", priority=3),
    Column("drifted columns", priority=6, min_width=12),
    Column("recent", priority=5, min_width=RECENT),
    Column("labels", "percent", priority=4),
    Column("due", priority=3, min_width=10),
    Column("model", priority=2, min_width=8),
]
OPTIONAL = ("alert", "labels", "model")
"""Columns that are left out where they would be empty."""


def monitor_table(documents: Sequence[Document]) -> Table:
    """Monitors for a person.

    Args:
        documents: as `workbench monitor list --json` has them.
    """
    rows = [_row(one) for one in documents]
    used = [i for i, column in enumerate(MONITORS) if column.name not in OPTIONAL or any(row[i] for row in rows)]
    columns = [MONITORS[i] for i in used]
    return [column.name for column in columns], [tuple(row[i] for i in used) for row in rows], columns


def monitor_records(documents: Sequence[Document]) -> Table:
    """Monitors for a program."""
    names = [
        *("name", "state", "alert_raised_at", "acknowledged", "muted", "window", "rows", "drifted_columns", "coverage"),
        *("next_due_at", "model", "version", "source", "divided", "problem"),
    ]
    rows = []
    for one in documents:
        last, alert = one["last"] or {}, one["alert"] or {}
        rows.append(
            (
                one["name"],
                one["state"],
                alert.get("raised_at"),
                bool(alert.get("acknowledged")),
                one["mute"] is not None,
                last.get("window"),
                last.get("rows"),
                ", ".join(last.get("drifted_columns", ())),
                last.get("coverage"),
                one["next_due_at"],
                one["model"],
                one["version"],
                one["source"],
                one["divided"],
                one["problem"] and one["problem"]["message"],
            )
        )
    return names, rows, [Column(name) for name in names]


def alert_text(document: Document) -> str:
    """What is to be said of the alert in a word or two: `raised`, `seen`, `muted`."""
    words = []
    if document["alert"]:
        words.append("seen" if document["alert"]["acknowledged"] else "raised")
    if document["mute"]:
        words.append("muted")
    return ", ".join(words)


def due_text(document: Document) -> str:
    """When the next window is closed."""
    if document["is_due"]:
        return "now"
    due = document["next_due_at"]
    return f"{due[:10]} {due[11:16]}" if due else "on change"


def _row(one: Document) -> tuple[Any, ...]:
    last = one["last"] or {}
    found = ", ".join(map(visible, last.get("drifted_columns", ()))) or visible("; ".join(last.get("reasons", ())))
    return (
        one["name"],
        one["state"],
        alert_text(one),
        last.get("window") or "",
        last.get("rows"),
        visible(one["problem"]["message"]) if one["problem"] else found,
        "".join(CELLS.get(verdict, CELLS[None])[0] for verdict in one["recent"][-RECENT:]),
        last.get("coverage"),
        due_text(one),
        one["version"] or "",
    )
