"""The table of runs: what is asked for a page, and how its rows are made."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.clock import now_us
from workbench.output.cells import cell_width, clip, visible
from workbench.output.marks import FLAG, STAR
from workbench.output.run_table import SHORT_ID, columns_of
from workbench.output.spans import Span
from workbench.output.table import Column, column_cells
from workbench.store.columns import parse_column
from workbench.store.overview import count_runs, marked_runs
from workbench.store.runs import RunQuery, list_runs, place_of, run_ids
from workbench.tui.questions.names import names_of
from workbench.tui.widgets.table_model import TableColumn, TableRow

if TYPE_CHECKING:
    from workbench.store.runs import RunPage
    from workbench.tui.state import RunsView

BLOCK_ROWS = 64
PAGE_ROWS = 3 * BLOCK_ROWS
MAX_TEXT_WIDTH = 28
MAX_NAME_WIDTH = 40
_KNOWN_KINDS = {"name": Column("run"), "started_at": Column("age", "age")}
"""Columns that look the same whether they were chosen or not."""
_FIRST = ("name", "status", "started_at", "experiment")


@dataclass(frozen=True, slots=True)
class View:
    """Which runs are looked at, and how; a `RunsView` that can be part of a question.

    Attributes: as `state.RunsView`.
    """

    where: str = ""
    experiment: str | None = None
    sort: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    hidden: frozenset[str] = frozenset()
    deleted: bool = False

    @classmethod
    def of(cls, view: RunsView) -> View:
        """The view that is remembered."""
        return cls(
            view.where, view.experiment, tuple(view.sort), tuple(view.columns), frozenset(view.hidden), view.deleted
        )

    def query(self, first: int = 0, count: int | None = None) -> RunQuery:
        """The store's query for a part of it."""
        return RunQuery(
            where=self.where or None,
            experiment=self.experiment,
            sort=self.sort,
            columns=self.columns,
            limit=count,
            offset=first,
            deleted=self.deleted,
        )


@dataclass(frozen=True, slots=True)
class RunsTable:
    """A page of the table, ready to be drawn.

    Attributes:
        columns: what is shown.
        total: runs in the view, on all pages.
        n_runs: runs outside the trash, whatever the view.
        first: place of the first row.
        rows: the rows.
        baseline: id of the pinned run, or None.
        notices: sentences about names that no run has.
        expressions: all columns, hidden ones too.
        values: the cells as full texts by run id, for copying.
    """

    columns: tuple[TableColumn, ...]
    total: int
    n_runs: int
    first: int
    rows: tuple[TableRow, ...]
    baseline: str | None
    notices: tuple[str, ...]
    expressions: tuple[str, ...]
    values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class RunsPage:
    """A part of the table: a `RunsTable`.

    Attributes:
        view: which runs.
        first, count: which rows of it.
    """

    view: View
    first: int = 0
    count: int = PAGE_ROWS

    def ask(self, db: Any) -> tuple[RunPage, dict[str, tuple[bool, bool]], int]:
        """The page, the runs that are pinned or starred, and how many there are."""
        return list_runs(db, self.view.query(self.first, self.count), names_of(db)), marked_runs(db), count_runs(db)

    def work(self, found: tuple[RunPage, dict[str, tuple[bool, bool]], int]) -> RunsTable:
        """Texts, widths and marks."""
        page, marked, n_runs = found
        chosen = bool(self.view.columns)
        shown = [
            index
            for index in _order(page.columns, chosen)
            if page.expressions[index] not in self.view.hidden or page.columns[index] == "name"
        ]
        drawn = [
            _KNOWN_KINDS.get(expression.removeprefix("attributes."), column)
            for expression, column in zip(page.expressions, columns_of(page, chosen=chosen), strict=True)
        ]
        moment_us = now_us()
        columns: list[TableColumn] = []
        cells: list[list[Span]] = []
        texts: list[list[str]] = []
        for index in shown:
            expression = page.expressions[index]
            values = [row[index] for row in page.rows]
            is_id = expression.removeprefix("attributes.") == "run_id"
            if is_id:
                values = [uid[:SHORT_ID] for uid in page.run_ids]
            spans = column_cells(drawn[index], values, moment_us)
            texts.append([text.strip() for text, _ in spans] if not is_id else list(page.run_ids))
            limit = MAX_NAME_WIDTH if not columns else MAX_TEXT_WIDTH
            clipped = [(clip(text, limit), style) for text, style in spans]
            title = clip(visible(drawn[index].name), limit)
            columns.append(
                TableColumn(
                    key=expression,
                    title=title,
                    width=_width(title, clipped, drawn[index], first=not columns),
                    align=drawn[index].alignment,
                    sort=_arrow(self.view.sort, expression),
                )
            )
            cells.append(clipped)
        rows = []
        for place, uid in enumerate(page.run_ids):
            pinned, starred = marked.get(uid, (False, False))
            flags = [(FLAG, "accent")] * pinned + [(STAR, "accent")] * starred
            rows.append(TableRow(uid, tuple(column[place] for column in cells), tuple(flags)))
        return RunsTable(
            columns=tuple(columns),
            total=page.total,
            n_runs=n_runs,
            first=self.first,
            rows=tuple(rows),
            baseline=next((uid for uid, (pinned, _) in marked.items() if pinned), None),
            notices=tuple(page.notices),
            expressions=tuple(page.expressions[index] for index in _order(page.columns, chosen)),
            values={uid: tuple(column[place] for column in texts) for place, uid in enumerate(page.run_ids)},
        )


