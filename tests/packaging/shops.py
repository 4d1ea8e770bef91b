"""Projects with registered models to package: made of a few files where nothing is predicted, real ones elsewhere."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.cli.harness import write_run
from tests.packaging.fakes import BASE, FakeClient, fake_engine
from tests.registry.registries import Registry
from workbench.base.project import Project
from workbench.packaging.context import packages_tag
from workbench.packaging.delivery import Delivered, package
from workbench.packaging.engine import Engine
from workbench.packaging.plan import Options
from workbench.packaging.source import Source, find_source
from workbench.registry.registering import register_run
from workbench.store.blobs import BlobStore

MLMODEL = """
utc_time_created: '2026-09-21 14:13:20.000000'
run_id: {run}
flavors:
  python_function:
    loader_module: mlflow.sklearn
    python_version: 3.11.7
  sklearn:
    pickled_model: model.skops
    serialization_format: skops
signature:
  inputs: '[{{"name": "amount", "type": "double"}}]'
  outputs: '[{{"type": "long"}}]'
saved_input_example_info:
  serving_input_path: serving_input_example.json
"""
REQUIREMENTS = "mlflow-skinny==3.17.2\nnumpy==2.4.6\npandas==3.1.1\nscikit-learn==1.9.1\n"
EXAMPLE = json.dumps({"dataframe_split": {"columns": ["amount"], "data": [[1.0], [2.0]]}})
LOCK = "numpy==2.4.6 \\\n    --hash=sha256:1\nscikit-learn==1.9.1 \\\n    --hash=sha256:2\n"


def model_files(run: str, **changed: bytes | str | None) -> dict[str, bytes]:
    """The files of a model that looks like one; None leaves one out.

    Args:
        changed: contents by path, with `__` for a dot.
    """
    files: dict[str, bytes | str | None] = {
        "MLmodel": MLMODEL.format(run=run), "requirements.txt": REQUIREMENTS, "model.skops": f"weights of {run}",
        "serving_input_example.json": EXAMPLE,
        **{name.replace("__", "."): content for name, content in changed.items()},
    }  # fmt: skip
    return {
        name: content.encode() if isinstance(content, str) else content
        for name, content in files.items()
        if content is not None
    }


def files_of(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@dataclass
class Shop:
    """A project, and an engine that exists in memory unless a test brings a real one.

    Attributes:
        client: of the engine in memory.
        base: the base image.
        made: names of the images that were made.
    """

    registry: Registry
    engine: Engine
    client: FakeClient
    base: str = BASE
    made: list[str] = field(default_factory=list)

    @classmethod
    def open(cls, project: Project) -> Shop:
        """A shop in a project."""
        return cls(Registry(project), *fake_engine())

    @property
    def project(self) -> Project:
        """Whose models."""
        return self.registry.project

    def add_run(self, uid: str, files: Mapping[str, bytes], name: str = "brave-otter") -> str:
        """A run that logged a model; returns its id."""
        blobs = BlobStore(self.project)
        events: list[dict[str, object]] = []
        for path, content in files.items():
            sha256, size = blobs.put_bytes(content)
            events.append({"e": "art", "path": f"model/{path}", "sha256": sha256, "size": size, "kind": "model"})
        write_run(self.project, uid, events, metrics={"auc": [0.9]}, name=name)
        return uid

    def add_version(self, digit: str = "a", name: str = "fraud", alias: str | None = None, **changed: Any) -> Source:
        """A registered version of a model of a run of its own."""
        run = self.add_run(digit * 32, model_files(digit * 32, **changed))
        return self.register(run, name, alias)

    def register(self, run: str, name: str = "fraud", alias: str | None = None) -> Source:
        """The next version of a model, made of what a run has logged."""
        made = self.registry.do(register_run, run, name, alias=alias)
        return self.source(f"{name}/{made.version.number}")

    def source(self, reference: str) -> Source:
        """What a reference names."""
        with self.registry.visit() as db:
            return find_source(db, self.project, reference)

    def package(self, source: Source, *, smoke: bool = False, **options: Any) -> Delivered:
        """Build, name and record an image."""
        settings = Options(**{"base": self.base, **options})
        done = package(self.engine, self.project, source, settings, self.governing, smoke=smoke)
        self.made += [done.built.tag, packages_tag(done.plan.base, done.plan.site.layer)]
        return done

    def governing(self) -> Any:
        """A visit with a ledger."""
        return _Governing(self.registry)


class _Governing:
    def __init__(self, registry: Registry) -> None:
        self._visit, self._ledger = registry.visit(), registry.ledger

    def __enter__(self) -> Any:
        return self._visit.__enter__(), self._ledger

    def __exit__(self, *error: Any) -> None:
        self._visit.__exit__(*error)
