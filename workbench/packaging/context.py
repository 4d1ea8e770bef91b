"""Build contexts: a Dockerfile in the syntax that every builder takes, and the layers that it adds.

Two images, so that a model that was trained again sends kilobytes: one with the packages, made once for each lock, and
one on top of it with the server, the user's code and the model, in the order in which they change.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import IO

from workbench.base.errors import RefusedError, store_error
from workbench.packaging.base import Base
from workbench.packaging.layer import EPOCH_S, Layer

DOCKERFILE = "Dockerfile"
MODEL_DIR = "/opt/model"
CODE_DIR = "/opt/code"
SERVE_DIR = "/opt/wb"
SITE_DIR = "/opt/site"
LOG_DIR = "/var/log/workbench"
MODULE = "workbench_serving"
"""What the server is called within the image."""
PORT = 8080
USER = "10001:10001"
STOP_S = 10
_ENV = {
    "PYTHONPATH": f"{SITE_DIR}:{SERVE_DIR}:{CODE_DIR}",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTHONUNBUFFERED": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "HOME": "/tmp",
}
_IN_MEMORY_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Context:
    """What a builder needs.

    Attributes:
        dockerfile: its text.
        layers: the tars that it adds, by the names that it calls them.
    """

    dockerfile: str
    layers: Mapping[str, Layer]

    @property
    def size_bytes(self) -> int:
        """How much is sent to the engine."""
        return sum(layer.size_bytes for layer in self.layers.values())

    def open(self) -> IO[bytes]:
        """It as one tar, at its beginning; whoever takes it closes it."""
        spooled = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY_BYTES)  # noqa: SIM115 - the caller closes it
        with tarfile.open(fileobj=spooled, mode="w", format=tarfile.GNU_FORMAT) as tar:
            content = self.dockerfile.encode()
            header = tarfile.TarInfo(DOCKERFILE)
            header.size, header.mtime, header.mode = len(content), EPOCH_S, 0o644
            tar.addfile(header, io.BytesIO(content))
            for name, layer in self.layers.items():
                header = tarfile.TarInfo(name)
                header.size, header.mtime, header.mode = layer.size_bytes, EPOCH_S, 0o644
                with open(layer.path, "rb") as file:
                    tar.addfile(header, file)
        spooled.seek(0)
        return spooled

    def emit(self, folder: str, texts: Mapping[str, str]) -> None:
        """Write it into a new or empty folder, for any `docker build`.

        Args:
            texts: more files to write, by name.

        Raises:
            RefusedError: the folder has something in it.
            StoreError: it cannot be written.
        """
        try:
            if os.path.isdir(folder) and os.listdir(folder):
                raise RefusedError(f"{folder} has something in it", "name a new folder")
            os.makedirs(folder, exist_ok=True)
            for name, layer in self.layers.items():
                shutil.copyfile(layer.path, os.path.join(folder, name))
            for name, text in {**texts, DOCKERFILE: self.dockerfile}.items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
        except OSError as error:
            raise store_error(error, folder) from None


def packages_tag(base: Base, site: Layer) -> str:
    """The name and tag of the image that has a base's packages."""
    digest = sha256(f"{base.image_id} {site.digest}".encode()).hexdigest()
    return f"workbench-packages:{digest[:16]}"


def packages_context(parent: str, site: Layer) -> Context:
    """The context of the image that has the packages.

    Args:
        parent: the base image.
    """
    label = _label({"io.workbench.role": "packages"})
    return Context(f"FROM {parent}\n{_add('10-site.tar')}{label}", {"10-site.tar": site})


def model_context(
    parent: str, python: str, layers: Sequence[Layer], labels: Mapping[str, str], *, start_period_s: int = 60
) -> Context:
    """The context of a model's image.

    Args:
        parent: the image that has the packages, or the base where `layers` begins with them.
        python: the path of the interpreter.
        layers: in the order in which they are added.
        start_period_s: how long the server may take to be ready before it counts as unhealthy.
    """
    named = {f"{number}0-{layer.name}.tar": layer for number, layer in enumerate(layers, 1)}
    lines = [
        f"FROM {parent}",
        *(_add(name).rstrip() for name in named),
        "ENV " + " ".join(f"{key}={value}" for key, value in _ENV.items()),
        f"USER {USER}",
        f"EXPOSE {PORT}",
        "STOPSIGNAL SIGTERM",
        f"HEALTHCHECK --interval=10s --timeout=3s --start-period={start_period_s}s --retries=3 "
        f"CMD {json.dumps([python, '-m', f'{MODULE}.healthcheck'])}",
        f"ENTRYPOINT {json.dumps([python, '-m', MODULE, MODEL_DIR])}",
        _label(labels).rstrip(),
    ]
    return Context("\n".join(lines) + "\n", named)


def _add(name: str) -> str:
    return f"ADD {name} /\n"


def _label(labels: Mapping[str, str]) -> str:
    """One instruction for all labels: each of its own would be a layer to commit."""
    pairs = [f"{key}={_quoted(value)}" for key, value in sorted(labels.items())]
    return "LABEL " + " \\\n      ".join(pairs) + "\n"


def _quoted(value: str) -> str:
    """A value for a Dockerfile, in which `$` and backslashes stand for nothing and lines do not end."""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$")
    return '"' + "".join(" " if ord(c) < 32 else c for c in escaped) + '"'
