"""A registered version of a dataset in Python code."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from workbench.base.project import require_project
from workbench.data.materialising import find_data
from workbench.data.versions import DatasetVersion
from workbench.store.visit import visit

if TYPE_CHECKING:
    import polars as pl


class RegisteredData(os.PathLike[str]):
    """A version, which is a path for `open`, pandas and `run.log_dataset`; for polars take `path`, or `scan()`.

    Attributes:
        reference: `transactions@v3`.
        digest: `sha256:…`, the same that a run records.
        path: where the bytes can be read: the original where it is still the same, else the project's copy.
        rows: None where it is no table.
    """

    def __init__(self, version: DatasetVersion, path: str) -> None:
        self.reference = version.reference
        self.digest = version.digest
        self.path = path
        self.rows = version.rows
        self._format = version.format if version.column_count else None

    def __fspath__(self) -> str:
        return self.path

    def __repr__(self) -> str:
        return f"<dataset {self.reference} at {self.path}>"

    def scan(self) -> pl.LazyFrame:
        """The table, lazily.

        Raises:
            InputError: it is no table.
        """
        from workbench.data.tables import scan

        return scan(self.path, format=self._format)


def dataset(reference: str, *, project: str | None = None) -> RegisteredData:
    """A registered version of a dataset; its hash is checked, which is quick for a file that was not touched.

    Args:
        reference: `NAME` or `NAME@latest` for the newest version, `NAME@v3`.
        project: the project's folder; default the nearest one at or above the working directory.

    Raises:
        NotFoundError: there is no such version, or its bytes are nowhere.
        ProjectNotFoundError: there is no project.
    """
    found = require_project(project)
    with visit(found) as db:
        version, path = find_data(db, found, reference)
    return RegisteredData(version, path)
