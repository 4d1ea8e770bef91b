"""Containers of deployments: how they are made, and what their labels and the engine say of them.

Nothing about a deployment is kept anywhere else. What a container is follows from its labels, which never change;
whether it is meant to run follows from its restart policy, which the engine keeps; whether it does, from the engine.
"""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import datetime
from typing import Any

from workbench.base.errors import InputError, NotFoundError, store_error
from workbench.packaging.building import ROLE
from workbench.packaging.context import LOG_DIR, PORT, USER
from workbench.packaging.engine import Engine, errors
from workbench.packaging.images import Image
from workbench.packaging.labels import OURS
from workbench.packaging.smoke import HARDENED

DEPLOYMENT = "deployment"
MEANT_TO_RUN, NOT_MEANT_TO_RUN = "unless-stopped", "no"
"""Restart policies: the engine starts the first again after a crash and after its own restart."""
TOKEN_PATH = "/run/workbench-token"
ENVIRONMENT = {"WORKBENCH_SERVING_HOST": "0.0.0.0", "WORKBENCH_SERVING_PORT": str(PORT)}
"""What every container of a model needs: the server listens to its own machine alone otherwise."""
_VOLUME_FOLDER = "predictions"
_SERVER_LOG: Any = {"type": "json-file", "config": {"max-size": "10m", "max-file": "3"}}


@dataclass(frozen=True)
class Settings:
    """How a deployment runs.

    Attributes:
        port: of this machine.
        public: other machines may reach it.
        memory_bytes, cpus: at most; None is any. measured: whether the first follows from the smoke test.
        log_dir: the folder on this machine that its predictions are logged in; empty where they are in `volume`.
        volume: the volume of the engine likewise.
        token_file: holds the token that requests have to bring; empty where they need none.
    """

    port: int
    public: bool = False
    memory_bytes: int | None = None
    measured: bool = False
    cpus: float | None = None
    log_dir: str = ""
    volume: str = ""
    token_file: str = ""

    @property
    def address(self) -> tuple[str, int]:
        """Where it is published."""
        return ("0.0.0.0" if self.public else "127.0.0.1"), self.port

    def as_document(self) -> dict[str, Any]:
        """They as JSON has them."""
        return asdict(self)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Settings:
        """The settings that a document holds; what this version does not know is left out."""
        known = {field.name for field in fields(cls)}
        return cls(**{"port": 0, **{name: value for name, value in document.items() if name in known}})

    def at(self, other: Settings) -> Settings:
        """These settings at the address of others."""
        return replace(self, port=other.port, public=other.public)


@dataclass(frozen=True)
class Container:
    """A container of a deployment.

    Attributes:
        id: the engine's.
        labels: without `io.workbench.`.
        image_id: `sha256:…`.
        status: the engine's word: `created`, `running`, `restarting`, `paused`, `exited` or `dead`.
        meant_to_run: by its restart policy.
        health: the engine's word: `starting`, `healthy`, `unhealthy`; empty where it does not look.
        created_us, started_us, ended_us: microseconds since the epoch, UTC; 0 where it was not.
        exit_code, out_of_memory: of its last end; restarts: how often the engine started it again.
    """

    id: str
    labels: Mapping[str, str]
    image_id: str
    status: str
    meant_to_run: bool
    health: str = ""
    created_us: int = 0
    started_us: int = 0
    ended_us: int = 0
    exit_code: int = 0
    out_of_memory: bool = False
    restarts: int = 0

    @property
    def name(self) -> str:
        """Of the deployment."""
        return self.labels.get(DEPLOYMENT, "")

    @property
    def sequence(self) -> int:
        """Counts the containers of a deployment from 1."""
        return _number(self.labels.get("sequence"))

    @property
    def before(self) -> int:
        """The sequence of the one that it took the place of; 0 where there was none."""
        return _number(self.labels.get("before"))

    @property
    def version(self) -> int | None:
        """The number of the version; None for the model of a run."""
        return _number(self.labels.get("number")) or None

    @property
    def shown(self) -> str:
        """What it serves, as people call it: `fraud/3`."""
        return f"{self.model}/{self.version}" if self.version is not None else self.image

    @property
    def model(self) -> str:
        """The name of the registered model, or of the run."""
        return self.labels.get("model", "")

    @property
    def version_id(self) -> str:
        """The id of the version; empty for the model of a run."""
        return self.labels.get("version_id", "")

    @property
    def image(self) -> str:
        """The name and tag that its image had when it was made."""
        return self.labels.get("image", "")

    @property
    def settings(self) -> Settings:
        """How it runs."""
        try:
            return Settings.from_document(json.loads(self.labels.get("settings", "{}")))
        except (ValueError, TypeError, AttributeError):
            return Settings(0)

    @property
    def is_running(self) -> bool:
        """Whether there is a process, or will be in a moment."""
        return self.status in ("running", "restarting", "paused")

    @property
    def has_run(self) -> bool:
        """Whether it was ever started."""
        return self.started_us > 0


