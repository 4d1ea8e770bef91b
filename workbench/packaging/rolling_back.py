"""Going back to what ran under a name before: its container where it is kept, else a new one of its image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.base.errors import InputError, NotFoundError, RefusedError
from workbench.base.project import Project
from workbench.packaging.containers import Container, Settings, create, read_container, rebuild_reference
from workbench.packaging.deployment_records import ROLLBACK, Governing, Record, engine_id, read_records
from workbench.packaging.deployments import Deployment, find_deployment
from workbench.packaging.engine import Engine
from workbench.packaging.images import Image, list_images
from workbench.packaging.running import (
    Outcome,
    checked_name,
    is_rejected,
    latest_run,
    next_sequence,
    require_image,
    settle,
)
from workbench.packaging.switching import WAIT_S, Say, only_one, switch
from workbench.registry.queries import model_named, version_numbered
from workbench.registry.references import number_in

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection


@dataclass(frozen=True)
class Past:
    """What ran, or runs, under a name.

    Attributes:
        sequence, before: as the container's.
        image: the id of the image's record; version: of the version.
        settings: how it ran.
        container: None where it is gone.
    """

    sequence: int
    before: int
    image: str
    version: str
    settings: Settings
    container: Container | None


def rollback(
    engine: Engine,
    project: Project,
    governing: Governing,
    name: str,
    *,
    to: str | None = None,
    reason: str | None = None,
    wait_s: float = WAIT_S,
    say: Say = lambda stage, text: None,
) -> Outcome:
    """Let run again what ran before under a name; at the address that it has now. Nothing is erased.

    A switch that was interrupted on its way back is completed.

    Args:
        to: a version, or the name of an image, that ran before; None is the one before, without rejected ones.
        reason: why.

    Raises:
        NotFoundError: there is no such deployment, nothing to go back to, or its image is gone.
        RefusedError: the version was rejected.
        InputError: `to` never ran under this name.
        StartFailedError, DockerError, StoreBusyError: as `running.run`.
    """
    with only_one(project, checked_name(name)):
        deployment = find_deployment(engine, project, name)
        own = engine_id(engine)
        with governing() as (db, _):
            records = read_records(db, name)
            images = {image.id: image for image in list_images(db)}
            target = _target(db, deployment, [one for one in records if one.engine == own], to, images)
        old = latest_run(deployment)
        now = deployment.current.settings
        container, is_warm = target.container, True
        if container is None or (container.settings.address != now.address and container.id != deployment.current.id):
            image = images.get(target.image)
            if image is None:
                raise NotFoundError("the image that ran before is gone", "workbench package list")
            require_image(engine, image)
            container, is_warm = create(
                engine, project.store_id, image, name, target.settings.at(now),
                sequence=next_sequence(engine, deployment, records), before=target.before,
                notes={"action": ROLLBACK, "reason": reason},
            ), False  # fmt: skip
        seconds = switch(engine, deployment, container, wait_s=wait_s, say=say)
        replaced = old if old is not None and old.id != container.id else None
        as_before = old is not None and old.id == container.id and old.is_running
        outcome = Outcome(name, read_container(engine, container.id), replaced, as_before, is_warm, seconds)
        return settle(engine, project, governing, outcome, ROLLBACK, reason)


def find_target(engine: Engine, project: Project, governing: Governing, name: str) -> tuple[str, str]:
    """What runs, or ran last, under a name, and what `rollback` goes back to: both as people call them.

    Raises:
        NotFoundError: there is no such deployment, nothing to go back to, or its image is gone.
        DockerError: the engine fails.
    """
    deployment = find_deployment(engine, project, checked_name(name))
    own = engine_id(engine)
    with governing() as (db, _):
        records = [one for one in read_records(db, name) if one.engine == own]
        images = {image.id: image for image in list_images(db)}
        target = _target(db, deployment, records, None, images)
    if target.container is not None:
        return deployment.current.shown, target.container.shown
    image = images.get(target.image)
    if image is None:
        raise NotFoundError("the image that ran before is gone", "workbench package list")
    return deployment.current.shown, rebuild_reference(image) if image.number is not None else image.name


def _target(
    db: Connection, deployment: Deployment, records: Sequence[Record], to: str | None, images: dict[str, Image]
) -> Past:
    past = _past(deployment, records)
    current = deployment.current
    if to is not None:
        return _named(db, past, deployment, to, images)
    if deployment.is_interrupted:
        resumed = _interrupted(deployment)
        if resumed is not None:
            return past[resumed.sequence]
    here = past[current.sequence]
    one = past.get(here.before)
    while one is not None:
        if one.image != here.image and not is_rejected(db, one.version):
            return one
        one = past.get(one.before) if one.before < one.sequence else None
    raise NotFoundError(f"nothing ran as {deployment.name} before {current.shown}", "workbench package list")


def _interrupted(deployment: Deployment) -> Container | None:
    """What an interrupted switch goes back to: what runs, ran, or was on its way back; None where it got through."""
    running = deployment.running
    if deployment.never_started:
        return running or latest_run(deployment)
    if running is not None and running.meant_to_run:
        return None
    meant = [one for one in deployment.containers if one.meant_to_run]
    return meant[-1] if meant else None


def _past(deployment: Deployment, records: Sequence[Record]) -> dict[int, Past]:
    """All that ran, by sequence; what the engine shows is stronger than what is recorded."""
    past = {
        record.sequence: Past(record.sequence, record.before, record.image, record.version, record.settings, None)
        for record in records
    }
    for one in deployment.containers:
        image = one.labels.get("image_record", "")
        past[one.sequence] = Past(one.sequence, one.before, image, one.version_id, one.settings, one)
    return past


def _named(db: Connection, past: dict[int, Past], deployment: Deployment, to: str, images: dict[str, Image]) -> Past:
    """The latest that ran of a version or an image."""
    current = past[deployment.current.sequence]
    run_again = f"workbench package run {to} --name {deployment.name}"
    named = {image.id for image in images.values() if image.name == to}
    version = "" if named else _version_id(db, deployment.current.model, to)
    fitting = [one for one in past.values() if one.image in named or (version and one.version == version)]
    found = [one for one in fitting if one.sequence != current.sequence]
    if current in fitting and (deployment.running or not found):
        raise InputError(f"{to} is what {deployment.name} runs already", run_again)
    if not found:
        raise InputError(f"{to} never ran as {deployment.name}", run_again)
    best = max(found, key=lambda one: (one.container is not None, one.sequence))
    if is_rejected(db, best.version):
        raise RefusedError(f"{to} is rejected", f"{run_again} --force REASON")
    return best


def _version_id(db: Connection, model_name: str, to: str) -> str:
    """The id of a version of a model; empty where there is none."""
    model = model_named(db, model_name)
    version = version_numbered(db, model, number_in(db, model, to)) if model else None
    return version.id if version else ""
