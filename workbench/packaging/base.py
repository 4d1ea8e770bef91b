"""What a base image has: its Python, architecture and libc, found by running it once, with no network.

Where it cannot be run, because there is no engine or it is for another architecture, it is assumed.
"""

from __future__ import annotations

import json
import os
import platform as this_machine
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from typing import Any

from workbench.base.errors import BaseImageError, DockerError, InputError
from workbench.base.project import Project
from workbench.packaging.engine import Engine, errors

PROBE = """
import json, os, platform, sys, sysconfig
libc = platform.libc_ver()
print(json.dumps({
    "python": sys.executable, "version": platform.python_version(), "implementation": sys.implementation.name,
    "machine": platform.machine(), "libc": libc[0] or "musl", "libc_version": libc[1],
    "soabi": sysconfig.get_config_var("SOABI") or ""}))
"""
PYTHONS = ("python3", "python", "/usr/bin/python3", "/usr/local/bin/python3", "/opt/venv/bin/python")
PROBE_S = 60
ASSUMED_GLIBC = "2.28"
"""Of a base image that cannot be run: what Debian 10, RHEL 8 and everything newer has."""
_MACHINES = {"amd64": "x86_64", "arm64": "aarch64", "386": "i686", "arm": "armv7l"}
"""What Python calls the architectures of Docker."""


@dataclass(frozen=True)
class Base:
    """A base image.

    Attributes:
        reference: as the user names it.
        image_id: `sha256:…`; empty where no engine has it.
        size_bytes: of all its layers.
        layers: digests of its layers, the lowest first.
        python: the path of its interpreter.
        version: `3.11.2`.
        machine: `x86_64`, `aarch64`, ….
        libc: `glibc` or `musl`.
        libc_version: `2.36`; empty for musl.
        user: who its processes are by default; empty for root.
        runnable: it was run here; else what it has is assumed.
    """

    reference: str
    image_id: str
    size_bytes: int
    layers: tuple[str, ...]
    python: str
    version: str
    machine: str
    libc: str
    libc_version: str
    user: str = ""
    runnable: bool = True

    @property
    def parent(self) -> str:
        """What an image is built `FROM`: the very image that was looked into, where there is one."""
        return self.image_id or self.reference

    @property
    def minor(self) -> str:
        """`3.11`."""
        return ".".join(self.version.split(".")[:2])

    @property
    def platform(self) -> str:
        """What uv calls the platform that wheels are chosen for."""
        if self.libc != "glibc":
            return f"{self.machine}-unknown-linux-musl"
        return f"{self.machine}-manylinux_{self.libc_version.replace('.', '_')}"


def default_reference(python: str) -> str:
    """The base image where none is named.

    Args:
        python: the version that the model was trained with: `3.11.9`.
    """
    return f"python:{'.'.join(python.split('.')[:2])}-slim"


def assumed_base(reference: str, python: str, platform: str | None = None) -> Base:
    """A base image that cannot be run, as most of its kind are.

    Args:
        python: its version: `3.11`.
        platform: as Docker names it: `linux/arm64`; None is this machine's.

    Raises:
        InputError: there is no such platform.
    """
    machine = this_machine.machine()
    if platform is not None:
        architecture = platform.removeprefix("linux/").partition("/")[0]
        if not platform.startswith("linux/") or architecture not in _MACHINES:
            raise InputError(f"there is no platform {platform}", f"one of {', '.join(f'linux/{a}' for a in _MACHINES)}")
        machine = _MACHINES[architecture]
    musl = "alpine" in reference
    return Base(
        reference=reference, image_id="", size_bytes=0, layers=(), python=PYTHONS[0], version=python, machine=machine,
        libc="musl" if musl else "glibc", libc_version="" if musl else ASSUMED_GLIBC, runnable=False,
    )  # fmt: skip


def find_base(
    engine: Engine,
    project: Project,
    reference: str,
    progress: Callable[[str], None] = lambda text: None,
    *,
    platform: str | None = None,
    python: str = "",
    offline: bool = False,
) -> Base:
    """A base image: the local one of that name, else fetched; what it has is remembered by its id.

    Args:
        platform: as Docker names it; None is whichever the image has.
        python: its version, for an image of another architecture, which cannot be asked.
        offline: fetch nothing.

    Raises:
        BaseImageError: it is neither here nor to be fetched, or it has no Python.
        InputError: there is no such platform.
        DockerError: the engine fails.
    """
    found = engine.image(reference)
    if found is not None and not _suits(found, platform):
        progress(f"{reference} is here for {_platform(found)}, not for {platform}")
        found = None
    if found is None and not offline:
        progress(f"fetching {reference}")
        found = engine.pull(reference, progress, platform=platform)
    if found is None or not _suits(found, platform):
        wanted = f"{reference} for {platform}" if platform else reference
        why = "is not here, and --offline fetches nothing" if offline else "is not here and cannot be fetched"
        raise BaseImageError(f"the base image {wanted} {why}", f"--base-image NAME; {_local(engine)}")
    place = os.path.join(project.folder, "cache", "bases", f"{found['Id'].removeprefix('sha256:')}.json")
    known = _read(place)
    if known is None:
        progress(f"looking into {reference}")
        known = _probe(engine, reference, found)
        if known is not None:
            _write(place, known)
    facts: dict[str, Any] = {
        "image_id": found["Id"],
        "size_bytes": int(found["Size"]),
        "layers": tuple((found.get("RootFS") or {}).get("Layers") or ()),
        "user": str((found.get("Config") or {}).get("User") or ""),
    }
    if known is None:
        return replace(assumed_base(reference, python, _platform(found)), **facts)
    return Base(
        reference=reference,
        python=known["python"],
        version=known["version"],
        machine=known["machine"],
        libc=known["libc"],
        libc_version=known["libc_version"],
        **facts,
    )


