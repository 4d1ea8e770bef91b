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


@pytest.fixture(autouse=True)
def quick_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pilot that looks more often whether the app has come to rest: by default it takes 40 ms for each key.

    A run's panes come at once, also while a key is held, so that rest is not taken for the end.
    """
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.004)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.001)
    monkeypatch.setattr("workbench.tui.widgets.run_detail.CALM_S", 0.0)
