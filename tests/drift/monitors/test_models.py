"""Monitors of registered models: what a version was trained on, and what its alias means later."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.harness import workbench, write_run
from tests.drift.monitors.watched import Watched, write_days
from tests.registry.registries import Registry
from workbench.base.errors import NotFoundError
from workbench.registry import aliases, models, versions
from workbench.store.blobs import BlobStore
from workbench.tracking.datasets import dataset_event

RUNS = ("a" * 32, "b" * 32)


@pytest.fixture
def registry(watched: Watched) -> Iterator[Registry]:
    """`fraud/1` is the champion; both of its versions were trained on `train.parquet`."""
    registry = Registry(watched.project)
    registry.do(models.register, "fraud")
    sha256, size = BlobStore(watched.project).put_bytes(b"model")
    for run in RUNS:
        model = {"e": "art", "path": "model/MLmodel", "sha256": sha256, "size": size, "kind": "model"}
        write_run(watched.project, run, [model, dataset_event(watched.project, "train.parquet")])
        registry.do(versions.register, "fraud", source=f"runs:/{run}/model", run=run)
    registry.do(aliases.point, "fraud", "champion", 1)
    yield registry
    registry.close()


def test_windows_are_compared_with_what_the_version_was_trained_on(watched: Watched, registry: Registry) -> None:
    write_days(watched.log, [0, 2])
    monitor = watched.add(model="fraud@champion", reference="")
    assert monitor.version_shown == "fraud/1"
    assert monitor.reference.shown.startswith("model:fraud@champion")
    assert monitor.reference.digest is not None and monitor.reference.digest.startswith("sha256:")
    Path("train.parquet").unlink()
    watched.run()
    assert list(watched.verdicts().values()) == ["ok", "drift"]


def test_a_moved_alias_is_said_and_taken_up_by_registering_anew(watched: Watched, registry: Registry) -> None:
    write_days(watched.log, [0])
    watched.add(model="fraud@champion", reference="")
    assert workbench("monitor", "run").stderr == ""
    registry.do(aliases.point, "fraud", "champion", 2)
    said = workbench("monitor", "run").stderr
    assert "fraud@champion is fraud/2 now, it was fraud/1" in said
    assert watched.monitor().version_shown == "fraud/1"
    watched.clock.advance(1)
    assert watched.add(model="fraud@champion", reference="", again=True).version_shown == "fraud/2"


def test_a_model_without_recorded_data_needs_a_reference(watched: Watched, registry: Registry) -> None:
    write_run(watched.project, "c" * 32)
    registry.do(versions.register, "fraud", source=None, run="c" * 32)
    with pytest.raises(NotFoundError, match="recorded no data"):
        watched.add(model="fraud/3", reference="")
    assert watched.add(model="fraud/3").version_shown == "fraud/3"
