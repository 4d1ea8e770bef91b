"""Letting an image run under a name, in the place of what ran there before; and stopping it."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from workbench.base.errors import InputError, NotFoundError, RefusedError, StoreError
from workbench.base.project import Project
from workbench.packaging.containers import (
    Container,
    Settings,
    create,
    is_local,
    maps_users,
    read_container,
    rebuild_hint,
)
from workbench.packaging.deployment_records import (
    DEPLOY,
    STOP,
    Governing,
    Record,
    Why,
    engine_id,
    forget_records,
    read_records,
    record_all,
)
from workbench.packaging.deployments import Deployment, no_deployment, read_deployment, read_deployments
from workbench.packaging.engine import Engine
from workbench.packaging.images import Image, find_image
from workbench.packaging.ports import FIRST, check_port, free_port, is_free, taken
from workbench.packaging.switching import KEPT, WAIT_S, Say, halt, only_one, prune, switch
from workbench.registry.columns import read_versions
from workbench.registry.reviews import REJECTED, read_review

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

_UNITS = {"": 1, "b": 1, "k": 1024, "m": 1024**2, "g": 1024**3}
SMALLEST_MEMORY_BYTES = 256 * 1024 * 1024
LEAST_MEMORY_BYTES = 6 * 1024 * 1024
"""Of the engine."""
VOLUME = "volume"
"""As the folder of the prediction log: a volume of the engine."""


@dataclass(frozen=True)
class Options:
    """What the user wants of a deployment. What is None stays as it is in the one that is replaced.

    Attributes:
        name: of the deployment; default the model's.
        port: of this machine; default 8080, or the next one that is free.
        public: other machines may reach it.
        memory_bytes: at most; default twice what the smoke test needed, and 256 MiB at least.
        cpus: at most.
        log_dir: the folder for the prediction log, or `volume`; default `.workbench/predictions/NAME`.
        token_file: holds the token that requests have to bring; empty is none.
        wait_s: how long it may take to be ready.
        force: why a rejected version may run.
    """

    name: str | None = None
    port: int | None = None
    public: bool | None = None
    memory_bytes: int | None = None
    cpus: float | None = None
    log_dir: str | None = None
    token_file: str | None = None
    wait_s: float = WAIT_S
    force: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What came of it.

    Attributes:
        name: of the deployment.
        container: that runs now.
        replaced: what ran before; None where nothing did.
        as_before: it ran already.
        is_warm: a container was started that was there.
        seconds: from stopping the old one until the new one was ready.
        notes: what the user should know.
    """

    name: str
    container: Container
    replaced: Container | None = None
    as_before: bool = False
    is_warm: bool = False
    seconds: float = 0.0
    notes: tuple[str, ...] = field(default=())

    @property
    def url(self) -> str:
        """Where it answers on the engine's machine."""
        return f"http://127.0.0.1:{self.container.settings.port}"

    def as_document(self) -> dict[str, Any]:
        """It as JSON has it."""
        container = self.container
        return {
            "name": self.name,
            "model": container.model,
            "version": container.version,
            "image": container.image,
            "image_id": container.image_id,
            "container_id": container.id,
            "url": self.url,
            **container.settings.as_document(),
            "replaced": self.replaced.shown if self.replaced else None,
            "as_before": self.as_before,
            "warm": self.is_warm,
            "seconds": round(self.seconds, 3),
        }


def run(
    engine: Engine,
    project: Project,
    governing: Governing,
    reference: str,
    options: Options,
    say: Say = lambda stage, text: None,
) -> Outcome:
    """Let an image run, and wait until it is ready. What is interrupted is completed by doing it again.

    Args:
        reference: of an image, or of a version that has one.
        say: told what is waited for.

    Raises:
        NotFoundError: there is no such image, here or in the engine.
        RefusedError: the version was rejected, or the port is taken.
        InputError: an option cannot be so.
        StartFailedError: it does not get ready; what ran before was started again.
        DockerError, StoreBusyError: the engine fails, or another process changes this deployment.
    """
    with governing() as (db, _):
        image = find_image(db, reference)
        check_allowed(db, image, options.force)
        name = checked_name(options.name or default_name(image.model))
        records = read_records(db, name)
    require_image(engine, image)
    with only_one(project, name):
        deployment = read_deployment(engine, project, name)
        old = latest_run(deployment)
        settings = _settings(engine, project, name, image, options, old)
        if old is not None and old.image_id == image.image_id and old.settings == settings:
            outcome = _again(engine, deployment, old, options.wait_s, say)
        else:
            new = create(
                engine, project.store_id, image, name, settings,
                sequence=next_sequence(engine, deployment, records), before=old.sequence if old else 0,
                notes={"action": DEPLOY, "forced": options.force},
            )  # fmt: skip
            seconds = switch(engine, deployment, new, wait_s=options.wait_s, say=say)
            outcome = Outcome(name, read_container(engine, new.id), old, seconds=seconds)
        return settle(engine, project, governing, outcome, DEPLOY, None)


