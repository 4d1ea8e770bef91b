"""Runs of a table: its rows, grouped by the run that they belong to."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from hashlib import blake2b

from workbench.base.errors import InputError
from workbench.base.ids import is_run_id
from workbench.base.jsonvalue import dumps
from workbench.interop.csv.columns import Choices, Plan, plan_columns
from workbench.interop.csv.table import Table, integer_of, number_of, time_of, value_of
from workbench.interop.importing import Events, Facts, derived_run_id
from workbench.interop.whole_journal import Point

_STATUSES = {"finished": "finished", "failed": "failed"}
"""What a status becomes; every other one is that of a run without an end, which is over now: killed."""


class TableRun:
    """One run of a table.

    Args:
        table: all rows. rows: those of the run.
        plan: what the columns are.
        run_id: its id. label: what the user knows it by.
        experiment: for the run.
    """

    def __init__(
        self, table: Table, rows: list[list[str]], plan: Plan, run_id: str, label: str, experiment: str
    ) -> None:
        self.run_id = run_id
        self.label = label
        self._table = table
        self._rows = rows
        self._plan = plan
        self._experiment = experiment
        self._places = {name: place for place, name in enumerate(table.columns)}

    @property
    def timed(self) -> bool:
        """Whether the table has a time for each point."""
        return self._plan.time is not None or "started_at" in self._plan.attributes

    def state(self) -> str:
        """A hash of the rows and of what their columns are."""
        plan = self._plan
        meaning = [plan.attributes, plan.params, plan.metrics, plan.tags, plan.step, plan.time, plan.key, plan.value]
        whole = dumps([self._table.columns, meaning, self._rows])
        return blake2b(whole.encode(), digest_size=16).hexdigest()

    def read(self, facts: Facts) -> Iterator[Point]:
        """The numbers of the metrics' columns; everything else goes to the facts."""
        self._describe(facts)
        yield from self._keyed_points(facts) if self._plan.key is not None else self._points(facts)
        if facts.started_us is None:
            facts.saw(self._table.changed_us)

    def _describe(self, facts: Facts) -> None:
        plan = self._plan
        facts.name = self._attribute("name") or self.label
        facts.experiment = self._experiment
        started, ended = time_of(self._attribute("started_at")), time_of(self._attribute("ended_at"))
        duration_s = number_of(self._attribute("duration_s"))
        if started is not None:
            facts.saw(started)
            if ended is None and duration_s is not None and duration_s - duration_s == 0.0:
                ended = started + round(duration_s * 1e6)
        if ended is not None:
            facts.saw(ended)
        facts.status = _STATUSES.get(self._attribute("status") or "finished", "killed")
        facts.exit_code = integer_of(self._attribute("exit_code"))
        facts.error = self._attribute("error") or None
        facts.origin = {name: self._attribute(name) or None for name in ("user", "host", "cwd")}
        facts.events = self._facts()
        if plan.params or plan.tags:
            varying = [
                name
                for name, column in (plan.params | plan.tags).items()
                if len({cell for cell in self._cells(column) if cell != ""}) > 1
            ]
            facts.notes += [f"{name} changes within the run; its last value is taken" for name in varying]

    def _facts(self) -> Events:
        events: Events = []
        for name, column in self._plan.params.items():
            value = value_of(self._last(column), decimal_comma=self._table.decimal_comma)
            if value is not None:
                events.append({"e": "param", "name": name, "value": value})
        for name, column in self._plan.tags.items():
            if self._last(column):
                events.append({"e": "tag", "name": name, "value": self._last(column)})
        if self._attribute("note"):
            events.append({"e": "set", "field": "note", "value": self._attribute("note"), "prev": ""})
        if self._attribute("git_commit"):
            git = {"commit": self._attribute("git_commit"), "branch": self._attribute("git_branch") or None}
            events.append({"e": "cap", "name": "git", "value": git})
        return events

    def _points(self, facts: Facts) -> Iterator[Point]:
        for row in self._rows:
            step, moment = self._step(row), self._moment(row, facts)
            for name, column in self._plan.metrics.items():
                value = number_of(row[self._places[column]], decimal_comma=self._table.decimal_comma)
                if value is not None:
                    yield name, value, step, moment

    def _keyed_points(self, facts: Facts) -> Iterator[Point]:
        assert self._plan.key is not None and self._plan.value is not None
        key, place = self._places[self._plan.key], self._places[self._plan.value]
        for row in self._rows:
            value = number_of(row[place], decimal_comma=self._table.decimal_comma)
            if value is not None and row[key]:
                yield row[key], value, self._step(row), self._moment(row, facts)

    def _step(self, row: list[str]) -> int:
        step = integer_of(row[self._places[self._plan.step]]) if self._plan.step is not None else 0
        return step or 0

    def _moment(self, row: list[str], facts: Facts) -> int:
        moment = time_of(row[self._places[self._plan.time]]) if self._plan.time is not None else None
        if moment is None:
            moment = facts.ended_us
        return moment if moment is not None else self._table.changed_us

    def _attribute(self, name: str) -> str:
        column = self._plan.attributes.get(name)
        return self._last(column) if column is not None else ""

    def _cells(self, column: str) -> list[str]:
        place = self._places[column]
        return [row[place] for row in self._rows]

    def _last(self, column: str) -> str:
        """The last cell of a column that is not empty."""
        return next((cell for cell in reversed(self._cells(column)) if cell != ""), "")


