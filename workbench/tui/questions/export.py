"""Writing what a screen shows to a file, in the forms that the command line has."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from workbench.base.numbers import format_number
from workbench.base.project import Project
from workbench.output.files import whole_file
from workbench.output.records import write_json, write_records
from workbench.output.table import guess_columns
from workbench.store.export import write_parquet
from workbench.store.runs import list_runs
from workbench.tui.questions.edits import Done
from workbench.tui.questions.names import names_of
from workbench.tui.questions.runs import View


@dataclass(frozen=True, slots=True)
class ExportRuns:
    """Write all runs of a view.

    Attributes:
        view: which runs, in which order.
        columns: expressions of the columns.
        path: where to.
        format: csv, json, md or parquet.
    """

    WRITES: ClassVar[bool] = False
    """Nothing of the project."""

    view: View
    columns: tuple[str, ...]
    path: str
    format: str

    def do(self, project: Project, db: Any) -> Done:
        """Do it."""
        page = list_runs(db, replace(self.view.query(), columns=self.columns), names_of(db))
        write_rows(self.path, self.format, page.columns, page.rows)
        return Done(f"wrote {format_number(len(page.rows))} runs to {self.path}")


def write_rows(path: str, format: str, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Write rows to a file as `workbench … --format FORMAT -o PATH` does.

    Raises:
        InputError: the file cannot be written.
    """
    path = os.path.expanduser(path)
    if format == "parquet":
        write_parquet(path, names, rows)
        return
    with whole_file(path) as file:
        write_records(format, guess_columns(names, rows) if format == "md" else names, rows, file)


def write_document(path: str, document: object) -> None:
    """Write a JSON document to a file.

    Raises:
        InputError: the file cannot be written.
    """
    with whole_file(os.path.expanduser(path)) as file:
        write_json(document, file)
