"""A project with runs of every kind, at times that stand still."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.cli.harness import write_run
from tests.conftest import FakeClock
from workbench.base.project import Project
from workbench.journal.writer import JournalWriter
from workbench.store.blobs import BlobStore

OTTER, LYNX, ODD, CRANE, LIVE = (digit * 32 for digit in "abcde")
ODD_NAME = 'odd [bold]"name"\n🦊'


@dataclass(frozen=True)
class Lab:
    """The project `lab`, five minutes after its last run began.

    Attributes:
        project: where the runs are.
        clock: stands still until a test moves it.
        live: the writer of the run that is still going on.
    """

    project: Project
    clock: FakeClock
    live: JournalWriter


@pytest.fixture
def lab(project: Project, clock: FakeClock) -> Iterator[Lab]:
    """Five runs: two finished, one with an odd name, one failed, one running."""
    blobs = BlobStore(project)
    sha256, size = blobs.put_bytes(b'{"auc": 0.93}\n')
    write_run(
        project,
        OTTER,
        [
            {"e": "param", "name": "lr", "value": 0.1},
            {"e": "param", "name": "model", "value": "gbm"},
            {"e": "tag", "name": "kind", "value": "baseline"},
            {"e": "cap", "name": "git", "value": {"commit": "3f2a91c" + "0" * 33, "branch": "main", "dirty": False}},
            {"e": "art", "path": "metrics.json", "sha256": sha256, "size": size, "kind": "file"},
            {"e": "art", "path": "model/MLmodel", "sha256": sha256, "size": size, "kind": "model"},
            {"e": "data", "name": "train", "digest": "sha256:12", "path": "data/train.csv", "size": 9, "format": "csv"},
            {"e": "out", "s": 1, "x": "epoch 0"},
            {"e": "out", "s": 2, "x": "a warning"},
            {"e": "out", "s": 1, "x": "epoch 1"},
        ],
        metrics={"loss": [0.7, 0.3, 0.2], "auc": [0.8, 0.9, 0.93], "system/cpu": [50.0]},
        clock=clock,
    )
    clock.advance(60)
    write_run(
        project,
        LYNX,
        [{"e": "param", "name": "lr", "value": 0.05}, {"e": "param", "name": "model", "value": "gbm"}],
        metrics={"loss": [0.6, float("nan"), 0.25], "auc": [0.7, 0.85, 0.91]},
        name="quiet-lynx",
        clock=clock,
    )
    clock.advance(60)
    write_run(project, ODD, [{"e": "param", "name": "lr", "value": "auto"}], name=ODD_NAME, clock=clock)
    clock.advance(60)
    write_run(project, CRANE, name="bold-crane", experiment="other", status="failed", clock=clock)
    clock.advance(60)
    live = write_run(project, LIVE, metrics={"loss": [0.9]}, name="calm-heron", status=None, clock=clock)
    clock.advance(300)
    yield Lab(project, clock, live)
    live.close()
