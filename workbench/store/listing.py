"""Lists of runs: filtered, sorted, paged and projected in SQL.

A list takes two steps. `matching` decides which runs are on the page, joining only what the filter
and the sort keys name; `list_runs` then fetches the page's cells. So the cost hardly depends on how
many columns are shown, nor on how many params and metrics the other runs have.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workbench.base.jsonvalue import loads
from workbench.store.columns import parse_column, parse_sort
from workbench.store.conditions import Entity
from workbench.store.matching import RunQuery, matching, notices
from workbench.store.names import Names
from workbench.store.terms import Scope, Term

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

MAX_DEFAULT_PARAMS = 5
MAX_DEFAULT_METRICS = 5
MAX_COMPARED_RUNS = 1000
"""Default columns are chosen by looking at this many runs of the page."""
PAGE_SQL = "WITH page AS MATERIALIZED (SELECT unnest($ids) AS run_id, generate_subscripts($ids, 1) AS place) "


@dataclass(frozen=True)
class RunPage:
    """A page of runs.

    Attributes:
        columns: headers.
        rows: one for each run: str, int, float (NaN and infinities too), bool, aware datetime in UTC, any JSON value
            of a param, None where the run has no such value.
        run_ids: full ids, one for each row.
        total: how many runs match on all pages.
        kinds: what each column holds: text, status, time, duration (seconds), number, bool, or param for mixed values.
        notices: sentences about names that no run has.
        expressions: what each column is, as a query's `columns` would ask for it.
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    run_ids: list[str]
    total: int
    kinds: list[str]
    notices: list[str]
    expressions: list[str] = field(default_factory=list)


def list_runs(db: Connection, query: RunQuery, names: Names | None = None) -> RunPage:
    """The page of runs that a query asks for.

    Args:
        names: the store's names, where they are known already.

    Raises:
        FilterError: a filter, sort key or column cannot be understood.
        InputError: a negative limit or offset.
    """
    columns = [parse_column(text) for text in query.columns]
    names = names or Names(db)
    found = matching(db, query, names)
    columns = columns or [parse_column(text) for text in _default_columns(db, found.ids, query, names)]
    scope = Scope(db, query.directions, names)
    terms = [scope.term(column.operand, column.text) for column in columns]
    rows = _cells(scope, terms, found.ids)
    return RunPage(
        columns=[column.label for column in columns],
        rows=rows,
        run_ids=found.uids,
        total=found.total,
        kinds=[term.kind for term in terms],
        notices=list(dict.fromkeys(found.notices + notices(scope))),
        expressions=[column.text for column in columns],
    )


def default_columns(db: Connection, query: RunQuery, names: Names | None = None) -> list[str]:
    """The columns shown where none are asked for: who and when, the params that differ on the page, the main metrics.

    Raises: as `list_runs`.
    """
    names = names or Names(db)
    return _default_columns(db, matching(db, query, names).ids, query, names)


def decoder() -> Callable[[str | None], Any]:
    """A function from JSON text to its value that decodes each text once: params repeat over many runs."""
    known: dict[str | None, Any] = {None: None}

    def decode(text: str | None) -> Any:
        try:
            return known[text]
        except KeyError:
            value = known[text] = loads(text or "null")
            return value

    return decode


def aware(moment: datetime | None) -> datetime | None:
    """A time of the store, which has no zone, as a time in UTC."""
    return None if moment is None else moment.replace(tzinfo=UTC)


def _cells(scope: Scope, terms: Sequence[Term], ids: Sequence[int]) -> list[tuple[Any, ...]]:
    if not ids:
        return []
    scope.parameters["ids"] = list(ids)
    values = ", ".join(term.value for term in terms)
    rows: list[tuple[Any, ...]] = scope.run(
        f"{PAGE_SQL}SELECT {values} FROM page JOIN run r USING (run_id){scope.page_joins('page')} ORDER BY page.place"
    )
    convert: dict[str, Callable[[Any], Any]] = {"time": aware, "param": decoder()}
    if not any(term.kind in convert for term in terms):
        return rows
    columns = [
        map(convert[term.kind], column) if term.kind in convert else column
        for term, column in zip(terms, zip(*rows, strict=True), strict=True)
    ]
    return list(zip(*columns, strict=True))


def _default_columns(db: Connection, ids: list[int], query: RunQuery, known: Names) -> list[str]:
    ids = ids[:MAX_COMPARED_RUNS]
    experiments: list[tuple[int]] = [(1,)]
    params: list[tuple[str]] = []
    metrics: list[tuple[str]] = []
    if ids:
        parameters: dict[str, Any] = {"ids": ids}
        page = "run_id IN (SELECT unnest($ids))"
        if query.experiment is None:
            experiments = db.execute(f"SELECT count(DISTINCT experiment) FROM run WHERE {page}", parameters).fetchall()
        params = db.execute(
            f"SELECT name FROM param WHERE {page} GROUP BY name HAVING min(value) <> max(value) OR count(*) < $runs"
            f" ORDER BY count(*) DESC, min(t), name LIMIT {MAX_DEFAULT_PARAMS}",
            {**parameters, "runs": len(ids)},
        ).fetchall()
        metrics = db.execute(
            f"SELECT name FROM (SELECT key_id, count(*) AS runs FROM metric_summary WHERE {page} GROUP BY key_id)"
            " JOIN metric_key USING (key_id) WHERE NOT starts_with(name, 'system/')"
            f" ORDER BY runs DESC, length(name) - length(replace(name, '/', '')), name LIMIT {MAX_DEFAULT_METRICS}",
            parameters,
        ).fetchall()
    shown: list[tuple[Entity, str]] = [("params", name) for (name,) in params]
    shown += [("metrics", name) for (name,) in metrics]
    who = ["run_id", "name", "experiment"] if experiments[0][0] > 1 else ["run_id", "name"]
    columns = [*who, "status", "started_at", "duration_s"]
    columns += _sort_columns(query, known, columns)
    return list(dict.fromkeys([*columns, *(known.shortest(*name) for name in shown)]))


def _sort_columns(query: RunQuery, known: Names, shown: list[str]) -> list[str]:
    """What the list is sorted by, which people then want to see."""
    columns = []
    for text in query.sort:
        operand = parse_sort(text).operand
        if operand.aggregate:
            column = str(replace(operand, entity=known.shortest_entity("metrics", operand.name)))
        elif operand.entity in ("params", "metrics", "tags"):
            column = known.shortest(operand.entity, operand.name)
        else:
            column = str(operand)
        if column not in shown and column.removeprefix("attributes.") not in shown:
            columns.append(column)
    return columns
