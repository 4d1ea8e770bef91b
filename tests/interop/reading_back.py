"""Asking the store what an import has brought."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from workbench.base.project import Project
from workbench.journal.layout import sealed_dir
from workbench.store.metrics import history
from workbench.store.runs import RunQuery, list_runs, run_documents
from workbench.store.store import Store

Points = dict[str, list[tuple[int, float, int]]]


def documents(project: Project) -> dict[str, dict[str, Any]]:
    """Every run by its name."""
    with Store(project) as store, store.reading() as db:
        uids = [str(row[0]) for row in list_runs(db, RunQuery(columns=("run_id",))).rows]
        return {document["name"]: document for document in run_documents(db, uids)}


def points_of(project: Project, run_id: str) -> Points:
    """Every point of a run by metric: step, value, time."""
    with Store(project) as store, store.reading() as db:
        return history(db, [run_id])[run_id]


def output_of(project: Project) -> list[tuple[int, str, bool]]:
    """Every line of output: stream, text, newline."""
    with Store(project) as store, store.reading() as db:
        return db.execute("SELECT stream, text, newline FROM output ORDER BY ts, seq").fetchall()


def journals(project: Project) -> dict[str, bytes]:
    """The complete journals by name."""
    folder = Path(sealed_dir(project.journal_dir))
    return {name: (folder / name).read_bytes() for name in os.listdir(folder)}
