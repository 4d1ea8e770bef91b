"""Projects with images to run, and an engine in memory whose containers start, fail and are killed as told."""

from __future__ import annotations

import itertools
import json
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import requests
from docker.errors import APIError, ImageNotFound, NotFound

from tests.conftest import FakeClock
from tests.registry.registries import Registry
from workbench.base.clock import iso_utc, now_us
from workbench.base.project import Project
from workbench.packaging.containers import Container
from workbench.packaging.deployment_records import Record, read_records
from workbench.packaging.deployments import Deployment, find_deployment
from workbench.packaging.engine import Engine
from workbench.packaging.images import Image, find_image
from workbench.packaging.rolling_back import rollback
from workbench.packaging.running import Options, Outcome, run, stop
from workbench.registry.ledger import Change, Deed, Ledger

ZERO = "0001-01-01T00:00:00Z"
RUN, MODEL = "a" * 32, "f" * 32


class KilledError(BaseException):
    """This process was killed."""


@dataclass
class FakeDocker:
    """What running containers needs of docker-py's low-level client.

    Attributes:
        images: ids that the engine has.
        failing: ids of images whose server ends before it is ready; slow: those whose server never is.
        made: settings that containers were made with, by their ids.
        changes: what was done to containers, in order.
        kill_at: the number of the change, from 1, after which this process is killed.
        while_waiting: called whenever somebody looks at a container that is not ready.
    """

    clock: FakeClock
    images: set[str] = field(default_factory=set)
    failing: set[str] = field(default_factory=set)
    slow: set[str] = field(default_factory=set)
    containers_by_id: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: dict[str, dict[str, Any]] = field(default_factory=dict)
    changes: list[str] = field(default_factory=list)
    kill_at: int = 0
    dead: bool = False
    base_url: str = "http+docker://localhost"
    security: list[str] = field(default_factory=lambda: ["name=seccomp,profile=default"])
    engine_id: str = "ENGINE"
    said: bytes = b"first line\nlast line\n"
    archive: bytes = b""
    put: list[tuple[str, bytes]] = field(default_factory=list)
    while_waiting: Callable[[str], None] = lambda container: None
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def live_on(self, kill_at: int = 0) -> None:
        """Another process goes on; it is killed after one of its changes, or never."""
        self.dead, self.changes, self.kill_at = False, [], kill_at

    def info(self) -> dict[str, Any]:
        self._look()
        return {"ID": self.engine_id, "SecurityOptions": self.security}

    def inspect_image(self, reference: str) -> dict[str, Any]:
        self._look()
        if reference not in self.images:
            raise ImageNotFound(f"No such image: {reference}")
        return {"Id": reference}

    def create_host_config(self, **settings: Any) -> dict[str, Any]:
        return settings

    def create_container(self, **settings: Any) -> dict[str, str]:
        with self._change("create"):
            if settings["image"] not in self.images:
                raise NotFound(f"No such image: {settings['image']}")
            made = sha256(str(next(self._ids)).encode()).hexdigest()
            self.made[made] = settings
            self.containers_by_id[made] = {
                "Id": made, "Image": settings["image"], "Created": _text(now_us()), "Name": settings["name"],
                "Config": {"Labels": settings["labels"]}, "RestartCount": 0,
                "HostConfig": {"RestartPolicy": dict(settings["host_config"]["restart_policy"])},
                "State": {"Status": "created", "StartedAt": ZERO, "FinishedAt": ZERO, "ExitCode": 0},
            }  # fmt: skip
            return {"Id": made}

    def put_archive(self, container: str, path: str, data: bytes) -> bool:
        with self._change("put"):
            self.put.append((path, data))
            return True

    def get_archive(self, container: str, path: str) -> tuple[Iterator[bytes], dict[str, Any]]:
        self._look()
        return iter([self.archive[:700], self.archive[700:]]), {}

    def start(self, container: str) -> None:
        with self._change("start"):
            found = self._found(container)
            image, state = found["Image"], found["State"]
            port = self.made[container]["host_config"]["port_bindings"][8080][1]
            if any(port == self._port(one) for one in self._running() if one["Id"] != container):
                raise APIError("driver failed", explanation="Bind for 127.0.0.1 failed: port is already allocated")
            state.update(Status="running", StartedAt=_text(now_us()), Health={"Status": "healthy"})
            if image in self.failing:
                state.update(Status="restarting", ExitCode=1)
                found["RestartCount"] += 1
            elif image in self.slow:
                state["Health"]["Status"] = "starting"

    def stop(self, container: str, timeout: int) -> None:
        with self._change("stop"):
            self.end(container, 0)

    def update_container(self, container: str, restart_policy: Mapping[str, Any]) -> None:
        with self._change(f"update {restart_policy['Name']}"):
            self._found(container)["HostConfig"]["RestartPolicy"] = dict(restart_policy)

    def remove_container(self, container: str, force: bool = False, v: bool = False) -> None:
        with self._change("remove"):
            self._found(container)
            del self.containers_by_id[container]

    def inspect_container(self, container: str) -> dict[str, Any]:
        self._look()
        found = self._found(container)
        if found["State"].get("Health", {}).get("Status") == "starting":
            self.while_waiting(container)
            found = self._found(container)
        return json.loads(json.dumps(found))  # type: ignore[no-any-return]

    def containers(self, all: bool = False, filters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
        self._look()
        wanted = [label.partition("=")[::2] for label in (filters or {}).get("label", ())]
        return [
            {
                "Id": one["Id"], "Labels": one["Config"]["Labels"], "Names": [f"/{one['Name']}"], "Image": one["Image"],
                "Ports": [{"PublicPort": self._port(one)}],
            }
            for one in self.containers_by_id.values()
            if (all or one in self._running())
            and [one["Config"]["Labels"].get(key) == value for key, value in wanted].count(False) == 0
        ]  # fmt: skip

    def logs(self, container: str, **settings: Any) -> Any:
        self._look()
        self._found(container)
        return iter([self.said]) if settings.get("stream") else self.said

    def close(self) -> None:
        """Nothing to let go of."""

    def end(self, container: str, exit_code: int) -> None:
        """A server ends, by itself or because it was told to."""
        state = self._found(container)["State"]
        state.update(Status="exited", FinishedAt=_text(now_us()), ExitCode=exit_code)
        state.pop("Health", None)

    def _found(self, container: str) -> dict[str, Any]:
        if container not in self.containers_by_id:
            raise _missing(f"No such container: {container}")
        return self.containers_by_id[container]

    def _running(self) -> list[dict[str, Any]]:
        return [one for one in self.containers_by_id.values() if one["State"]["Status"] in ("running", "restarting")]

    def _port(self, container: dict[str, Any]) -> int:
        return int(self.made[container["Id"]]["host_config"]["port_bindings"][8080][1])

    def _look(self) -> None:
        if self.dead:
            raise KilledError

    @contextmanager
    def _change(self, what: str) -> Iterator[None]:
        self._look()
        self.changes.append(what)
        self.clock.advance(1)
        number = len(self.changes)
        yield
        if number == self.kill_at:
            self.dead = True
            raise KilledError


@dataclass
class Yard:
    """A project with a model of four versions that have images, on an engine in memory.

    Attributes:
        port: that nobody listens to.
    """

    registry: Registry
    docker: FakeDocker
    port: int

    @classmethod
    def open(cls, project: Project, clock: FakeClock, *, count: int = 4) -> Yard:
        """A yard in a project."""
        yard = cls(Registry(project), FakeDocker(clock), unused_port())
        at = now_us() // 1000
        changes = [Change("model", MODEL, {"name": "fraud", "created_at": at, "updated_at": at})]
        for number in range(1, count + 1):
            version = f"{number:x}".ljust(32, "b")
            fields = {"model": MODEL, "number": number, "created_at": at, "run": RUN, "source": f"runs:/{RUN}/model"}
            changes += [Change("version", version, fields), yard.image_change("fraud", number, version)]
        with yard.registry.visit() as db:
            yard.registry.ledger.record(db, Deed("register", "fraud", MODEL), *changes)
        return yard

    @property
    def project(self) -> Project:
        """Whose deployments."""
        return self.registry.project

    @property
    def engine(self) -> Engine:
        """A connection of its own to the engine."""
        client: Any = self.docker
        return Engine(client)

    def add_image(
        self, model: str, number: int | None, version: str, *, image_id: str | None = None, **facts: Any
    ) -> None:
        """An image that was built."""
        change = self.image_change(model, number, version, image_id, **facts)
        with self.registry.visit() as db:
            self.registry.ledger.record(db, Deed("package", model, "", number), change)

    def image_change(
        self, model: str, number: int | None, version: str, image_id: str | None = None, **facts: Any
    ) -> Change:
        """The record of an image that the engine has."""
        image_id = image_id or f"sha256:{sha256(f'{model}{number}'.encode()).hexdigest()}"
        self.docker.images.add(image_id)
        smoke = {"ok": True, "ready_s": 12.0, "memory_bytes": 200_000_000}
        fields = {
            "name": f"{model}:{number}" if number is not None else f"{model}:run", "image_id": image_id,
            "digest": f"sha256:{number}", "model": model, "number": number, "created_at": now_us() // 1000,
            "facts": {"smoke": smoke, "base": "local/python:3.11", "interpreter": "/usr/bin/python3", **facts},
            **({"version": version} if version else {"run": RUN}),
        }  # fmt: skip
        return Change("image", image_id.removeprefix("sha256:")[:32], fields)

    def image(self, reference: str) -> Image:
        """An image that was built."""
        found: Image = self.registry.ask(find_image, reference)
        return found

    @contextmanager
    def governing(self) -> Iterator[tuple[Any, Ledger]]:
        """A visit with a ledger."""
        with self.registry.visit() as db:
            yield db, self.registry.ledger

    def run(self, reference: str, **options: Any) -> Outcome:
        """Let an image run."""
        given = Options(**{"port": self.port, "wait_s": 0.0, **options})
        return run(self.engine, self.project, self.governing, reference, given)

    def rollback(self, name: str = "fraud", **options: Any) -> Outcome:
        """Go back."""
        return rollback(self.engine, self.project, self.governing, name, **{"wait_s": 0.0, **options})

    def stop(self, name: str = "fraud", **options: Any) -> list[Container]:
        """Stop."""
        return stop(self.engine, self.project, self.governing, name, **options)

    def deployment(self, name: str = "fraud") -> Deployment:
        """What runs under a name."""
        return find_deployment(self.engine, self.project, name)

    def running(self, name: str = "fraud") -> list[int | None]:
        """Versions that have a process; one that is started again and again has one."""
        return [one.version for one in self.deployment(name).containers if one.is_running]

    def records(self, name: str | None = None) -> list[Record]:
        """What is recorded."""
        found: list[Record] = self.registry.ask(read_records, name)
        return found

    def deeds(self) -> list[tuple[str, int | None, str | None]]:
        """Action, version and reason of everything that was recorded of deployments, in order."""
        rows = self.registry.ask(
            lambda db: db.execute(
                "SELECT action, version, reason FROM governance "
                "WHERE action IN ('deploy', 'stop', 'rollback-deployment') ORDER BY t, n"
            ).fetchall()
        )
        return [(action, number, reason) for action, number, reason in rows]


def unused_port() -> int:
    """A port that nobody listens to."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])


def _missing(message: str) -> NotFound:
    """The error of something that is not there, with the status that the engine answers."""
    answer = requests.Response()
    answer.status_code = 404
    return NotFound(message, answer)


def _text(time_us: int) -> str:
    """A time as the engine writes it, with nanoseconds."""
    return iso_utc(time_us).replace("Z", "000Z")