def stop(
    engine: Engine,
    project: Project,
    governing: Governing,
    name: str,
    *,
    remove: bool = False,
    reason: str | None = None,
    say: Say = lambda stage, text: None,
) -> list[Container]:
    """Stop a deployment; returns its containers as they were.

    Args:
        remove: its containers too, so that it no longer holds versions; its prediction log stays.

    Raises:
        NotFoundError: there is none of that name.
        DockerError, StoreError, StoreBusyError: the engine or the store fails, or another process changes it.
    """
    with only_one(project, checked_name(name)):
        deployment = read_deployment(engine, project, name)
        if deployment is None:
            _forget(engine, project, governing, name, reason, remove=remove)
            return []
        for one in deployment.containers:
            if one.is_running:
                say("stop", one.shown)
            halt(engine, one)
            if remove:
                engine.remove(one.id)
        why = {one.id: Why(STOP, reason) for one in deployment.containers}
        record_all(engine, project, governing, why)
        return list(deployment.containers)


def settle(
    engine: Engine, project: Project, governing: Governing, outcome: Outcome, action: str, reason: str | None
) -> Outcome:
    """Remove what is older than need be and record what was done; a store that fails is no reason to fail."""
    deployment = read_deployment(engine, project, outcome.name)
    pruned = prune(engine, deployment) if deployment is not None else []
    new, old = outcome.container, outcome.replaced
    why = {one.id: Why(STOP, f"only the last {KEPT} are kept") for one in pruned}
    why[new.id] = Why(action, reason, {"before": old.shown} if old else None)
    if old is not None and old.id != new.id:
        why[old.id] = Why(STOP, f"{new.shown} took its place")
    try:
        record_all(engine, project, governing, why)
    except StoreError as error:
        note = f"it is not recorded yet: {error.message}; workbench package ps records it"
        return replace(outcome, notes=(*outcome.notes, note))
    return outcome


def check_allowed(db: Connection, image: Image, force: str | None = None) -> None:
    """Make sure that an image may run.

    Args:
        force: why it may all the same.

    Raises:
        RefusedError: its version was rejected.
        InputError: there is no reason.
    """
    if force is not None and not force.strip():
        raise InputError("a reason is required", "--force REASON")
    if force is None and is_rejected(db, image.version):
        raise RefusedError(f"{image.model}/{image.number} is rejected", "to run it all the same: --force REASON")


def is_rejected(db: Connection, version_id: str) -> bool:
    """Whether a version was rejected."""
    try:
        versions = read_versions(db, [version_id] if version_id else [])
    except KeyError:  # it came from a project that is not here
        return False
    return any(read_review(db, version).status == REJECTED for version in versions)


def require_image(engine: Engine, image: Image) -> None:
    """Make sure that the engine has an image.

    Raises:
        NotFoundError: it was removed.
    """
    if engine.image(image.image_id) is None:
        raise NotFoundError(f"Docker no longer has the image {image.name}", rebuild_hint(image))


def parse_memory(text: str) -> int:
    """Bytes of a size as Docker writes it: `512m`, `1.5g`.

    Raises:
        InputError: it is none, or less than the engine takes.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([bkmg]?)(?:i?b)?", text.strip().lower())
    size_bytes = round(float(match[1]) * _UNITS[match[2]]) if match else 0
    if size_bytes < LEAST_MEMORY_BYTES:
        raise InputError(f"{text!r} is no size of a memory", "--memory 512m, or --memory 2g; 6m at least")
    return size_bytes


def default_name(model: str) -> str:
    """The name of a model's deployment."""
    return re.sub(r"[^a-z0-9_.-]", "-", model.lower()).strip("-_.")[:60] or "model"


def checked_name(name: str) -> str:
    """A name that the engine and the file system take.

    Raises:
        InputError: it is none.
    """
    if not re.fullmatch(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}", name):
        raise InputError(f"{name!r} is no name of a deployment", "letters, digits, - _ and ., at most 63")
    return name


