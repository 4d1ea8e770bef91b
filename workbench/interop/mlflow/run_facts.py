"""What the store knows of runs, in one reading for all runs of a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workbench.interop.mlflow.inputs import dataset_rows
from workbench.store.entities import read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

KEPT_RUNS = 1_000
"""How many runs `FactsOfRuns` keeps, some 10 kB each: a page that is looked at again, not the store."""

_PICKED = "run_id IN (FROM picked)"
_OWN = "run_field WHERE name IN ('artifact_uri', 'scheduled')"
_TAGS = "tag WHERE value IS NOT NULL"
_CONSTANTS = {"true": "True", "false": "False", "null": "None", None: "None"}


@dataclass(slots=True)
class RunFacts:
    """A run as it is stored. It is shared by all who ask: what is made of it must not hold parts that can be changed.

    Attributes:
        started_ms, ended_ms: since the epoch.
        note, command: the latter is JSON.
        own: fields that only MLflow sets, by name.
        tags, params: texts by name.
        metrics: key, value, milliseconds since the epoch and step of the latest point of each.
        datasets: as `dataset_rows` reads them.
        models: fields of the entity that links logged models.
    """

    uid: str
    name: str
    experiment: str
    status: str
    started_ms: int
    ended_ms: int | None
    user: str | None
    deleted: bool
    note: str | None
    parent_uid: str | None
    command: str | None
    git_commit: str | None
    own: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    params: dict[str, str] = field(default_factory=dict)
    metrics: list[tuple[str, float, int, int]] = field(default_factory=list)
    datasets: list[tuple[Any, ...]] = field(default_factory=list)
    models: dict[str, Any] = field(default_factory=dict)


class FactsOfRuns:
    """Facts of runs, kept as long as the store is as it is: every `db` below has the same content."""

    def __init__(self) -> None:
        self._runs: dict[int, RunFacts] = {}
        self._keys: dict[int, str] = {}
        self._key_ids: dict[str, int | None] = {}
        self._there: dict[str, bool] = {}

    def key_id(self, db: Connection, name: str) -> int | None:
        """The number of a metric in the store; None where there is none of that name."""
        if name not in self._key_ids:
            rows = db.execute("SELECT key_id FROM metric_key WHERE name = ?", [name]).fetchall()
            self._key_ids[name] = rows[0][0] if rows else None
        return self._key_ids[name]

    def of(self, db: Connection, numbers: Sequence[int]) -> list[RunFacts]:
        """The facts of runs by their numbers in the store, in that order."""
        missing = [number for number in numbers if number not in self._runs]
        if len(self._runs) + len(missing) > KEPT_RUNS:
            self._runs.clear()
            missing = list(numbers)
        read = self._read(db, missing) if missing else {}
        if len(missing) <= KEPT_RUNS:
            self._runs |= read
        return [read.get(number) or self._runs[number] for number in numbers]

    def _read(self, db: Connection, numbers: list[int]) -> dict[int, RunFacts]:
        # What each query joins: numbers in the text of each would take longer to parse than to look for.
        db.execute("CREATE OR REPLACE TEMP TABLE picked AS SELECT unnest($1::INTEGER[]) AS run_id", [numbers])
        rows = db.execute(
            "SELECT run_id, uid, name, experiment, status, epoch_ms(started_at), epoch_ms(ended_at), user_name, "
            f"deleted, note, parent_uid, command, git_commit FROM run WHERE {_PICKED}"
        ).fetchall()
        runs = {row[0]: RunFacts(*row[1:]) for row in rows}
        if self._any(db, _OWN):
            for number, name, value in db.execute(f"SELECT run_id, name, value FROM {_OWN} AND {_PICKED}").fetchall():
                runs[number].own[name] = value
        if self._any(db, _TAGS):
            for number, name, value in db.execute(f"SELECT run_id, name, value FROM {_TAGS} AND {_PICKED}").fetchall():
                runs[number].tags[name] = value
        for number, name, value, text in db.execute(
            f"SELECT run_id, name, value, text FROM param WHERE {_PICKED}"
        ).fetchall():
            # What is text in JSON has quotes, so only what is none is the same in both.
            runs[number].params[name] = text if value != text else _as_python(value)
        self._read_metrics(db, runs)
        if self._any(db, "dataset"):
            for row in dataset_rows(db, _PICKED):
                runs[row[0]].datasets.append(row[1:])
        if self._any(db, "entity_field WHERE kind = 'run_models'"):
            models = read_entities(db, "run_models", [run.uid for run in runs.values()])
            for run in runs.values():
                run.models = models.get(run.uid, {})
        return runs

    def _any(self, db: Connection, rows: str) -> bool:
        """Whether there are such rows for any run: many a project never has some, and joining none takes long, too."""
        if rows not in self._there:
            self._there[rows] = bool(db.execute(f"SELECT 1 FROM {rows} LIMIT 1").fetchall())
        return self._there[rows]

    def _read_metrics(self, db: Connection, runs: dict[int, RunFacts]) -> None:
        rows = db.execute(
            f"SELECT run_id, key_id, last, epoch_ms(last_ts), last_step FROM metric_summary WHERE {_PICKED}"
        ).fetchall()
        self._name_keys(db, {row[1] for row in rows})
        keys = self._keys
        for number, key_id, value, when_ms, step in rows:
            runs[number].metrics.append((keys[key_id], value, when_ms, step))

    def _name_keys(self, db: Connection, key_ids: Iterable[int]) -> None:
        unnamed = [key_id for key_id in key_ids if key_id not in self._keys]
        if unnamed:
            query = "SELECT key_id, name FROM metric_key WHERE key_id IN (SELECT unnest($1::INTEGER[]))"
            self._keys |= dict(db.execute(query, [unnamed]).fetchall())


@lru_cache(maxsize=10_000)  # values repeat from run to run
def _as_python(value: str | None) -> str:
    """What `str` makes of a JSON value that is no text: `param_text` for one parameter."""
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    assert value is not None
    is_number = value[0] in "-0123456789"
    return str(float(value)) if is_number and ("." in value or "e" in value) else value
