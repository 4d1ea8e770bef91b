"""The plan of an image: everything that can be known before an engine builds it."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from workbench.base.errors import DockerError, InputError, RefusedError
from workbench.base.numbers import format_size
from workbench.base.project import Project
from workbench.packaging.base import Base, assumed_base, check_python, default_reference, find_base
from workbench.packaging.contents import Serving, check_secrets, code_layer, included, model_layer, serve_layer
from workbench.packaging.engine import NO_ENGINE, Engine, check_cancelled
from workbench.packaging.labels import image_labels
from workbench.packaging.layer import Layer
from workbench.packaging.lock import Lock, resolve
from workbench.packaging.pip_site import install_with_pip
from workbench.packaging.requirements import Requirements, choose_loader, gather
from workbench.packaging.sbom import bill_of_materials
from workbench.packaging.site import Package, Site, make_site
from workbench.packaging.source import Source, materialise
from workbench.packaging.trial import Trial, try_model
from workbench.tracking.model_safety import danger

Say = Callable[[str, str], None]
"""Told what is done: the name of the stage, and one line."""


@dataclass(frozen=True)
class Options:
    """What the user wants of an image.

    Attributes:
        base: the base image; None is the official one of the model's Python.
        tag: its name and tag; None is `MODEL:VERSION`.
        platform: as Docker names it; None is the engine's own.
        python: of a base image that cannot be run here; None is the model's.
        runtime: `auto`, `native` or `pyfunc`.
        include: files and folders of code that go in.
        drop: declared packages that stay out; require: lines of requirements beside the model's.
        drop_unused: declared packages stay out that are not used when the model predicts.
        allow_pickle: the model may be a file that can run code when it is opened.
        allow_mismatch: its Python may have another minor version than the base's.
        allow_secrets: files may go in that look like secrets.
        offline: use what was fetched before.
        slim: leave out tests and sources of packages.
        install: `wheels` unpacks them here; `pip` installs in a container of the base.
        backend: `sdk` is the engine's own builder; `cli` is the `docker` program, with BuildKit where it is there.
        network: of containers that install or build; None is none, and the engine's usual one for pip.
        max_size_bytes: of the image; None is any.
        settings: of the server, by name.
    """

    base: str | None = None
    tag: str | None = None
    platform: str | None = None
    python: str | None = None
    runtime: str = "auto"
    include: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    drop_unused: bool = False
    allow_pickle: bool = False
    allow_mismatch: bool = False
    allow_secrets: bool = False
    offline: bool = False
    slim: bool = True
    install: str = "wheels"
    backend: str = "sdk"
    network: str | None = None
    max_size_bytes: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Plan:
    """What an image will be made of.

    Attributes:
        site: its packages.
        layers: the server, the user's code if there is any, and the model, in that order.
        labels: of the image.
        folder: with the model's files, for as long as the plan is open.
        unused: declared packages that are not used when the model predicts, where that was tried.
        notes: what the user should know.
    """

    source: Source
    options: Options
    base: Base
    requirements: Requirements
    lock: Lock
    site: Site
    layers: tuple[Layer, ...]
    labels: dict[str, str]
    folder: str
    modules: dict[str, str]
    unused: tuple[Package, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def tag(self) -> str:
        """The name and tag that the image gets."""
        return checked_tag(self.options.tag) if self.options.tag else self.source.tag

    @property
    def added_bytes(self) -> int:
        """How much larger than its base the image will be, about."""
        return self.site.layer.size_bytes + sum(layer.size_bytes for layer in self.layers)


@contextmanager
def open_plan(
    engine: Engine | None,
    project: Project,
    source: Source,
    options: Options,
    say: Say = lambda stage, text: None,
    *,
    cancelled: Event | None = None,
) -> Iterator[Plan]:
    """The plan of an image. What it has in a folder of its own is gone at the end of the block.

    Args:
        engine: to look into the base image; without one, what it has is assumed.
        say: told what is done.
        cancelled: set by another thread to give it up.

    Raises:
        BaseImageError, RequirementsError, DockerError: see those.
        RefusedError: the model could run code and nobody allowed it, or something that goes in looks like a secret.
        InputError: the options do not suit the model.
        StoreInterruptedError: it was given up.
    """
    folder = tempfile.mkdtemp(prefix="workbench-package-")
    try:
        yield _plan(engine, project, source, options, os.path.join(folder, "model"), folder, say, cancelled)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _plan(
    engine: Engine | None,
    project: Project,
    source: Source,
    options: Options,
    folder: str,
    scratch: str,
    say: Say,
    cancelled: Event | None,
) -> Plan:
    if options.tag is not None:
        checked_tag(options.tag)
    base = _base(engine, project, source, options, say)
    remark = check_python(base, source.python, allow_mismatch=options.allow_mismatch)
    libc = f"{base.libc} {base.libc_version}".strip()
    assumed = "" if base.runnable else ", assumed"
    say("base", f"{base.reference}  ({base.version}, {libc}, {base.machine}{assumed})")
    materialise(project, source, folder)
    problem = danger(folder, source.flavours)
    if problem is not None and not options.allow_pickle:
        raise RefusedError(
            f"{source.shown} is not packaged: {problem}, which can run any code",
            "if you trust where it comes from: --allow-pickle",
        )
    loader = choose_loader(source, options.runtime)
    modules = included(options.include, project.root)
    unused: tuple[str, ...] = ()
    if options.drop_unused:
        say("packages", "looking which packages the model uses")
        unused = unused_packages(project, source, try_model(folder, loader, own_folders(project, source)))
    requirements = gather(project, source, loader, drop=options.drop, add=options.require, unused=unused)
    check_cancelled(cancelled)
    lock, site = _packages(engine, project, requirements, base, options, say, cancelled)
    check_cancelled(cancelled)
    files = [(name, os.path.join(folder, name)) for name in source.files]
    if not options.allow_secrets:
        check_secrets([*files, *modules.items()])
    serving = Serving(loader, options.allow_pickle and problem is not None, options.settings)
    bill = bill_of_materials(source, base, lock, site.packages)
    layers = (
        serve_layer(os.path.join(scratch, "serve.tar")),
        code_layer(modules, os.path.join(scratch, "code.tar")),
        model_layer(folder, source, serving, bill, os.path.join(scratch, "model.tar")),
    )
    log_mode = str(options.settings.get("log_mode", "rows"))
    return Plan(
        source=source,
        options=options,
        base=base,
        requirements=requirements,
        lock=lock,
        site=site,
        layers=tuple(layer for layer in layers if layer is not None),
        labels=image_labels(source, base, requirements, lock, log_mode=log_mode),
        folder=folder,
        modules=modules,
        notes=(remark,) if remark else (),
    )


def base_reference(source: Source, options: Options) -> str:
    """The base image that is meant: the one that the user names, else the official one of the model's Python."""
    return options.base or default_reference(source.python or "3.11")


