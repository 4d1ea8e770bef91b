"""Command lines about images, on an engine in memory."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import FakeClock
from tests.packaging.conftest import FakeTrial, small_packages, trial
from tests.packaging.shops import Shop
from workbench.base.project import Project

__all__ = ["FakeTrial", "small_packages", "trial"]


@pytest.fixture
def shop(
    project: Project, clock: FakeClock, small_packages: list[str], trial: type, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """A project whose packages and predictions are made up; commands talk to the shop's engine."""
    opened = Shop.open(project)
    monkeypatch.setattr("workbench.packaging.engine.connect", lambda: opened.engine)
    monkeypatch.setattr("workbench.packaging.delivery.TrialProcess", FakeTrial)
    yield opened
    opened.registry.close()
