"""How registered models and the terms of their aliases look as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.output.cells import visible
from workbench.output.marks import MISSING
from workbench.output.table import Column

Document = Mapping[str, Any]
Shown = tuple[list[str], list[list[object]], list[Column]]
"""Names for programs, typed rows, and how a table shows them."""

MODEL_COLUMNS = [
    Column("model", priority=9, min_width=12),
    Column("versions", "number", priority=5),
    Column("newest", priority=7),
    Column("status", "status", priority=8),
    Column("aliases", priority=6, min_width=14),
    Column("waiting", "number", priority=4),
    Column("age", "age", priority=3),
    Column("description", priority=2, min_width=12),
]
TERM_COLUMNS = [
    Column("alias", priority=9),
    Column("version", priority=9),
    Column("since", "time", priority=8),
    Column("until", "time", priority=7),
    Column("by", priority=6, min_width=6),
    Column("how", priority=4),
    Column("why", priority=5, min_width=12),
]


def shown_version(number: object) -> str:
    """`v3`; a version that is none is `–`."""
    return MISSING if number is None else f"v{number}"


def shown_aliases(aliases: Mapping[str, object]) -> str:
    """`champion → v7, challenger → v8`."""
    return ", ".join(f"{visible(alias)} → {shown_version(number)}" for alias, number in aliases.items())


def model_table(documents: Sequence[Document]) -> Shown:
    """Models as `registry.overview.model_rows` has them, for a table."""
    names = ["name", "versions", "newest", "status", "aliases", "waiting", "updated_at", "description"]
    rows: list[list[object]] = []
    for document in documents:
        newest = document["newest"] or {}
        rows.append(
            [
                document["name"],
                document["versions"],
                shown_version(newest.get("version")),
                newest.get("status"),
                shown_aliases(document["aliases"]) or None,
                document["waiting"] or None,
                document["updated_at"],
                document["description"],
            ]
        )
    return names, rows, MODEL_COLUMNS


def model_records(documents: Sequence[Document]) -> tuple[list[str], list[list[object]]]:
    """The same for programs that read CSV or Parquet: numbers are numbers, aliases are JSON."""
    names, rows, _ = model_table(documents)
    for row, document in zip(rows, documents, strict=True):
        row[2] = (document["newest"] or {}).get("version")
        row[4] = dict(document["aliases"])
        row[5] = document["waiting"]
    return names, rows


def term_table(terms: Sequence[Document]) -> Shown:
    """Terms of aliases as `registry.history.term_documents` has them, for a table."""
    names = ["alias", "version", "since", "until", "who", "action", "reason"]
    rows: list[list[object]] = [[term[name] for name in names] for term in terms]
    for row in rows:
        row[1] = shown_version(row[1])
    return names, rows, TERM_COLUMNS
