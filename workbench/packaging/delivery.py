"""From a reference to a recorded image in one call, as the command line, the terminal app and the demo need it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from os.path import join
from threading import Event
from typing import TYPE_CHECKING, Any

from workbench.base.errors import NotFoundError, StoreInterruptedError
from workbench.base.project import Project
from workbench.packaging.build import Built, build, smoke_line
from workbench.packaging.building import Listener
from workbench.packaging.engine import Engine
from workbench.packaging.images import Image, find_image, record_image, record_smoke
from workbench.packaging.plan import Options, Plan, Say, open_plan, own_folders
from workbench.packaging.smoke import Smoke, smoke_image
from workbench.packaging.source import Source, find_source, materialise
from workbench.packaging.trial import TrialProcess

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection as Connection

    from workbench.registry.ledger import Ledger

    Visit = Callable[[], AbstractContextManager[Connection]]
    """Opens a short visit to the store."""
    Governing = Callable[[], AbstractContextManager[tuple[Connection, Ledger]]]
    """The same, with a ledger."""


@dataclass(frozen=True)
class Delivered:
    """An image that is built, tested, named and recorded."""

    plan: Plan
    built: Built
    image: Image

    def as_document(self) -> dict[str, Any]:
        """It as `package build --json` has it."""
        plan, built = self.plan, self.built
        return {
            "image": built.tag,
            "image_id": built.image_id,
            "digest": built.digest,
            "size": built.size_bytes,
            "added": built.added_bytes,
            "seconds": round(built.seconds, 3),
            "layers": len(built.layers),
            "layers_reused": built.layers_reused,
            "model": plan.source.name,
            "version": plan.source.version,
            "run_id": plan.source.run_id,
            **packages_document(plan),
            "unused": {package.name: package.size_bytes for package in built.unused},
            "smoke": built.smoke.as_document() if built.smoke else None,
        }


def packages_document(plan: Plan) -> dict[str, Any]:
    """What is said of a plan before it is built as well."""
    return {
        "base": plan.base.reference,
        "python": plan.base.version,
        "loader": plan.requirements.loader,
        "packages": plan.lock.packages,
        "dropped": plan.requirements.dropped,
        "notes": list(plan.notes),
    }


def plan_document(plan: Plan) -> dict[str, Any]:
    """A plan with the sizes of everything, in bytes: what a person looks at before it is built."""
    return {
        "image": plan.tag,
        **packages_document(plan),
        "base_bytes": plan.base.size_bytes,
        "layers": {layer.name: layer.size_bytes for layer in (plan.site.layer, *plan.layers)},
        "package_bytes": {package.name: package.size_bytes for package in plan.site.packages},
        "added": plan.added_bytes,
    }


def package(
    engine: Engine,
    project: Project,
    source: Source,
    options: Options,
    governing: Governing,
    say: Say = lambda stage, text: None,
    listen: Listener = lambda progress: None,
    *,
    smoke: bool = True,
    cancelled: Event | None = None,
    agree: Callable[[Plan], bool] = lambda plan: True,
) -> Delivered:
    """Plan, build, test, name and record the image of a model. No visit to the store is open while Docker works.

    Args:
        governing: opens a visit to record it.
        say: told what is done.
        listen: told every line of the engine.
        smoke: test it.
        cancelled: set by another thread to give it up.
        agree: told what will be built, and asked whether to go on.

    Raises: as `open_plan` and `build`; StoreInterruptedError where nobody agreed; StoreError where it cannot be
        recorded.
    """
    with open_plan(engine, project, source, options, say, cancelled=cancelled) as plan:
        if not agree(plan):
            raise StoreInterruptedError("given up; no image was named")
        built = build(engine, project, plan, say, listen, smoke=smoke, cancelled=cancelled)
        with governing() as (db, ledger):
            image = record_image(db, ledger, plan, built)
    return Delivered(plan, built, image)


def retest(
    engine: Engine,
    project: Project,
    reference: str,
    visit: Visit,
    governing: Governing,
    say: Say = lambda stage, text: None,
) -> tuple[Image, Smoke]:
    """Test an image that was built before, against the model in this process, and record what came of it.

    Args:
        reference: as `find_image` takes it.

    Raises:
        NotFoundError: there is no such image, or the engine has it no more.
        SmokeFailedError, ModelUnusableError: it cannot be asked.
    """
    with visit() as db:
        image = find_image(db, reference)
        source = find_source(db, project, f"{image.model}/{image.number}" if image.version else str(image.run))
    if engine.image(image.image_id) is None:
        raise NotFoundError(f"Docker has {image.name} no more", f"workbench package build {source.shown}")
    folder = tempfile.mkdtemp(prefix="workbench-smoke-")
    try:
        model = join(folder, "model")
        materialise(project, source, model)
        say("smoke", "waiting for the model's predictions on this machine")
        trial = TrialProcess(model, "pyfunc", own_folders(project, source))
        try:
            expected = trial.result()
        finally:
            trial.stop()
        interpreter = str(image.facts.get("interpreter", "python3"))
        result = smoke_image(
            engine, image.image_id, interpreter, expected.example, expected.predictions, lambda text: say("smoke", text)
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    say("smoke", smoke_line(result))
    with governing() as (db, ledger):
        record_smoke(db, ledger, image, result)
    return replace(image, facts={**image.facts, "smoke": result.as_document()}), result