def create(
    engine: Engine,
    store_id: str,
    image: Image,
    name: str,
    settings: Settings,
    *,
    sequence: int,
    before: int = 0,
    notes: Mapping[str, str | None] | None = None,
) -> Container:
    """Make a container that is not started.

    Args:
        store_id: of the project's store.
        name: of the deployment.
        before: the sequence of the one whose place it takes.
        notes: more labels, for example the reason.

    Raises:
        NotFoundError: the engine has no such image.
        DockerError, InputError: it cannot be made so.
    """
    from docker.errors import NotFound

    user = user_of(settings)
    labels = {
        ROLE: DEPLOYMENT,
        **{
            f"{OURS}{key}": str(value)
            for key, value in {
                "store": store_id, DEPLOYMENT: name, "sequence": sequence, "before": before, "model": image.model,
                "number": image.number, "version_id": image.version, "image": image.name, "image_record": image.id,
                "settings": json.dumps(settings.as_document(), sort_keys=True), **(notes or {}),
            }.items()
            if value not in (None, "")
        },
    }  # fmt: skip
    environment = {**ENVIRONMENT, "WORKBENCH_SERVING_DEPLOYMENT": name, "WORKBENCH_SERVING_LOG_DIR": _log_dir(settings)}
    if settings.token_file:
        environment["WORKBENCH_SERVING_TOKEN_FILE"] = TOKEN_PATH
    prepare_folder(settings)
    try:
        with errors():
            made = str(
                engine.client.create_container(
                    image=image.image_id,
                    name=f"workbench-{name}-{store_id[:8]}-{sequence}",
                    user=user,
                    labels=labels,
                    environment=environment,
                    ports=[PORT],
                    host_config=_host_config(engine, settings),
                )["Id"]
            )
            if settings.volume:
                engine.client.put_archive(made, LOG_DIR, _folder_for(user))
    except NotFound:
        raise NotFoundError(f"Docker no longer has the image {image.name}", rebuild_hint(image)) from None
    return read_container(engine, made)


def rebuild_hint(image: Image) -> str:
    """How to make an image again."""
    return f"workbench package build {rebuild_reference(image)}"


def rebuild_reference(image: Image) -> str:
    """What an image was made of, as `package build` takes it."""
    return f"{image.model}/{image.number}" if image.number is not None else (image.run or image.model)


def read_containers(engine: Engine, store_id: str) -> list[Container]:
    """Every container of every deployment of a project, by sequence.

    Raises:
        DockerError: the engine fails.
    """
    from docker.errors import NotFound

    labels = [f"{ROLE}={DEPLOYMENT}", f"{OURS}store={store_id}"]
    with errors():
        listed = engine.client.containers(all=True, filters={"label": labels})
    found = []
    for one in listed:
        try:
            found.append(read_container(engine, one["Id"]))
        except NotFound:
            continue  # it was removed meanwhile
    return sorted(found, key=lambda container: (container.name, container.sequence))


def read_container(engine: Engine, container: str) -> Container:
    """What the engine says of a container.

    Raises:
        docker.errors.NotFound: it is gone.
        DockerError: the engine fails.
    """
    with errors():
        said = engine.client.inspect_container(container)
    state = said["State"]
    labels = said["Config"].get("Labels") or {}
    return Container(
        id=said["Id"],
        labels={key.removeprefix(OURS): str(text) for key, text in labels.items() if key.startswith(OURS)},
        image_id=said["Image"],
        status=state["Status"],
        meant_to_run=said["HostConfig"]["RestartPolicy"]["Name"] == MEANT_TO_RUN,
        health=(state.get("Health") or {}).get("Status", ""),
        created_us=_time_us(said["Created"]),
        started_us=_time_us(state["StartedAt"]),
        ended_us=_time_us(state["FinishedAt"]),
        exit_code=int(state["ExitCode"]),
        out_of_memory=bool(state.get("OOMKilled")),
        restarts=int(said.get("RestartCount") or 0),
    )


