"""How a page of runs looks as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.output.marks import FLAG, STAR
from workbench.output.table import Column, guess_columns

if TYPE_CHECKING:
    from workbench.store.runs import RunPage

SHORT_ID = 8
_KNOWN = {
    "name": Column("run", priority=9, min_width=12),
    "run_id": Column("id", priority=5),
    "experiment": Column("experiment", priority=4),
    "status": Column("status", "status", priority=8),
    "started_at": Column("age", "age", priority=7),
    "duration_s": Column("time", "duration", priority=3),
}
_KINDS = {"status": "status", "time": "time", "duration": "duration", "number": "number", "bool": "bool"}
_METRIC_PRIORITY, _PARAM_PRIORITY = 6, 5


def columns_of(page: RunPage, *, chosen: bool) -> list[Column]:
    """How each column of a page is drawn.

    Args:
        page: from `store.runs.list_runs`.
        chosen: the user named the columns; they are called what the user called them. Else the start is an age.
    """
    return [
        _KNOWN[label] if not chosen and label in _KNOWN else _column(label, kind, [row[index] for row in page.rows])
        for index, (label, kind) in enumerate(zip(page.columns, page.kinds, strict=True))
    ]


def table_of(
    page: RunPage, *, chosen: bool, sort: Sequence[str], marked: Mapping[str, tuple[bool, bool]]
) -> tuple[list[str], list[list[object]], list[Column]]:
    """Names, rows and columns for a page of runs.

    Args:
        page: from `store.runs.list_runs`.
        chosen: the user named the columns; they are shown as they are. Else the name comes first, ids are short,
            the start is an age and the duration comes last.
        sort: the sort keys, to mark their columns.
        marked: whether runs are pinned and starred, by run id, from `store.overview.marked_runs`.
    """
    columns = columns_of(page, chosen=chosen)
    order = list(range(len(columns)))
    if not chosen:
        order.sort(key=lambda index: (page.columns[index] != "name", page.columns[index] == "duration_s"))
    cells = [list(row) for row in page.rows]
    if not chosen:
        name, run_id = page.columns.index("name"), page.columns.index("run_id")
        for row, uid in zip(cells, page.run_ids, strict=True):
            row[run_id] = uid[:SHORT_ID]
            pinned, starred = marked.get(uid, (False, False))
            row[name] = f"{row[name]} {FLAG * pinned}{STAR * starred}".rstrip() if pinned or starred else row[name]
    rows = [[row[index] for index in order] for row in cells]
    arrows = {key.lstrip().removeprefix("-"): "▼" if key.lstrip().startswith("-") else "▲" for key in sort}
    shown = [replace(columns[index], sort=arrows.get(page.columns[index], "")) for index in order]
    return [page.columns[index] for index in order], rows, shown


def _column(label: str, kind: str, values: Sequence[object]) -> Column:
    if kind == "param":
        [column] = guess_columns([label], [[value] for value in values])
        return replace(column, kind=column.kind if column.kind == "number" else "text", priority=_PARAM_PRIORITY)
    return Column(label, _KINDS.get(kind, "text"), priority=_METRIC_PRIORITY)