def latest_run(deployment: Deployment | None) -> Container | None:
    """The container that counts, among those that ever ran."""
    if deployment is None:
        return None
    current = deployment.current
    if current.has_run:
        return current
    ran = [one for one in deployment.containers if one.has_run]
    return deployment.of_sequence(current.before) or (ran[-1] if ran else None)


def next_sequence(engine: Engine, deployment: Deployment | None, records: Sequence[Record]) -> int:
    """The sequence of a deployment's next container."""
    own = engine_id(engine)
    used = [record.sequence for record in records if record.engine == own]
    used += [one.sequence for one in (deployment.containers if deployment else ())]
    return max(used, default=0) + 1


def _again(engine: Engine, deployment: Deployment | None, container: Container, wait_s: float, say: Say) -> Outcome:
    """Go on with a container that is what is wanted."""
    running = deployment.running if deployment else None
    replaced = running if running is not None and running.id != container.id else None
    seconds = switch(engine, deployment, container, wait_s=wait_s, say=say)
    now = read_container(engine, container.id)
    return Outcome(container.name, now, replaced, container.is_running, not container.is_running, seconds)


def _settings(
    engine: Engine, project: Project, name: str, image: Image, options: Options, old: Container | None
) -> Settings:
    before = old.settings if old is not None else Settings(0)
    if options.cpus is not None and options.cpus <= 0:
        raise InputError(f"{options.cpus:g} is no number of processors", "--cpus 0.5")
    told = options.memory_bytes is not None or (before.memory_bytes is not None and not before.measured)
    memory_bytes = options.memory_bytes or before.memory_bytes if told else measured_memory(image)
    log_dir, volume = _log_place(engine, project, name, options.log_dir, before)
    settings = Settings(
        port=_port(engine, options, before, old),
        public=before.public if options.public is None else options.public,
        memory_bytes=memory_bytes,
        measured=not told,
        cpus=before.cpus if options.cpus is None else options.cpus,
        log_dir=log_dir,
        volume=volume,
        token_file=before.token_file if options.token_file is None else _token_file(engine, options.token_file),
    )
    is_own = old is not None and old.is_running and old.settings.port == settings.port
    if is_local(engine) and not is_own and not is_free(settings):
        raise taken(engine, settings.port)
    return settings


def _port(engine: Engine, options: Options, before: Settings, old: Container | None) -> int:
    if options.port is not None:
        check_port(options.port)
        return options.port
    if old is not None:
        return before.port
    return free_port() if is_local(engine) else FIRST


def measured_memory(image: Image) -> int | None:
    """Twice what the smoke test needed."""
    used = (image.facts.get("smoke") or {}).get("memory_bytes")
    return max(SMALLEST_MEMORY_BYTES, 2 * int(used)) if used else None


def _log_place(engine: Engine, project: Project, name: str, asked: str | None, before: Settings) -> tuple[str, str]:
    """Folder and volume of the prediction log; one of them is empty."""
    if asked is None and (before.log_dir or before.volume):
        return before.log_dir, before.volume
    if asked == VOLUME or (asked is None and (not is_local(engine) or maps_users(engine))):
        return "", f"workbench-predictions-{name}-{project.store_id[:8]}"
    if asked is not None and not is_local(engine):
        raise InputError("folders of this machine are not those of the engine", f"--log-dir {VOLUME}")
    return os.path.abspath(asked) if asked else os.path.join(project.folder, "predictions", name), ""


def _token_file(engine: Engine, path: str) -> str:
    if not path:
        return ""
    if not is_local(engine):
        raise InputError("files of this machine cannot be read by the engine", "leave --token-file out")
    if not os.path.isfile(path) or not os.access(path, os.R_OK):
        raise InputError(f"{path} cannot be read", "--token-file F, a file that holds the token")
    return os.path.abspath(path)


def _forget(
    engine: Engine, project: Project, governing: Governing, name: str, reason: str | None, *, remove: bool
) -> None:
    """Where no container is left, say of records that they are gone; nothing to do is an error."""
    names = [one.name for one in read_deployments(engine, project)]
    with governing() as (db, ledger):
        records = [record for record in read_records(db, name) if not record.deleted]
        if not remove or not records:
            raise no_deployment(name, names)
        forget_records(db, ledger, records, reason)
