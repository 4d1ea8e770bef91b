"""Everything that is asked about runs, in one place: lists, documents and references."""

from __future__ import annotations

from workbench.store.documents import run_documents
from workbench.store.listing import RunPage, default_columns, list_runs
from workbench.store.matching import RunQuery, place_of, run_ids
from workbench.store.references import resolve_run, resolve_runs

__all__ = [
    "RunPage",
    "RunQuery",
    "default_columns",
    "list_runs",
    "place_of",
    "resolve_run",
    "resolve_runs",
    "run_documents",
    "run_ids",
]
