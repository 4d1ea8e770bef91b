"""The packages of an image where wheels alone do not do: installed by pip in a throw-away container of the base.

What pip has installed comes out of the container as files and becomes the same kind of layer as ever. The container,
with the environment that it was given, proxies and tokens among it, is removed and never becomes an image.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from threading import Event
from typing import Any

from workbench.base.errors import BaseImageError, RequirementsError, store_error
from workbench.base.project import Project
from workbench.packaging.base import Base
from workbench.packaging.building import ROLE
from workbench.packaging.engine import Engine, errors, given_up
from workbench.packaging.lock import Lock, as_file, kept_lock, normalised
from workbench.packaging.network import CERTIFICATES_IN_CONTAINER, certificates, for_pip, without_credentials
from workbench.packaging.site import PREFIX, Site, kept_site

MAX_LINES = 12
_UNREACHABLE = ("NewConnectionError", "Temporary failure", "Connection refused", "timed out")
_REPORT = "/tmp/workbench-report.json"
_REQUIREMENTS = "/tmp/workbench-requirements.txt"
_SPOOLED_BYTES = 64 * 1024 * 1024


def install_with_pip(
    engine: Engine,
    project: Project,
    requirements: Sequence[str],
    base: Base,
    *,
    slim: bool = True,
    network: str | None = None,
    progress: Callable[[str], None] = lambda text: None,
    cancelled: Event | None = None,
) -> tuple[Lock, Site]:
    """The lock and the packages of requirements, made once for them and the base, and kept.

    Args:
        network: of the container; None is the engine's usual one.
        progress: told the lines of pip.
        cancelled: set by another thread to give it up.

    Raises:
        BaseImageError: the base cannot be run here, or has no pip.
        RequirementsError: pip fails; with its last lines.
        StoreInterruptedError: it was given up.
        StoreError: the packages cannot be kept.
    """
    if not base.runnable:
        raise BaseImageError(
            f"{base.reference} cannot be run here, so pip cannot install in it", "leave out --install pip"
        )
    wanted = as_file(requirements)
    folder = tempfile.mkdtemp(prefix="workbench-pip-")
    try:
        filled: list[str] = []

        def run() -> str:
            filled.append(_install(engine, base, wanted, folder, network, progress, cancelled))
            return filled[0]

        def fill(target: str) -> None:
            if not filled:
                run()
            shutil.copytree(os.path.join(folder, os.path.basename(PREFIX)), target, dirs_exist_ok=True)

        lock = kept_lock(project, f"pip\n{base.image_id}\n{wanted}", run)
        site = kept_site(project, f"{lock.digest[:32]}-{base.image_id[7:23]}-pip", fill, base.minor, slim=slim)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return lock, site


def _install(
    engine: Engine,
    base: Base,
    requirements: str,
    folder: str,
    network: str | None,
    progress: Callable[[str], None],
    cancelled: Event | None,
) -> str:
    """Let pip install in a container, and copy what it did into a folder; returns the lock."""
    client = engine.client
    trusted = certificates()
    host: dict[str, Any] = {"network_mode": network} if network else {}
    if trusted:
        host["binds"] = [f"{trusted}:{CERTIFICATES_IN_CONTAINER}:ro"]
    command = [
        "-m", "pip", "install", "--target", f"/{PREFIX}", "--no-compile", "--no-cache-dir", "--no-input",
        "--disable-pip-version-check", "--root-user-action", "ignore", "--report", _REPORT, "-r", _REQUIREMENTS,
    ]  # fmt: skip
    settings: dict[str, Any] = {
        "image": base.image_id, "entrypoint": [base.python], "command": command, "user": "0:0",
        "environment": for_pip(), "labels": {ROLE: "install"}, "host_config": client.create_host_config(**host),
    }  # fmt: skip
    with engine.container(**settings) as made, errors(), given_up(engine, made, cancelled):
        client.put_archive(made, "/", _one_file(_REQUIREMENTS, requirements.encode()))
        client.start(made)
        lines: deque[str] = deque(maxlen=MAX_LINES)
        for line in _lines(client.logs(made, stream=True, follow=True)):
            lines.append(line)
            progress(line)
        if client.wait(made)["StatusCode"]:
            raise _failed(base, list(lines))
        with _archive(client.get_archive(made, f"/{PREFIX}")[0]) as tar:
            _unpack(tar, folder)
        with _archive(client.get_archive(made, _REPORT)[0]) as tar:
            report = tar.extractfile(os.path.basename(_REPORT))
            return _lock_text(json.load(report) if report is not None else {})


def _failed(base: Base, lines: list[str]) -> RequirementsError | BaseImageError:
    said = " ".join(lines)
    if "No module named pip" in said:
        return BaseImageError(f"{base.reference} has no pip", "choose a base that has with --base-image")
    trouble = next((line for line in lines if line.startswith("ERROR:")), lines[-1] if lines else "no reason")
    offline = any(
        word in said for word in ("NewConnectionError", "Temporary failure", "Connection refused", "timed out")
    )
    return RequirementsError(
        f"pip cannot install the model's packages: {trouble.removeprefix('ERROR: ')}",
        "no package index answers in the container: --network host, HTTPS_PROXY or PIP_INDEX_URL"
        if offline
        else "give other requirements with --require and --drop",
    )


def _lock_text(report: dict[str, Any]) -> str:
    """A lock of what pip says that it installed."""
    lines = []
    for item in report.get("install", ()):
        name, version = normalised(item["metadata"]["name"]), item["metadata"]["version"]
        digest = ((item.get("download_info") or {}).get("archive_info") or {}).get("hash", "").replace("=", ":")
        lines.append(f"{name}=={version}" + (f" \\\n    --hash={digest}" if digest else ""))
    return "\n".join(sorted(lines)) + "\n"


def _lines(chunks: Iterator[bytes]) -> Iterator[str]:
    """The lines that a container writes, as they become whole."""
    rest = ""
    for chunk in chunks:
        *whole, rest = (rest + chunk.decode(errors="replace")).split("\n")
        yield from (without_credentials(line.strip()) for line in whole if line.strip())
    if rest.strip():
        yield without_credentials(rest.strip())


@contextmanager
def _archive(chunks: Iterator[bytes]) -> Iterator[tarfile.TarFile]:
    """The tar that an engine sends."""
    with tempfile.SpooledTemporaryFile(max_size=_SPOOLED_BYTES) as spooled:
        for chunk in chunks:
            spooled.write(chunk)
        spooled.seek(0)
        with tarfile.open(fileobj=spooled) as tar:
            yield tar


def _unpack(tar: tarfile.TarFile, folder: str) -> None:
    try:
        tar.extractall(folder, filter="data")
    except tarfile.TarError as error:
        raise RequirementsError(f"a package has files that are not put into an image: {error}") from None
    except OSError as error:
        raise store_error(error, folder) from None


def _one_file(path: str, content: bytes) -> bytes:
    """A tar of one file."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        header = tarfile.TarInfo(path.lstrip("/"))
        header.size, header.mode = len(content), 0o644
        tar.addfile(header, io.BytesIO(content))
    return stream.getvalue()
