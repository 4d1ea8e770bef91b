"""Deployments: the containers under one name, which of them counts, and what can be gone back to.

One is meant to run; those before it are kept, stopped. Between any two calls to the engine a process may be killed, so
what is found here may be anything that a switch passes through: see `switching.py` for its steps.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.base.errors import NotFoundError
from workbench.base.project import Project
from workbench.packaging.containers import Container, read_containers
from workbench.packaging.engine import Engine
from workbench.store.hints import near_matches

HEALTHY, STARTING, UNHEALTHY, RUNNING = "healthy", "starting", "unhealthy", "running"
STOPPED, DEAD, INTERRUPTED = "stopped", "dead", "interrupted"


@dataclass(frozen=True)
class Deployment:
    """What runs, or ran, under one name.

    Attributes:
        name: its name.
        containers: all that are there, by sequence.
    """

    name: str
    containers: Sequence[Container]

    @property
    def running(self) -> Container | None:
        """The container that has a process."""
        found = [one for one in self.containers if one.is_running]
        return max(found, key=lambda one: (one.meant_to_run, one.sequence), default=None)

    @property
    def current(self) -> Container:
        """The container that counts: the one that runs, else the one that is meant to, else the one that ran last."""
        if self.running is not None:
            return self.running
        meant = [one for one in self.containers if one.meant_to_run]
        if meant:
            return meant[-1]
        return max(self.containers, key=lambda one: (one.ended_us, one.sequence))

    @property
    def is_interrupted(self) -> bool:
        """Whether a switch was begun and not finished: what is meant to run is neither what runs nor what ran last."""
        running, latest = self.running, max(self.containers, key=lambda one: one.started_us)
        if running is not None and not running.meant_to_run:
            return True
        return any(one.meant_to_run and not one.is_running and one is not latest for one in self.containers) or (
            latest.status == "created"
        )

    @property
    def status(self) -> str:
        """One word for it."""
        current = self.current
        if current.is_running:
            if current.status == "restarting":
                return DEAD
            return current.health if current.health in (HEALTHY, STARTING, UNHEALTHY) else RUNNING
        if self.is_interrupted:
            return INTERRUPTED
        return DEAD if current.meant_to_run or current.status == "dead" else STOPPED

    @property
    def never_started(self) -> list[Container]:
        """What an interrupted switch left behind before it was started."""
        return [one for one in self.containers if one.status == "created" and not one.has_run]

    def of_sequence(self, sequence: int) -> Container | None:
        """The container of a sequence; None where it is gone."""
        return next((one for one in self.containers if one.sequence == sequence), None)


def read_deployments(engine: Engine, project: Project) -> list[Deployment]:
    """The deployments of a project, by name.

    Raises:
        DockerError: the engine fails.
    """
    by_name: dict[str, list[Container]] = {}
    for container in read_containers(engine, project.store_id):
        by_name.setdefault(container.name, []).append(container)
    return [Deployment(name, containers) for name, containers in sorted(by_name.items())]


def read_deployment(engine: Engine, project: Project, name: str) -> Deployment | None:
    """The deployment of a name; None where there is none.

    Raises:
        DockerError: the engine fails.
    """
    return next((one for one in read_deployments(engine, project) if one.name == name), None)


def find_deployment(engine: Engine, project: Project, name: str) -> Deployment:
    """The deployment of a name.

    Raises:
        NotFoundError: there is none; the hint names what is called nearly so.
        DockerError: the engine fails.
    """
    found = read_deployments(engine, project)
    for one in found:
        if one.name == name:
            return one
    raise no_deployment(name, [one.name for one in found])


def no_deployment(name: str, names: Sequence[str]) -> NotFoundError:
    """The error that there is no deployment of a name."""
    return NotFoundError(f"no deployment is called {name}", near_matches(name, names) or "workbench package ps --all")
