"""Which runs a query means, and in which order: its page, all of them, the place of one.

Only what the filter and the sort keys name is joined, so the cost hardly depends on how many params
and metrics the runs have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError
from workbench.base.jsonvalue import plain
from workbench.store.columns import parse_sort
from workbench.store.conditions import Filter, Operand
from workbench.store.filter_sql import names_attribute, where_clause
from workbench.store.names import Names
from workbench.store.terms import Scope

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.base.direction import Direction


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


def matching(db: Connection, query: RunQuery, names: Names | None = None) -> Match:
    """The runs on the page, by filter, order, limit and offset.

    Args:
        names: the store's names, where they are known already.

    Raises: as `list_runs`.
    """
    if query.offset < 0 or (query.limit is not None and query.limit < 0):
        raise InputError("a limit and an offset are not negative")
    hits = _Hits(Scope(db, query.directions, names), query)
    page = f" LIMIT {'ALL' if query.limit is None else int(query.limit)} OFFSET {int(query.offset)}"
    rows = hits.run(f"SELECT run_id, uid, (SELECT count(*) FROM hit) FROM hit ORDER BY {hits.order}{page}")
    if rows:
        total: Any = rows[0][2]
    else:
        [(total,)] = hits.run("SELECT count(*) FROM hit") if query.offset or query.limit == 0 else [(0,)]
    ids: list[Any] = [row[0] for row in rows]
    uids: list[Any] = [row[1] for row in rows]
    return Match(ids, uids, total, notices(hits.scope))


def run_ids(db: Connection, query: RunQuery, names: Names | None = None) -> list[str]:
    """The ids of all runs that match, in order; the query's limit and offset play no part.

    Raises: FilterError, as `list_runs`.
    """
    hits = _Hits(Scope(db, query.directions, names), query)
    rows: list[Any] = hits.run(f"SELECT uid FROM hit ORDER BY {hits.order}")
    return [uid for (uid,) in rows]


def place_of(db: Connection, query: RunQuery, uid: str, names: Names | None = None) -> int | None:
    """How many of the runs that match come before this one; None where it is not among them.

    The query's limit and offset play no part.

    Raises: FilterError, as `list_runs`.
    """
    hits = _Hits(Scope(db, query.directions, names), query)
    me = f"(FROM hit WHERE uid = {hits.scope.parameter(uid)})"
    rows: list[Any] = hits.run(f"SELECT (SELECT count(*) FROM hit WHERE {hits.before('me')}) FROM {me} me")
    return rows[0][0] if rows else None


class _Hits:
    """The relation `hit`: the runs that match, with what they are sorted by."""

    def __init__(self, scope: Scope, query: RunQuery) -> None:
        self.scope = scope
        wanted = _filter(query.where or "")
        conditions = [where_clause(scope, wanted)]
        if not names_attribute(wanted.condition, "deleted"):
            conditions.append(f"coalesce(r.deleted, false) = {scope.parameter(query.deleted)}")
        if query.experiment is not None:
            conditions.append(f"r.experiment = {scope.parameter(plain(query.experiment))}")
        columns: list[str] = []
        self._keys: list[tuple[str, bool]] = []
        for text in query.sort:
            sort = parse_sort(text)
            for key in scope.term(sort.operand, text).order:
                columns.append(f"{key} AS k{len(columns)}")
                self._keys.append((f"k{len(self._keys)}", sort.descending))
        columns.append("r.started_at AS begun")
        self._keys += [("begun", True), ("uid", False)]
        self._sql = (
            f"WITH hit AS MATERIALIZED (SELECT r.run_id, r.uid, {', '.join(columns)} FROM run r{scope.joins()}"
            f" WHERE {' AND '.join(conditions)}) "
        )

    @property
    def order(self) -> str:
        """What ORDER BY takes."""
        return ", ".join(f"{key} {'DESC' if descending else 'ASC'} NULLS LAST" for key, descending in self._keys)

    def before(self, other: str) -> str:
        """The condition that a row of `hit` is sorted before the row `other`."""
        condition = "false"
        for key, descending in reversed(self._keys):
            mine, its = f"hit.{key}", f"{other}.{key}"
            earlier = f"({mine} {'>' if descending else '<'} {its} OR ({mine} IS NOT NULL AND {its} IS NULL))"
            condition = f"({earlier} OR ({mine} IS NOT DISTINCT FROM {its} AND {condition}))"
        return condition

    def run(self, sql: str) -> list[tuple[object, ...]]:
        """The rows of a query over `hit`."""
        return self.scope.run(self._sql + sql)


def notices(scope: Scope) -> list[str]:
    """Sentences about the names that no run has."""
    found = []
    for operand in scope.unknown:
        near = scope.names.near(operand)
        found.append(f"no run has {Operand(operand.entity, operand.name)}" + (f"; {near}" if near else ""))
    return found


def _filter(text: str) -> Filter:
    if not text.strip():
        return Filter(text, None)
    from workbench.store.filters import parse_filter  # loads sqlglot

    return parse_filter(text)