def is_here(engine: Engine, reference: str, platform: str | None = None) -> bool:
    """Whether an engine has an image, for that platform."""
    found = engine.image(reference)
    return found is not None and _suits(found, platform)


def _suits(image: dict[str, Any], platform: str | None) -> bool:
    """Whether an image is for a platform; the variants of an architecture are not told apart."""
    return platform is None or platform.split("/")[:2] == _platform(image).split("/")[:2]


def _platform(image: dict[str, Any]) -> str:
    return f"{image.get('Os') or 'linux'}/{image.get('Architecture') or 'amd64'}"


def check_python(base: Base, wanted: str, *, allow_mismatch: bool = False) -> str | None:
    """Make sure that a model of one Python runs in a base of another; returns a remark where they differ a little.

    Args:
        wanted: the version that the model was trained with; empty where it does not say.

    Raises:
        BaseImageError: their minor versions differ, and nobody said that they may.
    """
    if not wanted or wanted == base.version or base.version == ".".join(wanted.split(".")[:2]):
        return None
    if wanted.split(".")[:2] == base.version.split(".")[:2]:
        return f"the model was trained with Python {wanted}, the image has {base.version}"
    if not allow_mismatch:
        raise BaseImageError(
            f"the model was trained with Python {wanted}, and {base.reference} has {base.version}",
            "choose a base with --base-image, or say --allow-python-mismatch",
        )
    return f"the model was trained with Python {wanted}, the image has {base.version}: another minor version"


def _probe(engine: Engine, reference: str, image: dict[str, Any]) -> dict[str, str] | None:
    """What its Python says of it; None where it is for an architecture that this engine does not run."""
    trouble = ""
    for python in PYTHONS:
        answer = _run_probe(engine, image["Id"], python)
        try:
            found = json.loads(answer)
            return {name: str(found[name]) for name in ("python", "version", "machine", "libc", "libc_version")}
        except (ValueError, KeyError, TypeError):
            if "exec format error" in answer:
                return None
            trouble = trouble or answer.strip().splitlines()[-1] if answer.strip() else trouble
    raise BaseImageError(
        f"the base image {reference} has no Python that can be started" + (f": {trouble}" if trouble else ""),
        "choose one with --base-image",
    )


def _run_probe(engine: Engine, image_id: str, python: str) -> str:
    """What the probe prints with one interpreter, or why it does not start."""
    from docker.errors import APIError

    settings = {
        "image": image_id, "entrypoint": [python], "command": ["-I", "-c", PROBE],
        "host_config": engine.client.create_host_config(network_mode="none"), "labels": {"io.workbench.role": "probe"},
    }  # fmt: skip
    try:
        with engine.container(**settings) as made, errors():
            engine.client.start(made)
            engine.client.wait(made, timeout=PROBE_S)
            return bytes(engine.client.logs(made, stdout=True, stderr=True)).decode(errors="replace")
    except (APIError, DockerError) as error:
        return str(error)


def _local(engine: Engine) -> str:
    """Images that are here and have a name."""
    with errors():
        images = engine.client.images()
    names = sorted({tag for image in images for tag in image.get("RepoTags") or () if "<none>" not in tag})
    return f"here are: {', '.join(names[:8])}" if names else "no image is here at all"


def _read(path: str) -> dict[str, str] | None:
    try:
        with open(path, encoding="utf-8") as file:
            found = json.load(file)
        return {str(key): str(value) for key, value in found.items()}
    except (OSError, ValueError, AttributeError):
        return None


def _write(path: str, known: dict[str, str]) -> None:
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        temporary = f"{path}.{os.getpid()}"
        with open(temporary, "w", encoding="utf-8") as file:
            json.dump(known, file)
        os.replace(temporary, path)
    except OSError:  # it is asked again next time
        return


def as_document(base: Base) -> dict[str, Any]:
    """A base as JSON has it."""
    return {**asdict(base), "layers": list(base.layers)}
