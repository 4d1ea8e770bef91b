"""An image as one file, for a machine without a registry, and back; what is in it is checked both times.

The file is what `docker save` writes, with one more member, `workbench.json`. Docker does not look at that, so
`docker load` takes the file as well. An image's id is the hash of its configuration, which lists the hashes of its
layers: a file with another byte has another id.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any

from workbench.base.errors import InputError, RefusedError, store_error
from workbench.packaging.build import image_digest
from workbench.packaging.engine import Engine, errors, required_image
from workbench.packaging.images import Image

MEMBER = "workbench.json"
SCHEMA = 1
_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True)
class Saved:
    """What a file holds.

    Attributes:
        config: `sha256:` of the image's configuration.
        layers: digests of its layers, the lowest first.
        tags: the names that it gets when it is loaded.
        manifest: the content of `workbench.json`.
    """

    config: str
    layers: tuple[str, ...]
    tags: tuple[str, ...]
    manifest: dict[str, Any]


def save_image(
    engine: Engine, image: Image, path: str, progress: Callable[[int], None] = lambda size_bytes: None
) -> dict[str, Any]:
    """Write an image into a file, which is there as a whole or not at all; returns its manifest.

    Args:
        progress: told how many bytes are written.

    Raises:
        NotFoundError: the engine has it no more.
        RefusedError: its name means another image by now.
        StoreError: the file cannot be written.
    """
    found = required_image(engine, image.name)
    if found["Id"] != image.image_id:
        raise RefusedError(
            f"{image.name} is another image by now: {found['Id'][:19]}, not {image.image_id[:19]}",
            "name the one that you mean by its id",
        )
    temporary = f"{path}.{os.getpid()}"
    written = 0
    try:
        with errors(), open(temporary, "wb") as file:
            for chunk in engine.client.get_image(image.name):
                file.write(chunk)
                written += len(chunk)
                progress(written)
        saved = read_saved(temporary, required=False)
        manifest = {
            "schema": SCHEMA,
            "image": image.name,
            "image_id": image.image_id,
            "config": saved.config,
            "digest": image_digest(found),
            "layers": list(saved.layers),
            "record": image.as_document(),
        }
        with tarfile.open(temporary, "a") as tar:
            content = json.dumps(manifest, indent=1, sort_keys=True).encode() + b"\n"
            header = tarfile.TarInfo(MEMBER)
            header.size, header.mode = len(content), 0o644
            tar.addfile(header, io.BytesIO(content))
        os.replace(temporary, path)
    except OSError as error:
        raise store_error(error, path) from None
    finally:
        if os.path.exists(temporary):
            os.unlink(temporary)
    return {**manifest, "size": os.path.getsize(path)}


def load_image(
    engine: Engine, path: str, *, replace: bool = False, progress: Callable[[int], None] = lambda size_bytes: None
) -> dict[str, Any]:
    """Check a file and give its image to the engine; returns its manifest.

    Args:
        replace: the names in it may be taken from another image.
        progress: told how many bytes were given.

    Raises:
        InputError: it is no such file, or it was changed.
        RefusedError: another image has that name.
        DockerError: the engine fails.
    """
    saved = read_saved(path)
    for tag in saved.tags:
        other = engine.image(tag)
        if other is not None and tuple(other["RootFS"]["Layers"]) != saved.layers and not replace:
            raise RefusedError(f"Docker has another image called {tag}", "--replace takes the name away from it")
    try:
        with errors(), open(path, "rb") as file:
            engine.client.load_image(_Counted(file, progress), quiet=True)  # type: ignore[no-untyped-call]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}") from None
    found = required_image(engine, saved.tags[0])
    if tuple(found["RootFS"]["Layers"]) != saved.layers:
        raise InputError(f"Docker made another image of {path} than the one in it")
    return {**saved.manifest, "image_id": found["Id"]}


def read_saved(path: str, *, required: bool = True) -> Saved:
    """What a file holds, with every hash checked.

    Args:
        required: it has a manifest.

    Raises:
        InputError: it is no such file, or it was changed.
    """
    try:
        with tarfile.open(path) as tar:
            [listed] = json.loads(_member(tar, "manifest.json"))
            config_bytes = _member(tar, listed["Config"])
            config = f"sha256:{hashlib.sha256(config_bytes).hexdigest()}"
            layers = tuple(json.loads(config_bytes)["rootfs"]["diff_ids"])
            held = tuple(_layer_digest(tar, name) for name in listed["Layers"])
            manifest = json.loads(_member(tar, MEMBER)) if MEMBER in tar.getnames() else {}
    except FileNotFoundError:
        raise InputError(f"there is no {path}") from None
    except (OSError, EOFError, tarfile.TarError, ValueError, KeyError, TypeError):
        raise InputError(f"{path} is no image that was saved, or it is damaged") from None
    if required and manifest.get("schema") != SCHEMA:
        raise InputError(f"{path} was not made by workbench package save", f"docker load -i {path}")
    if held != layers:
        number = next((n for n, pair in enumerate(zip(held, layers, strict=False)) if pair[0] != pair[1]), 0)
        raise InputError(f"{path} was changed: its layer {number + 1} has another hash than its configuration says")
    if manifest and (manifest.get("config"), tuple(manifest.get("layers", ()))) != (config, layers):
        raise InputError(f"{path} was changed: its manifest is about another image")
    return Saved(config, layers, tuple(listed.get("RepoTags") or ()), manifest)


def _member(tar: tarfile.TarFile, name: str) -> bytes:
    stream = tar.extractfile(name)
    if stream is None:
        raise KeyError(name)
    return stream.read()


def _layer_digest(tar: tarfile.TarFile, name: str) -> str:
    """The hash of a layer's tar, which newer engines compress."""
    found = tar.getmember(name)
    while found.issym():  # a layer that two images share is there once
        found = tar.getmember(os.path.normpath(os.path.join(os.path.dirname(found.name), found.linkname)))
    stream: IO[bytes] | None = tar.extractfile(found)
    if stream is None:
        raise KeyError(name)
    if stream.read(2) == b"\x1f\x8b":
        stream.seek(0)
        stream = gzip.GzipFile(fileobj=stream)  # type: ignore[assignment]
    else:
        stream.seek(0)
    digest = hashlib.sha256()
    assert stream is not None
    while block := stream.read(_BLOCK_BYTES):
        digest.update(block)
    return f"sha256:{digest.hexdigest()}"


class _Counted:
    """A file that says how much of it was read."""

    def __init__(self, file: IO[bytes], progress: Callable[[int], None]) -> None:
        self._file, self._progress, self._read = file, progress, 0

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        block = self._file.read(size)
        self._read += len(block)
        self._progress(self._read)
        return block
