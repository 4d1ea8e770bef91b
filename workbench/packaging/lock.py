"""The packages of an image, pinned by version and hash for the base that they go onto, by uv.

A lock is resolved once for the same requirements, platform and Python, and kept: a model that is trained again gets the
same packages, with no network.
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.base.errors import RequirementsError, store_error
from workbench.base.project import Project
from workbench.packaging.base import Base
from workbench.packaging.network import for_uv, without_credentials

MAX_LINES = 12


@dataclass(frozen=True)
class Lock:
    """A lock.

    Attributes:
        text: as pip reads it: `name==version --hash=…`.
        digest: SHA-256 of the text, 64 hex digits.
        packages: versions by normalised name.
        fresh: it was resolved just now.
    """

    text: str
    digest: str
    packages: dict[str, str]
    fresh: bool = False


def resolve(project: Project, requirements: Sequence[str], base: Base, *, offline: bool = False) -> Lock:
    """The lock of requirements for a base.

    Args:
        requirements: lines of a requirements file, in any order.
        offline: use what was fetched before, and no network.

    Raises:
        RequirementsError: they cannot be resolved; the message is uv's.
        StoreError: the lock cannot be kept.
    """
    wanted = as_file(requirements)
    return kept_lock(project, f"{base.platform}\n{base.minor}\n{wanted}", lambda: _compile(wanted, base, offline))


def as_file(requirements: Sequence[str]) -> str:
    """Requirements as a requirements file has them, each once and in order."""
    return "".join(f"{line}\n" for line in sorted(set(requirements)))


def kept_lock(project: Project, for_what: str, make: Callable[[], str]) -> Lock:
    """The lock that was made for the same before, else the one that `make` returns the text of, which is kept.

    Args:
        for_what: all that it depends on.

    Raises:
        StoreError: the lock cannot be kept.
    """
    key = hashlib.sha256(for_what.encode()).hexdigest()[:32]
    path = os.path.join(project.folder, "cache", "locks", f"{key}.txt")
    try:
        with open(path, encoding="utf-8") as file:
            return _lock(file.read())
    except FileNotFoundError:
        pass
    text = make()
    temporary = f"{path}.{os.getpid()}"
    try:
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(temporary, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError as error:
        raise store_error(error, path) from None
    return _lock(text, fresh=True)


def normalised(name: str) -> str:
    """A package's name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _compile(requirements: str, base: Base, offline: bool) -> str:
    command = [
        "pip", "compile", "-", "--python-version", base.minor, "--python-platform", base.platform, "--generate-hashes",
        "--only-binary", ":all:", "--no-header", "--no-annotate", "--quiet", *(["--offline"] if offline else []),
    ]  # fmt: skip
    return run_uv(command, "the model's packages cannot be resolved", requirements)


def run_uv(arguments: Sequence[str], trouble: str, given: str = "") -> str:
    """Run uv; returns what it writes.

    Args:
        trouble: what it means when it fails.
        given: its standard input.

    Raises:
        RequirementsError: it fails; with its last lines.
    """
    from uv import find_uv_bin

    done = subprocess.run(
        [find_uv_bin(), *arguments], input=given, capture_output=True, text=True, check=False, env=for_uv()
    )
    if done.returncode:
        lines = [line.strip(" ×╰─▶│├") for line in without_credentials(done.stderr).strip().splitlines()]
        said = " ".join(line for line in lines[-MAX_LINES:] if line)
        offline = any(word in said for word in ("dns error", "Connect", "offline", "network", "client error"))
        raise RequirementsError(
            f"{trouble}: {said}",
            "no package index answers: give one with UV_INDEX_URL, or use a machine with a network once"
            if offline
            else "give other requirements with --require, or --install pip to build them in the base image",
        )
    return done.stdout


def _lock(text: str, *, fresh: bool = False) -> Lock:
    found = re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", text, re.MULTILINE)
    packages = {normalised(name): version for name, version in found}
    return Lock(text, hashlib.sha256(text.encode()).hexdigest(), packages, fresh)
