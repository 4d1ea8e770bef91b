"""Switching a deployment from one container to another, so that a kill at any point leaves what can be gone on from.

In this order; restart policies say what is meant to run:

1. the new one is made, meant to run;
2. the old one is no longer meant to run, and is stopped;
3. the new one is started and asked until it is ready.

Where it does not get ready the old one is meant to run again, the new one no longer; the new one is stopped and the
old one started.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from os.path import join
from typing import Any

from workbench.base.errors import DockerError, StartFailedError, StoreBusyError, WorkbenchError
from workbench.base.project import Project
from workbench.packaging.containers import (
    MEANT_TO_RUN,
    NOT_MEANT_TO_RUN,
    Container,
    is_local,
    prepare_folder,
    read_container,
)
from workbench.packaging.deployments import Deployment
from workbench.packaging.engine import Engine, errors
from workbench.packaging.ports import is_free, taken
from workbench.packaging.readiness import wait_until_ready
from workbench.store.lock import store_lock

STOP_S = 15
"""How long a server may take to answer what it was asked."""
WAIT_S = 120.0
KEPT = 3
"""Stopped containers that are kept for each deployment; those before them are made again when they are wanted."""

Say = Callable[[str, str], None]
"""Told what is done: the name of the stage, and one line."""


@contextmanager
def only_one(project: Project, name: str) -> Iterator[None]:
    """Keep other processes from changing a deployment; a process that is killed lets go.

    Raises:
        StoreBusyError: another one is changing it.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(store_lock(join(project.folder, "cache", f"deployment-{name}.lock"), 0.5))
        except StoreBusyError as error:
            by = error.message.partition(": ")[2].partition(" holds")[0]
            raise StoreBusyError(f"the deployment {name} is being changed by {by}", "wait for it") from None
        yield


def switch(
    engine: Engine,
    deployment: Deployment | None,
    new: Container,
    *,
    wait_s: float = WAIT_S,
    say: Say = lambda stage, text: None,
) -> float:
    """Let a container that is there take the place of whatever runs; returns the seconds until it was ready.

    Args:
        deployment: as it was before `new` was made; None where `new` is the first one.

    Raises:
        StartFailedError: it does not get ready; what ran before runs again, and the message says so.
        RefusedError: its port is taken.
        DockerError: the engine fails.
    """
    others = [one for one in (deployment.containers if deployment else ()) if one.id != new.id]
    old = _to_fall_back_to(deployment, new)
    began = time.monotonic()
    try:
        if not new.meant_to_run:
            mean_to_run(engine, new, True)
        for one in others:
            if one.meant_to_run or one.is_running:
                if one.is_running:
                    say("stop", one.shown)
                halt(engine, one)
        if not new.is_running:
            _start(engine, new)
        say("start", f"{new.shown}, until it is ready")
        wait_until_ready(engine, new, wait_s)
    except (WorkbenchError, KeyboardInterrupt) as error:
        if old is None:
            halt(engine, new)
            if not new.has_run:
                engine.remove(new.id)
            raise
        say("back", old.shown)
        outcome = _fall_back(engine, new, old)
        if isinstance(error, KeyboardInterrupt):
            raise KeyboardInterrupt(outcome) from None
        raise _with(error, outcome) from None
    return time.monotonic() - began


def mean_to_run(engine: Engine, container: Container, meant: bool) -> None:
    """Say whether a container is meant to run, which the engine keeps to after its own restart.

    Raises:
        DockerError: the engine fails.
    """
    policy: Any = {"Name": MEANT_TO_RUN if meant else NOT_MEANT_TO_RUN}
    with errors():
        engine.client.update_container(container.id, restart_policy=policy)


def halt(engine: Engine, container: Container) -> None:
    """Let a container run no longer; one that never ran, or is gone, is gone afterwards.

    Raises:
        DockerError: the engine fails.
    """
    from docker.errors import NotFound

    try:
        now = read_container(engine, container.id)
        if not now.has_run:
            engine.remove(now.id)
            return
        mean_to_run(engine, now, False)
        if now.is_running:
            with errors():
                engine.client.stop(now.id, timeout=STOP_S)
    except NotFound:
        return


def prune(engine: Engine, deployment: Deployment) -> list[Container]:
    """Remove stopped containers but for the one before the current one and the latest others; returns what is gone.

    Raises:
        DockerError: the engine fails.
    """
    current = deployment.current
    stopped = [one for one in deployment.containers if one is not current and not one.is_running]
    newest = sorted(stopped, key=lambda one: (one.sequence == current.before, one.ended_us, one.sequence))
    for one in newest[:-KEPT]:
        engine.remove(one.id)
    return newest[:-KEPT]


def _to_fall_back_to(deployment: Deployment | None, new: Container) -> Container | None:
    """What ran before: the container that runs, else the one in whose place the new one was put."""
    if deployment is None:
        return None
    if deployment.running is not None and deployment.running.id != new.id:
        return deployment.running
    if not deployment.is_interrupted and deployment.running is None:
        return None  # it was stopped, and stays so
    before = deployment.of_sequence(new.before)
    return before if before is not None and before.has_run else None


def _start(engine: Engine, container: Container) -> None:
    from docker.errors import NotFound

    port = container.settings.port
    if is_local(engine) and not is_free(container.settings):
        raise taken(engine, port)
    prepare_folder(container.settings)
    try:
        with errors():
            engine.client.start(container.id)
    except NotFound:
        raise StartFailedError(f"the container of {container.shown} is gone") from None
    except DockerError as error:
        if any(words in error.message for words in ("port is already allocated", "address already in use")):
            raise taken(engine, port) from None
        raise


def _fall_back(engine: Engine, new: Container, old: Container) -> str:
    """Let the old container run again and the new one no longer; returns what came of it."""
    from docker.errors import NotFound

    try:
        mean_to_run(engine, old, True)
        halt(engine, new)
        _start(engine, old)
    except (NotFound, WorkbenchError) as error:
        return f"{old.shown} could not be started again: {getattr(error, 'message', 'its container is gone')}"
    if not new.has_run:
        engine.remove(new.id)
    return f"{old.shown} was started again"


def _with(error: WorkbenchError, outcome: str) -> WorkbenchError:
    """The same error with what came of it."""
    message = f"{error.message}; {outcome}"
    if isinstance(error, StartFailedError):
        return StartFailedError(message, error.output, error.hint)
    return type(error)(message, error.hint)
