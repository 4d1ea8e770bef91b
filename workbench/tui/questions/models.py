"""The table of registered models."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.base.clock import now_us
from workbench.output.cells import cell_width, clip, visible
from workbench.output.columns import Column
from workbench.output.marks import MISSING
from workbench.output.model_table import model_table, shown_aliases, shown_version
from workbench.output.spans import Span
from workbench.output.table import column_cells
from workbench.registry.overview import model_rows
from workbench.tui.widgets.table_model import TableColumn, TableRow

PAGE_ROWS = 192
MAX_TEXT_WIDTH = 40
MAX_LAST_WIDTH = 240
LEAST_LAST_WIDTH = 12
ALWAYS = 8
"""Columns of this priority and higher ones are shown also where they say nothing."""

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class ModelsTable:
    """A page of the table, ready to be drawn.

    Attributes:
        columns: what is shown.
        total: models on all pages.
        first: place of the first row.
        rows: the rows; a row's key is the model's name.
    """

    columns: tuple[TableColumn, ...]
    total: int
    first: int
    rows: tuple[TableRow, ...]


@dataclass(frozen=True, slots=True)
class ModelsPage:
    """A part of the models, the one that was changed last first: a `ModelsTable`.

    Attributes:
        first, count: which rows.
    """

    first: int = 0
    count: int = PAGE_ROWS

    def ask(self, db: Any) -> tuple[int, list[Document]]:
        """How many there are, and the page."""
        documents = model_rows(db)
        return len(documents), documents[self.first : self.first + self.count]

    def work(self, found: tuple[int, list[Document]]) -> ModelsTable:
        """Texts and widths."""
        total, documents = found
        _, values, columns = model_table(documents)
        moment_us = now_us()
        cells = [column_cells(column, [row[i] for row in values], moment_us) for i, column in enumerate(columns)]
        shown, rows = drawn(list(zip(columns, cells, strict=True)), [one["name"] for one in documents])
        return ModelsTable(shown, total, self.first, rows)


@dataclass(frozen=True, slots=True)
class ModelNames:
    """All models in the order of the table, each with a few words: `[(name, words)]`."""

    def ask(self, db: Any) -> list[Document]:
        """Read them."""
        return model_rows(db)

    def work(self, found: list[Document]) -> list[tuple[str, str]]:
        """Names and words."""
        return [(one["name"], shown_aliases(one["aliases"]) or _newest(one["newest"])) for one in found]


def drawn(
    columns: Sequence[tuple[Column, Sequence[Span]]], keys: Sequence[str]
) -> tuple[tuple[TableColumn, ...], tuple[TableRow, ...]]:
    """Columns with their cells as a table draws them, without unimportant ones that say nothing.

    The last column may be cut to the room that is left.

    Args:
        columns: with a cell for each key.
        keys: of the rows.
    """
    first, *others = columns
    kept = [first, *(entry for entry in others if entry[0].priority >= ALWAYS or _says_something(entry[1]))]
    last = len(kept) - 1
    shown: list[TableColumn] = []
    drawn_cells: list[list[Span]] = []
    for place, (column, spans) in enumerate(kept):
        limit = MAX_LAST_WIDTH if place == last else MAX_TEXT_WIDTH
        cells = [(clip(text, limit), style) for text, style in spans]
        title = clip(visible(column.name), limit)
        width = max([cell_width(title), *(cell_width(text) for text, _ in cells)])
        least = LEAST_LAST_WIDTH if place == last else 0
        shown.append(TableColumn(column.name, title, width, column.alignment, least=least))
        drawn_cells.append(cells)
    rows = (TableRow(key, tuple(cells[place] for cells in drawn_cells)) for place, key in enumerate(keys))
    return tuple(shown), tuple(rows)


def _says_something(cells: Sequence[Span]) -> bool:
    return any(text.strip() not in ("", MISSING) for text, _ in cells)


def _newest(newest: Mapping[str, Any] | None) -> str:
    return f"{shown_version(newest['version'])} {newest['status']}" if newest else "no versions"