def is_local(engine: Engine) -> bool:
    """Whether folders and ports of the engine are those of this machine."""
    return str(engine.client.base_url).startswith(("http+docker://localhost", "http+docker://localnpipe"))


def maps_users(engine: Engine) -> bool:
    """Whether users in containers are others outside, so that they could not write into the caller's folder."""
    with errors():
        options = engine.client.info().get("SecurityOptions") or []
    return any(word in option for option in options for word in ("name=rootless", "name=userns"))


def user_of(settings: Settings) -> str:
    """Who the server is: the caller, so that its files are theirs; never root.

    Raises:
        InputError: that user may not read the token.
    """
    caller = os.getuid() if hasattr(os, "getuid") else 0
    user = f"{caller}:{os.getgid()}" if caller else USER
    if settings.token_file and not caller:
        found = os.stat(settings.token_file)
        uid = int(user.partition(":")[0])
        if not (found.st_mode & 0o004 or (found.st_uid == uid and found.st_mode & 0o400)):
            raise InputError(f"the server runs as user {uid} and may not read {settings.token_file}",
                             f"chown {uid} {settings.token_file}")  # fmt: skip
    return user


def prepare_folder(settings: Settings) -> None:
    """Make the folder for the prediction log, in which the server may write.

    Raises:
        StoreError: it cannot be made.
        InputError: the caller may not write into it.
    """
    if not settings.log_dir:
        return
    try:
        os.makedirs(settings.log_dir, exist_ok=True)
        if hasattr(os, "getuid") and os.getuid() == 0:
            uid, gid = map(int, USER.split(":"))
            os.chown(settings.log_dir, uid, gid)
    except OSError as error:
        raise store_error(error, settings.log_dir) from None
    if not os.access(settings.log_dir, os.W_OK | os.X_OK):
        raise InputError(f"{settings.log_dir} may not be written", "--log-dir DIR")


def _host_config(engine: Engine, settings: Settings) -> Any:
    from docker.types import Mount

    mounts = [
        Mount(LOG_DIR, settings.volume or settings.log_dir, type="volume" if settings.volume else "bind")
    ]  # a bind of a folder that is gone is an error: the engine would make one that is root's
    if settings.token_file:
        mounts.append(Mount(TOKEN_PATH, settings.token_file, type="bind", read_only=True))
    return engine.client.create_host_config(
        **HARDENED,
        network_mode="bridge",
        port_bindings={PORT: settings.address},
        mounts=mounts,
        mem_limit=settings.memory_bytes,
        nano_cpus=None if settings.cpus is None else round(settings.cpus * 1e9),
        restart_policy={"Name": MEANT_TO_RUN},
        log_config=_SERVER_LOG,
    )


def _log_dir(settings: Settings) -> str:
    return f"{LOG_DIR}/{_VOLUME_FOLDER}" if settings.volume else LOG_DIR


def _folder_for(user: str) -> bytes:
    """A tar with a folder that a user may write into: the root of a volume belongs to root."""
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as tar:
        header = tarfile.TarInfo(_VOLUME_FOLDER)
        header.type, header.mode = tarfile.DIRTYPE, 0o750
        header.uid, header.gid = map(int, user.split(":"))
        tar.addfile(header)
    return content.getvalue()


def _number(text: str | None) -> int:
    return int(text) if text and text.isdigit() else 0


def _time_us(text: str) -> int:
    """Microseconds since the epoch of the engine's times, which have nanoseconds; 0 for its zero, the year 1."""
    if text.startswith("0001"):
        return 0
    whole, _, fraction = text.rstrip("Z").partition(".")
    seconds = datetime.fromisoformat(f"{whole}+00:00").timestamp()
    return int(seconds) * 1_000_000 + int(fraction[:6].ljust(6, "0") or 0)