def _base(engine: Engine | None, project: Project, source: Source, options: Options, say: Say) -> Base:
    reference = base_reference(source, options)
    python = options.python or ".".join((source.python or "3.11").split(".")[:2])
    if engine is None:
        return assumed_base(reference, python, options.platform)
    return find_base(
        engine, project, reference, lambda text: say("base", text),
        platform=options.platform, python=python, offline=options.offline,
    )  # fmt: skip


def _packages(
    engine: Engine | None,
    project: Project,
    requirements: Requirements,
    base: Base,
    options: Options,
    say: Say,
    cancelled: Event | None,
) -> tuple[Lock, Site]:
    """The lock of an image, and its packages."""
    if options.install == "pip":
        if engine is None:
            raise DockerError("--install pip installs in a container, and no Docker engine answers", NO_ENGINE)
        say("lock", "installing in a container of the base")
        lock, site = install_with_pip(
            engine, project, requirements.lines, base, slim=options.slim, network=options.network,
            progress=lambda text: say("lock", text), cancelled=cancelled,
        )  # fmt: skip
        say("lock", _lock_line(lock, requirements))
    else:
        say("lock", f"choosing versions of {len(requirements.lines)} packages and those that they need")
        lock = resolve(project, requirements.lines, base, offline=options.offline)
        say("lock", _lock_line(lock, requirements))
        check_cancelled(cancelled)
        site = make_site(
            project, lock, base, slim=options.slim, offline=options.offline, progress=lambda text: say("wheels", text)
        )
    what = "unpacked" if site.fresh else "as before"
    slow = "" if site.compiled else f"; no python{base.minor} here to compile them: the server starts more slowly"
    say("wheels", f"{len(site.packages)} {what}, {format_size(site.layer.size_bytes)}{slow}")
    return lock, site


def checked_tag(given: str) -> str:
    """A name and tag that Docker takes; without a tag it is `latest`.

    Raises:
        InputError: it is none.
    """
    if not _TAG.fullmatch(given):
        raise InputError(
            f"{given!r} is no name of an image", "small letters and digits, and a tag after a colon: --tag fraud:3"
        )
    return given if ":" in given.rpartition("/")[2] else f"{given}:latest"


_PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_TAG = re.compile(rf"(?:[a-zA-Z0-9.-]+(?::\d+)?/)?{_PART}(?:/{_PART})*(?::[A-Za-z0-9_][A-Za-z0-9_.-]{{0,127}})?")


def own_folders(project: Project, source: Source) -> list[str]:
    """Where modules of the user's own may be: the folder that the run was started in, and the project."""
    started_in = (source.run.get("source") or {}).get("cwd")
    return [path for path in dict.fromkeys([started_in, project.root]) if path and os.path.isdir(path)]


def unused_packages(project: Project, source: Source, trial: Trial) -> tuple[str, ...]:
    """Names of packages that a model declares and that were not imported when it predicted."""
    from workbench.packaging.requirements import MLFLOW, declared_names

    return tuple(sorted(declared_names(project, source) - trial.distributions - MLFLOW))


def missing_modules(trial: Trial, modules: Sequence[str]) -> dict[str, str]:
    """Modules of the user's own that the model imports and that do not go in yet, by their paths."""
    return {name: path for name, path in trial.modules.items() if name not in modules}


def _lock_line(lock: Lock, requirements: Requirements) -> str:
    dropped = f", {len(requirements.dropped)} left out ({', '.join(requirements.dropped)})"
    as_before = "" if lock.fresh else ", as before"
    return f"{len(lock.packages)} packages{dropped if requirements.dropped else ''}{as_before}"
