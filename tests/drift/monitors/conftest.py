"""Fixtures of tests about monitors."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.drift.monitors.watched import Watched, write_reference
from workbench.base.project import Project


@pytest.fixture
def watched(project: Project, clock: FakeClock) -> Watched:
    """A project with a reference and no log yet; it is the 21st of September, 14:13 UTC."""
    write_reference(Path(project.root))
    return Watched(project, clock)
