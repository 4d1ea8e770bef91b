"""Experiments as MLflow has them, with ids, times and tags, over runs that know the name of their experiment.

An experiment of ours is a name on runs. It gets an MLflow id from its name, so that two machines that log to the same
name agree; once MLflow has changed anything about it, its id and fields are facts of their own. A rename writes the
new name to each run. MLflow's `Default`, id 0, is our `default`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import TYPE_CHECKING

from workbench.base.clock import now_us
from workbench.store.entities import Event, entity_events, latest_us, read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

KIND = "experiment"
DEFAULT_ID = "0"
DEFAULT = "default"
MLFLOW_DEFAULT = "Default"
_DIGITS = 10**17


@dataclass(frozen=True)
class ExperimentRecord:
    """An experiment.

    Attributes:
        experiment_id: decimal digits.
        name: ours, as runs have it.
        artifact_location: where its runs keep artifacts, if not in the project.
        created_at, updated_at: milliseconds since the epoch.
        deleted: it is in the trash, with its runs.
        tags: by name.
        known: it has facts of its own.
    """

    experiment_id: str
    name: str
    artifact_location: str | None = None
    created_at: int | None = None
    updated_at: int | None = None
    deleted: bool = False
    tags: dict[str, str] = field(default_factory=dict)
    known: bool = True

    @property
    def shown_name(self) -> str:
        """The name as MLflow has it."""
        return MLFLOW_DEFAULT if self.experiment_id == DEFAULT_ID and self.name == DEFAULT else self.name


class Experiments:
    """All experiments of a store, at the time of a visit.

    Attributes:
        by_id, by_name: records by MLflow id and by our name.
    """

    def __init__(self, records: Iterable[ExperimentRecord]) -> None:
        self.by_id = {record.experiment_id: record for record in records}
        self.by_name = {record.name: record for record in self.by_id.values()}

    @classmethod
    def read(cls, db: Connection, began_ms: int) -> Experiments:
        """Those with facts of their own, those that runs name, and the default one, which is as old as the project."""
        stored = read_entities(db, KIND)
        known = [_record(key, fields) for key, fields in stored.items() if not fields.get("purged")]
        taken = {record.experiment_id for record in known}
        names = {record.name for record in known}
        rows = db.execute(
            "SELECT experiment, epoch_ms(min(started_at)), epoch_ms(max(started_at)) FROM run GROUP BY 1 ORDER BY 1"
        ).fetchall()
        for name, first_ms, last_ms in rows:
            if name not in names:
                experiment_id = free_id(name, taken.__contains__)
                known.append(ExperimentRecord(experiment_id, name, None, first_ms, last_ms, known=False))
                taken.add(experiment_id)
                names.add(name)
        if DEFAULT not in names and DEFAULT_ID not in taken:
            known.append(ExperimentRecord(DEFAULT_ID, DEFAULT, None, began_ms, began_ms, known=False))
        return cls(known)

    def named(self, shown_name: str) -> ExperimentRecord | None:
        """The experiment that MLflow code calls so; `default` and `Default` are the same one."""
        return self.by_name.get(DEFAULT if shown_name == MLFLOW_DEFAULT else shown_name)

    def new_id(self, db: Connection, shown_name: str) -> str:
        """The id of a new experiment of that name."""
        purged = set(read_entities(db, KIND))
        return free_id(shown_name, lambda key: key in self.by_id or key in purged)


def implicit_id(name: str) -> str:
    """The id that an experiment has by its name (ours) alone."""
    return free_id(name, lambda _: False)


def free_id(name: str, taken: Callable[[str], bool]) -> str:
    """The first id of a name that is not taken: 18 digits, as MLflow's file store makes them."""
    if name in (DEFAULT, MLFLOW_DEFAULT) and not taken(DEFAULT_ID):
        return DEFAULT_ID
    for attempt in range(1_000_000):
        text = name if not attempt else f"{name}\0{attempt}"
        number = int.from_bytes(blake2b(text.encode("utf-8", "backslashreplace"), digest_size=8).digest(), "big")
        experiment_id = str(_DIGITS + number % (9 * _DIGITS))
        if not taken(experiment_id):
            return experiment_id
    raise AssertionError("a million ids are taken")


def facts(db: Connection, record: ExperimentRecord, changes: dict[str, object]) -> list[Event]:
    """The events that change an experiment; one that had no facts gets all of them, and loses those before a purge."""
    fields: dict[str, object] = {}
    if not record.known:
        now_ms = now_us() // 1000
        fields |= dict.fromkeys(read_entities(db, KIND, [record.experiment_id]).get(record.experiment_id, {}))
        fields |= {"name": record.name, "created_at": record.created_at or now_ms, "updated_at": now_ms}
    return entity_events(KIND, record.experiment_id, {**fields, **changes}, latest_us(db, KIND, record.experiment_id))


def run_edits(db: Connection, names: Iterable[str], field_name: str, value: object) -> list[Event]:
    """The events that set a field of every run of the experiments `names`."""
    rows = db.execute(
        "SELECT r.uid, max(f.t) FROM run r LEFT JOIN run_field f ON f.run_id = r.run_id AND f.name = ? "
        "WHERE r.experiment IN (SELECT unnest(?::VARCHAR[])) GROUP BY 1 ORDER BY 1",
        [field_name, list(names)],
    ).fetchall()
    now = now_us()
    return [
        {"e": "set", "run": uid, "field": field_name, "value": value, "t": max(now, (t or 0) + 1)} for uid, t in rows
    ]


def _record(id: str, fields: dict[str, object]) -> ExperimentRecord:
    tags = {name[4:]: str(value) for name, value in fields.items() if name.startswith("tag:")}
    location = fields.get("artifact_location")
    return ExperimentRecord(
        id,
        str(fields.get("name") or (DEFAULT if id == DEFAULT_ID else id)),
        str(location) if location else None,
        _integer(fields.get("created_at")),
        _integer(fields.get("updated_at")),
        bool(fields.get("deleted")),
        tags,
    )


def _integer(value: object) -> int | None:
    return value if isinstance(value, int) else None
