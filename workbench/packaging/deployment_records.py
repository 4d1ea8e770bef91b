"""What is recorded of deployments: who let which version run, when and why, beside the versions themselves.

A record is made of what the engine shows, so that whatever a process that was killed has done is recorded by the next
one. Each container is an entity of its own; it holds its version for as long as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.base.project import Project
from workbench.packaging.containers import DEPLOYMENT, Container, Settings, read_containers
from workbench.packaging.engine import Engine, errors
from workbench.registry.columns import read_versions
from workbench.registry.ledger import Change, Deed, Ledger
from workbench.store.entities import read_entities

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

Governing = Callable[[], AbstractContextManager[tuple[Any, "Ledger"]]]
"""Opens a visit to the store together with a ledger; each is short, and none is open while Docker works."""

DEPLOY, STOP, ROLLBACK = "deploy", "stop", "rollback-deployment"


@dataclass(frozen=True)
class Record:
    """What is recorded of a container of a deployment.

    Attributes:
        id: the first 32 digits of the container's own.
        name: of the deployment.
        engine: the id of the engine that has it.
        image: the id of the image's record; version: of the version, empty for the model of a run.
        sequence, before: as the container's.
        started_at_ms: milliseconds since the epoch, UTC; ended_at_ms: None where it had not ended.
        deleted: whether the container is gone.
        settings: how it ran.
    """

    id: str
    name: str
    engine: str
    container_id: str
    image: str
    version: str
    sequence: int
    before: int
    started_at_ms: int
    ended_at_ms: int | None
    deleted: bool
    settings: Settings


@dataclass(frozen=True)
class Why:
    """What a user wanted of a container, for the record.

    Attributes:
        action: one of `DEPLOY`, `STOP` and `ROLLBACK`.
        evidence: more that they went by.
    """

    action: str
    reason: str | None = None
    evidence: Mapping[str, object] | None = None


def read_records(db: Connection, name: str | None = None) -> list[Record]:
    """What is recorded, by name and sequence; what is gone is among it.

    Args:
        name: of one deployment only.
    """
    records = [
        _record(entity_id, fields)
        for entity_id, fields in read_entities(db, DEPLOYMENT).items()
        if fields.get("container_id") and name in (None, fields.get("name"))
    ]
    return sorted(records, key=lambda record: (record.name, record.sequence, record.id))


def is_recorded(records: Sequence[Record], engine_id: str, containers: Sequence[Container]) -> bool:
    """Whether everything is recorded that the engine shows."""
    return not _differences(records, engine_id, containers)


def record_containers(
    db: Connection,
    ledger: Ledger,
    engine_id: str,
    containers: Sequence[Container],
    why: Mapping[str, Why] | None = None,
) -> int:
    """Record what the engine shows and no record says; returns how many deeds that were.

    Args:
        db: an open visit to the store.
        engine_id: of the engine; containers of others are left as they are recorded.
        containers: all of the project that the engine has.
        why: by the id of the container, what the user wanted.

    Raises:
        StoreError: the journal cannot be written.
    """
    known = {record.id: record for record in read_records(db)}
    differences = _differences(list(known.values()), engine_id, containers)
    for entity_id, container, fields in differences:
        wanted = (why or {}).get(container.id if container else known[entity_id].container_id)
        if container is None:
            deed = _removed(db, known[entity_id], wanted)
        else:
            deed = _seen(db, container, wanted, ended=fields.get("ended_at") is not None)
        ledger.record(db, deed, Change(DEPLOYMENT, entity_id, fields))
    return len(differences)


def record_all(engine: Engine, project: Project, governing: Governing, why: Mapping[str, Why] | None = None) -> None:
    """Record what the engine shows of a project and no record says.

    Raises:
        DockerError, StoreError: the engine or the store fails.
    """
    containers = read_containers(engine, project.store_id)
    own_id = engine_id(engine)
    with governing() as (db, ledger):
        record_containers(db, ledger, own_id, containers, why)


def engine_id(engine: Engine) -> str:
    """The id of an engine, which it keeps for as long as it keeps its containers.

    Raises:
        DockerError: the engine fails.
    """
    with errors():
        return str(engine.client.info().get("ID") or "")


def forget_records(db: Connection, ledger: Ledger, records: Iterable[Record], reason: str | None = None) -> None:
    """Say that containers are gone which an engine had that is gone itself.

    Raises:
        StoreError: the journal cannot be written.
    """
    for record in records:
        deed = Deed(STOP, "", "", None, reason, {"summary": f"{record.name}: removed", "deployment": record.name})
        ledger.record(db, deed, Change(DEPLOYMENT, record.id, {"deleted": True}))


Difference = tuple[str, Container | None, dict[str, object]]
"""The id of an entity, the container where it is there, and the fields that are to be changed."""


def _differences(records: Sequence[Record], engine_id: str, containers: Sequence[Container]) -> list[Difference]:
    known = {record.id: record for record in records}
    found: list[Difference] = []
    for container in containers:
        if not container.has_run:
            continue
        entity_id = container.id[:32]
        record = known.get(entity_id)
        started_at, ended_at = (
            container.started_us // 1000,
            None if container.is_running else container.ended_us // 1000,
        )
        if record is None:
            found.append((entity_id, container, _fields(container, engine_id, started_at, ended_at)))
        elif record.deleted or (record.ended_at_ms is None) != (ended_at is None):
            fields: dict[str, object] = {"started_at": started_at, "ended_at": ended_at, "deleted": None}
            found.append((entity_id, container, fields))
    present: Collection[str] = {container.id[:32] for container in containers}
    gone = [one for one in records if one.engine == engine_id and one.id not in present and not one.deleted]
    found += [(record.id, None, {"deleted": True}) for record in gone]
    return found


def _fields(container: Container, engine_id: str, started_at: int, ended_at: int | None) -> dict[str, object]:
    fields: dict[str, object] = {
        "name": container.name,
        "engine": engine_id,
        "container_id": container.id,
        "image": container.labels.get("image_record", ""),
        "version": container.version_id or None,
        "sequence": container.sequence,
        "before": container.before,
        "created_at": container.created_us // 1000,
        "started_at": started_at,
        "ended_at": ended_at,
        "settings": container.settings.as_document(),
        "forced": container.labels.get("forced"),
    }
    return {name: value for name, value in fields.items() if value is not None}


def _record(entity_id: str, fields: dict[str, Any]) -> Record:
    ended_at = fields.get("ended_at")
    return Record(
        id=entity_id,
        name=str(fields.get("name", "")),
        engine=str(fields.get("engine", "")),
        container_id=str(fields["container_id"]),
        image=str(fields.get("image") or ""),
        version=str(fields.get("version") or ""),
        sequence=int(fields.get("sequence") or 0),
        before=int(fields.get("before") or 0),
        started_at_ms=int(fields.get("started_at") or 0),
        ended_at_ms=None if ended_at is None else int(ended_at),
        deleted=fields.get("deleted") is True,
        settings=Settings.from_document(fields.get("settings") or {}),
    )


def _seen(db: Connection, container: Container, wanted: Why | None, *, ended: bool) -> Deed:
    """The deed that let a container run, or stopped it."""
    labels = container.labels
    evidence: dict[str, object] = {
        "summary": f"{container.name}: {container.image}",
        "deployment": container.name,
        "image": container.image,
        "image_id": container.image_id,
        "container": container.id,
        "settings": container.settings.as_document(),
    }
    if labels.get("forced"):
        evidence["forced"] = labels["forced"]
    if wanted is None:
        usual = Why(STOP) if ended else Why(labels.get("action", DEPLOY), labels.get("reason"))
        return _deed(db, usual, container.version_id, container.model, {**evidence, "found": True})
    return _deed(db, wanted, container.version_id, container.model, evidence)


def _removed(db: Connection, record: Record, wanted: Why | None) -> Deed:
    evidence = {"summary": f"{record.name}: removed", "deployment": record.name, "container": record.container_id}
    image = read_entities(db, "image", [record.image]).get(record.image, {})
    found = {} if wanted else {"found": True}
    return _deed(db, wanted or Why(STOP), record.version, str(image.get("model", "")), {**evidence, **found})


def _deed(db: Connection, why: Why, version_id: str, model: str, evidence: Mapping[str, object]) -> Deed:
    everything = {**evidence, **(why.evidence or {})}
    try:
        [version] = read_versions(db, [version_id] if version_id else [])
    except (KeyError, ValueError):  # the model of a run, or the version came from a project that is not here
        return Deed(why.action, model, "", None, why.reason, everything)
    return Deed(why.action, version.name, version.model, version.number, why.reason, everything)
