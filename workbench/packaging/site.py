"""The packages of a lock as one layer: fetched for the base's platform by uv, unpacked here, thinned, and put in a tar.

Nothing is installed within the build, so it needs no network, no pip in the base and no emulation for another
architecture; and the same lock is the same layer, byte for byte.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass

from workbench.base.errors import store_error
from workbench.base.project import Project
from workbench.packaging.base import Base
from workbench.packaging.bytecode import compile_sources, compiler
from workbench.packaging.layer import Layer, folder_entries, write_layer
from workbench.packaging.lock import Lock, normalised, run_uv

PREFIX = "opt/site"
"""Where packages are in the image; `PYTHONPATH` names it."""

_NEEDLESS = re.compile(
    r"(^bin/|(^|/)__pycache__/|^\.lock$|(^|/)(direct_url\.json|uv_cache\.json|INSTALLER|REQUESTED)$)"
)
_SLIMMED = re.compile(r"(.+/tests?/|.+\.(pyx|pxd|pyi|c|cpp|h|hpp|f|f90|a)$)")
_KEPT = re.compile(r"^numpy/_core/tests/(__init__|_natype)\.py$")  # numpy.testing imports it
_FORMAT = 2


@dataclass(frozen=True)
class Package:
    """A package of a site.

    Attributes:
        size_bytes: of its files in the image, without bytecode.
    """

    name: str
    version: str
    size_bytes: int


@dataclass(frozen=True)
class Site:
    """The packages of an image.

    Attributes:
        layer: with all of them.
        packages: by name.
        left_out_bytes: of what was left out of the wheels, tests and sources above all.
        compiled: bytecode is beside the sources; else a server compiles them whenever it starts.
        fresh: it was made just now.
    """

    layer: Layer
    packages: tuple[Package, ...]
    left_out_bytes: int
    compiled: bool = True
    fresh: bool = False


def make_site(
    project: Project,
    lock: Lock,
    base: Base,
    *,
    slim: bool = True,
    offline: bool = False,
    progress: Callable[[str], None] = lambda text: None,
) -> Site:
    """The layer of a lock, made once and kept.

    Args:
        slim: leave out tests, sources and type stubs.
        offline: use what was fetched before, and no network.

    Raises:
        RequirementsError: a package cannot be fetched.
        StoreError: the layer cannot be written.
    """

    def fill(folder: str) -> None:
        progress(f"unpacking {len(lock.packages)} packages")
        install(lock, base, folder, offline=offline)

    return kept_site(project, f"{lock.digest[:32]}-{base.platform}-{base.minor}", fill, base.minor, slim=slim)


def kept_site(project: Project, for_what: str, fill: Callable[[str], None], minor: str, *, slim: bool) -> Site:
    """The layer that was made for the same before, else that of the folder that `fill` fills, which is kept.

    Args:
        for_what: all that it depends on, as the name of a file.
        minor: the Python that it is for, `3.11`.

    Raises:
        StoreError: the layer cannot be written.
    """
    python = compiler(minor)
    kind = ("slim" if slim else "whole") + ("-compiled" if python else "")
    place = os.path.join(project.folder, "cache", "sites", f"{for_what}-{kind}")
    known = _read(place)
    if known is not None:
        return known
    folder = f"{place}.{os.getpid()}"
    try:
        os.makedirs(folder, exist_ok=True)
        fill(folder)
        site = _pack(folder, place, slim, python)
        _write(place, site)
    except OSError as error:
        raise store_error(error, place) from None
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return site


def install(lock: Lock, base: Base, folder: str, *, offline: bool = False) -> None:
    """Unpack the packages of a lock into a folder, each checked against its hash.

    Raises:
        RequirementsError: one cannot be fetched.
    """
    listed = os.path.join(folder, ".lock")
    with open(listed, "w", encoding="utf-8") as file:
        file.write(lock.text)
    run_uv(
        [
            "pip", "install", "--target", folder, "--python-version", base.minor, "--python-platform", base.platform,
            "--only-binary", ":all:", "--require-hashes", "--no-deps", "--link-mode", "copy", "--quiet", "-r", listed,
            *(["--offline"] if offline else []),
        ],
        "the model's packages cannot be fetched",
    )  # fmt: skip


def _pack(folder: str, place: str, slim: bool, python: str | None) -> Site:
    kept: list[str] = []
    left_out_bytes = 0
    for entry in folder_entries(folder, ""):
        name = entry.name.lstrip("/")
        if _NEEDLESS.search(name):
            continue
        if slim and _SLIMMED.match(name) and not _KEPT.match(name):
            left_out_bytes += os.path.getsize(os.path.join(folder, name))
        else:
            kept.append(name)
    packages = _packages(folder, set(kept))
    bytecode = compile_sources(python, folder, kept, PREFIX) if python else []
    layer = write_layer("site", folder_entries(folder, PREFIX, keep=[*kept, *bytecode]), f"{place}.tar")
    return Site(layer, packages, left_out_bytes, compiled=bool(python), fresh=True)


def _packages(folder: str, kept: set[str]) -> tuple[Package, ...]:
    found = []
    for info in sorted(os.listdir(folder)):
        if not info.endswith(".dist-info"):
            continue
        name, _, version = info.removesuffix(".dist-info").rpartition("-")
        try:
            with open(os.path.join(folder, info, "RECORD"), encoding="utf-8", newline="") as file:
                paths = [row[0] for row in csv.reader(file) if row]
        except OSError:
            paths = []
        size_bytes = sum(os.path.getsize(os.path.join(folder, path)) for path in paths if path in kept)
        found.append(Package(normalised(name), version, size_bytes))
    return tuple(found)


def _read(place: str) -> Site | None:
    try:
        with open(f"{place}.json", encoding="utf-8") as file:
            document = json.load(file)
        if document["format"] != _FORMAT or os.path.getsize(f"{place}.tar") != document["layer"]["size_bytes"]:
            return None
        layer = Layer(**{**document["layer"], "path": f"{place}.tar"})
        packages = tuple(Package(**one) for one in document["packages"])
        return Site(layer, packages, document["left_out_bytes"], document["compiled"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(place: str, site: Site) -> None:
    document = {
        "format": _FORMAT,
        "layer": asdict(site.layer),
        "packages": [asdict(package) for package in site.packages],
        "left_out_bytes": site.left_out_bytes,
        "compiled": site.compiled,
    }
    temporary = f"{place}.json.{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        json.dump(document, file)
    os.replace(temporary, f"{place}.json")
