"""Lists of runs: filtered, sorted, paged and projected in SQL.

A list takes two steps. `matching` decides which runs are on the page, joining only what the filter
and the sort keys name; `list_runs` then fetches the page's cells. So the cost hardly depends on how
many columns are shown, nor on how many params and metrics the other runs have.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError
from workbench.base.jsonvalue import loads, plain
from workbench.store.columns import parse_column, parse_sort
from workbench.store.conditions import Entity, Filter, Operand
from workbench.store.fields import find_attribute
from workbench.store.filter_sql import names_attribute, where_clause
from workbench.store.names import Names
from workbench.store.terms import Scope, Term

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.base.direction import Direction

MAX_DEFAULT_PARAMS = 5
MAX_DEFAULT_METRICS = 5
MAX_COMPARED_RUNS = 1000
"""Default columns are chosen by looking at this many runs of the page."""
PAGE_SQL = "WITH page AS MATERIALIZED (SELECT unnest($ids) AS run_id, generate_subscripts($ids, 1) AS place) "


@dataclass(frozen=True)
class RunQuery:
    """Which runs, in which order, with which columns.

    Attributes:
        where: a filter, as `store.filters` describes it.
        experiment: only runs of this experiment.
        sort: sort keys, the most important first; the newest run is first where they are equal or absent.
        columns: column expressions; none are the default ones.
        limit: at most this many runs; None is all.
        offset: how many runs to leave out at the start.
        deleted: only runs in the trash, rather than only runs outside it; a filter on `deleted` overrules both.
        directions: which metrics are better low or high, over the rule that goes by their names.
    """

    where: str | None = None
    experiment: str | None = None
    sort: Sequence[str] = ()
    columns: Sequence[str] = ()
    limit: int | None = None
    offset: int = 0
    deleted: bool = False
    directions: Mapping[str, Direction] = field(default_factory=dict)


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
    """

    columns: list[str]
    rows: list[tuple[Any, ...]]
    run_ids: list[str]
    total: int
    kinds: list[str]
    notices: list[str]


@dataclass(frozen=True)
class Match:
    """Which runs are on a page.

    Attributes:
        ids: local numbers, in order.
        uids: run ids, in the same order.
        total: how many runs match on all pages.
        notices: sentences about names that no run has.
    """

    ids: list[int]
    uids: list[str]
    total: int
    notices: list[str]


def list_runs(db: Connection, query: RunQuery) -> RunPage:
    """The page of runs that a query asks for.

    Raises:
        FilterError: a filter, sort key or column cannot be understood.
        InputError: a negative limit or offset.
    """
    columns = [parse_column(text) for text in query.columns]
    names = Names(db)
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
        notices=list(dict.fromkeys(found.notices + _notices(scope))),
    )


def default_columns(db: Connection, query: RunQuery) -> list[str]:
    """The columns shown where none are asked for: who and when, the params that differ on the page, the main metrics.

    Raises: as `list_runs`.
    """
    names = Names(db)
    return _default_columns(db, matching(db, query, names).ids, query, names)


def matching(db: Connection, query: RunQuery, names: Names | None = None) -> Match:
    """The runs on the page, by filter, order, limit and offset.

    Raises: as `list_runs`.
    """
    if query.offset < 0 or (query.limit is not None and query.limit < 0):
        raise InputError("a limit and an offset are not negative")
    scope = Scope(db, query.directions, names)
    wanted = _filter(query.where or "")
    conditions = [where_clause(scope, wanted)]
    if not names_attribute(wanted.condition, "deleted"):
        conditions.append(f"coalesce(r.deleted, false) = {scope.parameter(query.deleted)}")
    if query.experiment is not None:
        conditions.append(f"r.experiment = {scope.parameter(plain(query.experiment))}")
    keys: list[str] = []
    order: list[str] = []
    for text in query.sort:
        sort = parse_sort(text)
        for key in scope.term(sort.operand, text).order:
            order.append(f"k{len(keys)} {'DESC' if sort.descending else 'ASC'} NULLS LAST")
            keys.append(f"{key} AS k{len(keys)}")
    keys.append("r.started_at AS begun")
    order += ["begun DESC NULLS LAST", "uid"]
    hit = (
        f"WITH hit AS MATERIALIZED (SELECT r.run_id, r.uid, {', '.join(keys)} FROM run r{scope.joins()}"
        f" WHERE {' AND '.join(conditions)}) "
    )
    page = f" LIMIT {'ALL' if query.limit is None else int(query.limit)} OFFSET {int(query.offset)}"
    rows = scope.run(f"{hit}SELECT run_id, uid, (SELECT count(*) FROM hit) FROM hit ORDER BY {', '.join(order)}{page}")
    if rows:
        total: Any = rows[0][2]
    else:
        [(total,)] = scope.run(f"{hit}SELECT count(*) FROM hit") if query.offset or query.limit == 0 else [(0,)]
    ids: list[Any] = [row[0] for row in rows]
    uids: list[Any] = [row[1] for row in rows]
    return Match(ids, uids, total, _notices(scope))


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


def _filter(text: str) -> Filter:
    if not text.strip():
        return Filter(text, None)
    from workbench.store.filters import parse_filter  # loads sqlglot

    return parse_filter(text)


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


def _notices(scope: Scope) -> list[str]:
    notices = []
    for operand in scope.unknown:
        near = scope.names.near(operand)
        notices.append(f"no run has {Operand(operand.entity, operand.name)}" + (f"; {near}" if near else ""))
    return notices


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
    return list(dict.fromkeys([*columns, *(_shortest(known, *name) for name in shown)]))


def _sort_columns(query: RunQuery, known: Names, shown: list[str]) -> list[str]:
    """What the list is sorted by, which people then want to see."""
    columns = []
    for text in query.sort:
        operand = parse_sort(text).operand
        if operand.aggregate:
            column = str(replace(operand, entity=_shortest_entity(known, "metrics", operand.name)))
        elif operand.entity in ("params", "metrics", "tags"):
            column = _shortest(known, operand.entity, operand.name)
        else:
            column = str(operand)
        if column not in shown and column.removeprefix("attributes.") not in shown:
            columns.append(column)
    return columns


def _shortest(known: Names, entity: Entity, name: str) -> str:
    """The name without its kind, where that still names one thing."""
    return str(Operand(_shortest_entity(known, entity, name), name))


def _shortest_entity(known: Names, entity: Entity, name: str) -> Entity:
    alone = known.kinds_of(name) == [entity] and find_attribute(name) is None
    return "" if alone else entity
