"""How datasets and their versions look as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.output.table import Column

Document = Mapping[str, Any]

DATASET_COLUMNS = [
    Column("dataset", priority=9, min_width=12),
    Column("newest", priority=8),
    Column("rows", "number", priority=7),
    Column("columns", "number", priority=4),
    Column("size", "size", priority=5),
    Column("format", priority=3, min_width=6),
    Column("runs", "number", priority=6),
    Column("age", "age", priority=5),
    Column("description", priority=2, min_width=12),
]
VERSION_COLUMNS = [
    Column("version", priority=9),
    Column("rows", "number", priority=7),
    Column("columns", "number", priority=4),
    Column("size", "size", priority=5),
    Column("runs", "number", priority=6),
    Column("registered", "time", priority=8),
    Column("by", priority=5, min_width=6),
    Column("copy", priority=3),
    Column("digest", priority=2, min_width=12),
    Column("description", priority=1, min_width=12),
]


def dataset_table(documents: Sequence[Document]) -> tuple[list[str], list[list[object]], list[Column]]:
    """Datasets as `data.documents.dataset_rows` has them: names for programs, rows, and how a table shows them."""
    names = ["name", "newest", "rows", "columns", "size_bytes", "format", "runs", "created_at", "description"]
    rows: list[list[object]] = []
    for document in documents:
        newest = document["newest"]
        rows.append(
            [
                document["name"],
                f"v{newest['version']}",
                newest["rows"],
                newest["column_count"] or None,
                newest["size_bytes"],
                newest["format"],
                document["runs"],
                newest["created_at"],
                newest["description"] or document["description"],
            ]
        )
    return names, rows, DATASET_COLUMNS


def dataset_records(documents: Sequence[Document]) -> tuple[list[str], list[list[object]]]:
    """The same for programs that read CSV or Parquet: the version is a number."""
    names, rows, _ = dataset_table(documents)
    for row, document in zip(rows, documents, strict=True):
        row[1] = document["newest"]["version"]
    return names, rows


def version_table(documents: Sequence[Document]) -> tuple[list[list[object]], list[Column]]:
    """Versions of one dataset, rows and columns of a table."""
    rows: list[list[object]] = [
        [
            f"v{one['version']}",
            one["rows"],
            one["column_count"] or None,
            one["size_bytes"],
            len(one["runs"]),
            one["created_at"],
            one["by"],
            "yes" if one["copied"] else None,
            one["digest"].removeprefix("sha256:")[:12],
            one["description"],
        ]
        for one in documents
    ]
    return rows, VERSION_COLUMNS
