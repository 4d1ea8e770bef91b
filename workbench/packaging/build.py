"""Plan → build → smoke test → tag: a version's image is named only when it has been seen to work."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from hashlib import sha256
from threading import Event
from typing import Any

from workbench.base.errors import InputError, RefusedError
from workbench.base.numbers import format_size
from workbench.base.project import Project
from workbench.packaging.building import CACHED, Listener, Progress, build_image
from workbench.packaging.cli_building import build_with_cli
from workbench.packaging.context import Context, model_context, packages_context, packages_tag
from workbench.packaging.engine import Engine, errors, required_image
from workbench.packaging.plan import Plan, Say, missing_modules, own_folders, unused_packages
from workbench.packaging.site import Package
from workbench.packaging.smoke import Smoke, failed, smoke_image
from workbench.packaging.trial import TrialProcess

_SHOWN = {"serve": "server"}


@dataclass(frozen=True)
class Built:
    """An image that was built.

    Attributes:
        image_id: `sha256:…`.
        tag: its name and tag.
        digest: `sha256:` over its layers and how it starts: equal for equal inputs, unlike `image_id`.
        size_bytes: of all its layers; added_bytes: without those of the base.
        layers: digests of its layers, the lowest first; layers_reused: how many were there already.
        seconds: how long it took.
        smoke: what came of the smoke test; None where there was none.
        unused: declared packages that the model does not use, with their sizes.
    """

    image_id: str
    tag: str
    digest: str
    size_bytes: int
    added_bytes: int
    layers: tuple[str, ...]
    layers_reused: int
    seconds: float
    smoke: Smoke | None = None
    unused: tuple[Package, ...] = ()


def build(
    engine: Engine,
    project: Project,
    plan: Plan,
    say: Say = lambda stage, text: None,
    listen: Listener = lambda progress: None,
    *,
    smoke: bool = True,
    cancelled: Event | None = None,
) -> Built:
    """Build the image of a plan, test it, and give it its tag.

    Args:
        say: told what is done, a line for each stage.
        listen: told every line of the engine.
        smoke: test it; without a test it gets its tag as it is. An image for another architecture is not tested.
        cancelled: set by another thread to give it up.

    Raises:
        BuildFailedError, SmokeFailedError, ModelUnusableError: it did not work out; nothing new has a name.
        RefusedError: it is larger than it may be.
        StoreInterruptedError: it was given up.
        DockerError, DiskFullError: the engine fails.
    """
    began = time.monotonic()
    trials = Trials(project, plan) if smoke and plan.base.runnable else None
    image_id = ""
    try:
        builder = _Builder(engine, plan, say, listen, cancelled)
        image_id = builder.build()
        found = required_image(engine, image_id)
        size_bytes = int(found["Size"])
        _check_size(plan, size_bytes)
        say("layers", builder.summary())
        result: Smoke | None = None
        unused: tuple[Package, ...] = ()
        if trials is not None:
            result, unused = _smoke(engine, project, plan, image_id, trials, say, cancelled)
        elif smoke:
            say("smoke", f"not tested: {plan.base.reference} is for another architecture")
        with errors():
            name, _, tag = plan.tag.rpartition(":")
            engine.client.tag(image_id, name, tag)
    except BaseException:
        if image_id:
            engine.discard(image_id)
        raise
    finally:
        if trials is not None:
            trials.stop()
    return Built(
        image_id=image_id,
        tag=plan.tag,
        digest=image_digest(found),
        size_bytes=size_bytes,
        added_bytes=size_bytes - plan.base.size_bytes,
        layers=tuple(found["RootFS"]["Layers"]),
        layers_reused=len(plan.base.layers) + builder.packages_reused + builder.reused,
        seconds=time.monotonic() - began,
        smoke=result,
        unused=unused,
    )


def image_digest(image: dict[str, Any]) -> str:
    """What an image is, without when it was made: SHA-256 over its layers and how it is started."""
    config = image.get("Config") or {}
    parts = [
        *image["RootFS"]["Layers"],
        repr(config.get("Entrypoint")),
        repr(sorted(config.get("Env") or ())),
        repr(config.get("User")),
    ]
    return f"sha256:{sha256(chr(10).join(parts).encode()).hexdigest()}"


class _Builder:
    """The two builds of an image.

    Attributes:
        packages_reused: whether the image with the packages was there already.
        reused: how many of the plan's layers were.
    """

    def __init__(self, engine: Engine, plan: Plan, say: Say, listen: Listener, cancelled: Event | None) -> None:
        self._engine, self._plan, self._say, self._listen, self._cancelled = engine, plan, say, listen, cancelled
        self.packages_reused = False
        self.reused = 0

    def build(self) -> str:
        """Both; returns the id of the image, which has no name yet."""
        parent = self._packages()
        self._say("layers", "adding the model")
        plan = self._plan
        context = model_context(parent, plan.base.python, plan.layers, plan.labels)
        image_id = self._build(context, self._count)
        self.reused = min(self.reused, len(plan.layers))
        return image_id

    def summary(self) -> str:
        """Which layers were there already: `packages reused · server reused · model new (11.3 kB)`."""
        site = self._plan.site.layer
        states = [("packages", self.packages_reused, site.size_bytes)]
        for number, layer in enumerate(self._plan.layers):
            states.append((_SHOWN.get(layer.name, layer.name), number < self.reused, layer.size_bytes))
        shown = (f"{name} reused" if known else f"{name} new ({format_size(size)})" for name, known, size in states)
        return " · ".join(shown)

    def _packages(self) -> str:
        """The image with the packages, which is built once for a lock and a base."""
        base = self._plan.base
        tag = packages_tag(base, self._plan.site.layer)
        if self._engine.image(tag) is not None:
            self.packages_reused = True
            return tag
        self._say("layers", "adding the packages")
        # BuildKit knows images of the engine by their names alone.
        parent = base.reference if self._plan.options.backend == "cli" else base.parent
        self._build(packages_context(parent, self._plan.site.layer), self._listen, tag=tag)
        return tag

    def _build(self, context: Context, listen: Listener, tag: str | None = None) -> str:
        options = self._plan.options
        builder = build_with_cli if options.backend == "cli" else build_image
        return builder(
            self._engine, context, listen,
            tag=tag, network=options.network or "none", platform=options.platform, cancelled=self._cancelled,
        )  # fmt: skip

    def _count(self, progress: Progress) -> None:
        self.reused += any(mark in progress.text for mark in CACHED)
        self._listen(progress)


class Trials:
    """The model predicting on this machine while its image is built: as MLflow does, and as the server does."""

    def __init__(self, project: Project, plan: Plan) -> None:
        folders = own_folders(project, plan.source)
        loaders = {"pyfunc", plan.requirements.loader}
        self._processes = {loader: TrialProcess(plan.folder, loader, folders) for loader in sorted(loaders)}

    def __getitem__(self, loader: str) -> TrialProcess:
        return self._processes[loader]

    def stop(self) -> None:
        """End those that have not ended."""
        for process in self._processes.values():
            process.stop()


def _smoke(
    engine: Engine,
    project: Project,
    plan: Plan,
    image_id: str,
    trials: Trials,
    say: Say,
    cancelled: Event | None,
) -> tuple[Smoke, tuple[Package, ...]]:
    say("smoke", "waiting for the model's predictions on this machine")
    expected = trials["pyfunc"].result(cancelled)
    used = trials[plan.requirements.loader].result(cancelled)
    forgotten = missing_modules(used, list(plan.modules))
    if forgotten and not _has_code(plan):
        paths = " ".join(f"--include {path}" for path in sorted(forgotten)[:4])
        raise InputError(
            f"the model uses code of yours that is not in the image: {', '.join(sorted(forgotten))}", paths
        )
    result = smoke_image(
        engine, image_id, plan.base.python, expected.example, expected.predictions, lambda text: say("smoke", text),
        modules=own_modules(plan, set(used.modules) | set(expected.modules)), cancelled=cancelled,
    )  # fmt: skip
    say("smoke", smoke_line(result))
    if not result.ok:
        raise failed(result)
    idle = set(unused_packages(project, plan.source, used))
    return result, tuple(package for package in plan.site.packages if package.name in idle)


def own_modules(plan: Plan, imported: set[str]) -> list[str]:
    """What has to be importable of the user's code in the image: packages, and modules that the model imports here.

    Args:
        imported: paths of files that it imports; others could be scripts, which are not to be started.
    """
    packages = {name for name in plan.modules if os.path.basename(name) == "__init__.py"}
    wanted = packages | (imported & set(plan.modules))
    names = (name.removesuffix(".py").removesuffix(f"{os.sep}__init__").replace(os.sep, ".") for name in wanted)
    return sorted(name for name in names if all(part.isidentifier() for part in name.split(".")))


def smoke_line(smoke: Smoke) -> str:
    """What came of a smoke test, on one line."""
    parts = [f"ready in {smoke.ready_s:.1f} s"] if smoke.ready_s is not None else []
    parts += [step.detail for step in smoke.steps if step.name == "predictions"]
    if smoke.memory_bytes:
        parts.append(format_size(smoke.memory_bytes))
    return " · ".join(parts)


def _has_code(plan: Plan) -> bool:
    """Whether the model brings the code that it needs."""
    return any(isinstance(flavour, dict) and flavour.get("code") for flavour in plan.source.flavours.values())


def _check_size(plan: Plan, size_bytes: int) -> None:
    most = plan.options.max_size_bytes
    if most is not None and size_bytes > most:
        raise RefusedError(
            f"the image has {format_size(size_bytes)}, and may have {format_size(most)}",
            "workbench package build --drop-unused, or a smaller base",
        )
