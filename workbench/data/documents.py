"""Datasets and versions as JSON documents, with the runs and models that used them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workbench.data.versions import (
    Dataset,
    DatasetVersion,
    dataset_outlines,
    datasets_by_id,
    find_dataset,
    runs_using,
    versions_of,
)
from workbench.store.documents import iso
from workbench.store.fields import time_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Document = dict[str, Any]


def dataset_rows(db: Connection) -> list[Document]:
    """Every dataset with its newest version, the one that was registered last first."""
    return dataset_page(db, 0, None)[1]


def dataset_page(db: Connection, first: int, count: int | None) -> tuple[int, list[Document]]:
    """How many datasets there are, and some of them as `dataset_rows` has them; `count` None is all from `first` on."""
    outlines = dataset_outlines(db)
    shown = outlines[first : None if count is None else first + count]
    about = datasets_by_id(db, [one.id for one in shown])
    newest = {version.id: version for version in versions_of(db, ids=[one.newest for one in shown])}
    uses = runs_using(db, [digest for one in shown for digest in one.digests])
    rows = []
    for one in shown:
        runs = {run["run_id"]: run for digest in one.digests for run in uses.get(digest, [])}
        models = {model for run in runs.values() for model in run["models"]}
        rows.append(
            {
                **_about(about[one.id]),
                "versions": one.count,
                "runs": len(runs),
                "models": len(models),
                "newest": version_document(newest[one.newest]),
            }
        )
    return len(outlines), rows


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