@dataclass(frozen=True, slots=True)
class RunIds:
    """The ids of the runs of a view, in order: a list of str.

    Attributes:
        view: which runs.
        first, count: which part of it; None is all that follows.
    """

    view: View
    first: int = 0
    count: int | None = None

    def ask(self, db: Any) -> list[str]:
        """The ids."""
        return run_ids(db, self.view.query(self.first, self.count), names_of(db))

    def work(self, found: list[str]) -> list[str]:
        """The same."""
        return found


@dataclass(frozen=True, slots=True)
class Place:
    """The 0-based place of a run in a view: an int, or None where it is not in it."""

    view: View
    uid: str

    def ask(self, db: Any) -> int | None:
        """Look for it."""
        return place_of(db, self.view.query(), self.uid, names_of(db))

    def work(self, found: int | None) -> int | None:
        """The same."""
        return found


def first_page(view: RunsView) -> RunsPage:
    """What the runs screen asks first."""
    return RunsPage(View.of(view))


def next_sort(sort: Sequence[str], column: str) -> list[str]:
    """The sort keys after one more press on a column: descending, ascending, none."""
    key = sort_key(column)
    if list(sort) == [f"-{key}"]:
        return [key]
    return [] if list(sort) == [key] else [f"-{key}"]


def sort_key(column: str) -> str:
    """A column's expression without the name after `as`, which a sort key has not."""
    return re.sub(r"\s+as\s+\S.*$", "", column, flags=re.IGNORECASE)


def check_column(expression: str) -> str | None:
    """What is wrong with the expression of a column, or None."""
    from workbench.base.errors import FilterError

    try:
        parse_column(expression)
    except FilterError as error:
        return error.explanation or error.message
    return None


def _arrow(sort: Sequence[str], column: str) -> str:
    key = sort_key(column)
    return "▼" if f"-{key}" in sort else "▲" if key in sort else ""


def _order(labels: Sequence[str], chosen: bool) -> list[int]:
    """Places of columns as they are shown: the name leads; by default what is read first follows, the id is last."""
    order = list(range(len(labels)))
    if chosen:
        return sorted(order, key=lambda index: labels[index] != "name")
    rank = {**{name: place for place, name in enumerate(_FIRST)}, "duration_s": 10, "run_id": 11}
    return sorted(order, key=lambda index: rank.get(labels[index], 9))


def _width(title: str, cells: Sequence[Span], column: Column, *, first: bool) -> int:
    """Cells for the title with its arrow and for every text; the flags of a run stand in its first column."""
    widest = max((cell_width(text) for text, _ in cells), default=0)
    flags = 3 if first else 0
    return max(cell_width(title) + 2, widest + flags, 4)
