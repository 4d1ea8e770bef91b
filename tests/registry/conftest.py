"""A registry in a new project, under a clock that stands still."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import FakeClock
from tests.registry.registries import Registry
from workbench.base.project import Project


@pytest.fixture
def registry(project: Project, clock: FakeClock) -> Iterator[Registry]:
    made = Registry(project)
    yield made
    made.close()
