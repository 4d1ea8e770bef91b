"""Datasets and versions as JSON documents, with the runs and models that used them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from workbench.data.versions import Dataset, DatasetVersion, datasets, find_dataset, runs_using, versions_of
from workbench.store.documents import iso
from workbench.store.fields import time_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Document = dict[str, Any]


def dataset_rows(db: Connection) -> list[Document]:
    """Every dataset with its newest version, the one that was registered last first."""
    by_dataset: dict[str, list[DatasetVersion]] = defaultdict(list)
    for version in versions_of(db):
        by_dataset[version.dataset_id].append(version)
    uses = runs_using(db, [version.digest for versions in by_dataset.values() for version in versions])
    rows = []
    for dataset in datasets(db):
        versions = by_dataset[dataset.id]
        runs = {run["run_id"] for version in versions for run in uses.get(version.digest, [])}
        rows.append(
            {
                **_about(dataset),
                "versions": len(versions),
                "runs": len(runs),
                "newest": version_document(versions[-1]),
            }
        )
    return sorted(rows, key=lambda row: row["newest"]["created_at"], reverse=True)


def dataset_document(db: Connection, name: str) -> Document:
    """A dataset with its versions, the newest first, and the runs that used each.

    Raises:
        DatasetNotFoundError: there is none.
    """
    dataset = find_dataset(db, name)
    versions = versions_of(db, dataset.id, whole=True)
    uses = runs_using(db, [version.digest for version in versions])
    shown = [{**version_document(one), "runs": uses.get(one.digest, [])} for one in reversed(versions)]
    return {**_about(dataset), "versions": shown}


def version_document(version: DatasetVersion, runs: list[Document] | None = None) -> Document:
    """A version as JSON; with `runs`, the runs that used it."""
    document: Document = {
        "name": version.name,
        "version": version.number,
        "reference": version.reference,
        "digest": version.digest,
        "created_at": iso(time_of(version.created_us)),
        "by": version.who,
        "description": version.description,
        "format": version.format,
        "rows": version.rows,
        "column_count": version.column_count,
        "columns": [dict(column) for column in version.columns],
        "size_bytes": version.size_bytes,
        "files": version.file_count,
        "path": version.path,
        "copied": version.copied,
        "notes": list(version.notes),
    }
    return document if runs is None else {**document, "runs": runs}


def _about(dataset: Dataset) -> Document:
    return {
        "name": dataset.name,
        "description": dataset.description,
        "tags": dataset.tags,
        "created_at": iso(time_of(dataset.created_us)),
    }
