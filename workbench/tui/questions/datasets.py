"""The tables of datasets and of the versions of one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.base.clock import now_us
from workbench.data.documents import dataset_page, version_document
from workbench.data.versions import DatasetVersion, dataset_outlines, find_dataset, runs_using, versions_of
from workbench.output.cells import visible
from workbench.output.columns import Column
from workbench.output.spans import Span
from workbench.output.table import column_cells
from workbench.tui.questions.models import ALWAYS, PAGE_ROWS, drawn
from workbench.tui.widgets.table_model import TableColumn, TableRow

Document = dict[str, Any]

DATASET_COLUMNS = [
    Column("dataset"),
    Column("newest", priority=ALWAYS),
    Column("rows", "number", priority=ALWAYS),
    Column("size", "size", priority=ALWAYS),
    Column("runs", "number", priority=ALWAYS),
    Column("models", "number", priority=ALWAYS),
    Column("age", "age", priority=ALWAYS),
    Column("columns", "number"),
    Column("format"),
    Column("description"),
]
VERSION_COLUMNS = [
    Column("version"),
    Column("rows", "number", priority=ALWAYS),
    Column("columns", "number", priority=ALWAYS),
    Column("size", "size", priority=ALWAYS),
    Column("runs", "number", priority=ALWAYS),
    Column("models"),
    Column("age", "age", priority=ALWAYS),
    Column("by"),
    Column("copy"),
    Column("digest"),
    Column("description"),
]


@dataclass(frozen=True, slots=True)
class DataTable:
    """A page of a table, ready to be drawn.

    Attributes:
        columns: what is shown.
        total: rows on all pages.
        first: place of the first row.
        rows: a row's key is the dataset's name, or the reference of a version.
        about: whose versions these are; empty for datasets.
        numbers: of all versions, the newest first; none for datasets.
    """

    columns: tuple[TableColumn, ...]
    total: int
    first: int
    rows: tuple[TableRow, ...]
    about: str = ""
    numbers: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class DatasetsPage:
    """A part of the datasets, the one whose newest version was registered last first: a `DataTable`.

    Attributes:
        first, count: which rows.
    """

    first: int = 0
    count: int = PAGE_ROWS

    def ask(self, db: Any) -> tuple[int, list[Document]]:
        """How many there are, and the page."""
        return dataset_page(db, self.first, self.count)

    def work(self, found: tuple[int, list[Document]]) -> DataTable:
        """Texts and widths."""
        total, documents = found
        rows = [_dataset_row(one) for one in documents]
        return DataTable(*_shown(DATASET_COLUMNS, rows, [one["name"] for one in documents], total, self.first))


@dataclass(frozen=True, slots=True)
class DatasetNames:
    """All datasets in the order of the table, each with its newest version: `[(name, words)]`."""

    def ask(self, db: Any) -> list[tuple[str, str]]:
        """Read them."""
        return [(one.name, f"v{one.number}") for one in dataset_outlines(db)]

    def work(self, found: list[tuple[str, str]]) -> list[tuple[str, str]]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class DataVersionsPage:
    """A part of the versions of a dataset, the newest first: a `DataTable`.

    Attributes:
        name: of the dataset.
        first, count: which rows.
    """

    name: str
    first: int = 0
    count: int = PAGE_ROWS

    def ask(self, db: Any) -> tuple[list[int], list[Document]]:
        """The numbers of all, and the page.

        Raises:
            DatasetNotFoundError: there is no such dataset any more.
        """
        versions = versions_of(db, find_dataset(db, self.name).id)[::-1]
        shown = versions[self.first : self.first + self.count]
        uses = runs_using(db, [one.digest for one in shown])
        documents = [version_document(one, uses.get(one.digest, [])) for one in shown]
        return [one.number for one in versions], documents

    def work(self, found: tuple[list[int], list[Document]]) -> DataTable:
        """Texts and widths."""
        numbers, documents = found
        rows = [_version_row(one) for one in documents]
        keys = [one["reference"] for one in documents]
        shown = _shown(VERSION_COLUMNS, rows, keys, len(numbers), self.first)
        return DataTable(*shown, about=self.name, numbers=tuple(numbers))


@dataclass(frozen=True, slots=True)
class VersionsToCompare:
    """Two versions with their files: a pair of `DatasetVersion`.

    Attributes:
        before, after: references; an empty `before` is the version before.
    """

    before: str
    after: str

    def ask(self, db: Any) -> tuple[DatasetVersion, DatasetVersion]:
        """Find them.

        Raises:
            DatasetNotFoundError: there is no such version, or none before.
        """
        from workbench.data.references import resolve_data
        from workbench.data.versions import DatasetNotFoundError

        after = resolve_data(db, self.after)
        before = self.before
        if not before:
            numbers = [one.number for one in versions_of(db, after.dataset_id) if one.number < after.number]
            if not numbers:
                raise DatasetNotFoundError(
                    f"{after.reference} is the first version", "mark another one with space, then c compares"
                )
            before = f"{after.name}@v{max(numbers)}"
        return resolve_data(db, before), after

    def work(self, found: tuple[DatasetVersion, DatasetVersion]) -> tuple[DatasetVersion, DatasetVersion]:
        """The same."""
        return found


def _shown(
    columns: Sequence[Column], rows: Sequence[Sequence[object]], keys: Sequence[str], total: int, first: int
) -> tuple[tuple[TableColumn, ...], int, int, tuple[TableRow, ...]]:
    moment_us = now_us()
    cells: list[tuple[Column, list[Span]]] = [
        (column, column_cells(column, [row[place] for row in rows], moment_us)) for place, column in enumerate(columns)
    ]
    shown, drawn_rows = drawn(cells, keys)
    return shown, total, first, drawn_rows


def _dataset_row(document: Document) -> list[object]:
    newest = document["newest"]
    return [
        visible(document["name"]),
        f"v{newest['version']}",
        newest["rows"],
        newest["size_bytes"],
        document["runs"],
        document["models"],
        newest["created_at"],
        newest["column_count"] or None,
        newest["format"],
        newest["description"] or document["description"],
    ]


def _version_row(document: Document) -> list[object]:
    models = list(dict.fromkeys(model for run in document["runs"] for model in run["models"]))
    more = f" +{len(models) - 2}" if len(models) > 2 else ""
    return [
        f"v{document['version']}",
        document["rows"],
        document["column_count"] or None,
        document["size_bytes"],
        len({run["run_id"] for run in document["runs"]}),
        ", ".join(models[:2]) + more or None,
        document["created_at"],
        document["by"],
        "yes" if document["copied"] else None,
        document["digest"].removeprefix("sha256:")[:12],
        document["description"],
    ]
