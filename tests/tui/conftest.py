"""What the tests of the terminal app share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.tui.runs_to_show import Runs, add_all
from workbench.base.project import create_project


@pytest.fixture
def runs(tmp_path: Path, clock: FakeClock) -> Iterator[Runs]:
    """The project `fraud` with a run in every state."""
    made = Runs(create_project(str(tmp_path / "fraud")), clock)
    add_all(made)
    yield made
    made.close()