def find_table_runs(table: Table, choices: Choices, experiment: str | None) -> tuple[Plan, list[TableRun]]:
    """The runs of a table, in the order of their first rows.

    Args:
        table: the rows.
        choices: what the user says of its columns.
        experiment: for all of them; default the column `experiment`, else the file's name without its suffix.

    Raises:
        InputError: the options do not fit the table, or it has no metric and no parameter.
    """
    plan = plan_columns(table, choices)
    if not (plan.params or plan.metrics or plan.tags or plan.key):
        raise InputError(
            f"{table.path} has no column to take as a parameter or a metric", "--param and --metric name them"
        )
    place = {name: table.columns.index(column) for name, column in plan.attributes.items()}
    groups = _grouped(table, plan, place)
    runs = []
    for label, rows in groups.items():
        own = rows[-1][place["experiment"]] if "experiment" in place else ""
        identity, shown = label
        # Ids that a workbench wrote stay what they are, so that a run is the same one wherever it is imported.
        run_id = identity if is_run_id(identity) else derived_run_id("csv", os.path.basename(table.path), identity)
        name = experiment or own or table.stem
        runs.append(TableRun(table, rows, plan, run_id, shown, name))
    return plan, runs


def _grouped(table: Table, plan: Plan, place: dict[str, int]) -> dict[tuple[str, str], list[list[str]]]:
    """The rows of each run by what tells it from others, and by what to call it.

    A run is known by the column `run_id` or that of `--run`; in a table of steps else by its name, and without one
    the whole table is a run. A row of a table of runs is else known by its cells, however often they are repeated.
    """
    groups: dict[tuple[str, str], list[list[str]]] = {}
    seen: Counter[str] = Counter()
    by = next((place[name] for name in ("run_id", "name") if name in place and (plan.long or name == "run_id")), None)
    for number, row in enumerate(table.rows, 1):
        if by is not None and row[by]:
            identity = shown = row[by]
            if not plan.long:
                seen[identity] += 1
                if seen[identity] > 1:
                    raise InputError(
                        f"{table.path} row {number}: the run {identity} is there twice",
                        "--step names the column of steps where a run has several rows",
                    )
        elif plan.long:
            identity, shown = "", table.stem
        else:
            cells = dumps(row)
            seen[cells] += 1
            identity, shown = f"{seen[cells]} {cells}", f"row {number}"
        groups.setdefault((identity, shown), []).append(row)
    return groups
