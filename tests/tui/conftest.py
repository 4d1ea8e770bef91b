"""What the tests of the terminal app share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import FakeClock
from tests.tui.images_to_show import FakeDocker, Shop, stock
from tests.tui.models_to_show import ME, Models, build
from tests.tui.runs_to_show import Runs, add_all
from tests.tui.showcase import Template, copy_template, make_template
from workbench.base.errors import DockerError
from workbench.base.project import create_project
from workbench.packaging.engine import Engine


@pytest.fixture
def runs(tmp_path: Path, clock: FakeClock) -> Iterator[Runs]:
    """The project `fraud` with a run in every state."""
    made = Runs(create_project(str(tmp_path / "fraud")), clock)
    add_all(made)
    yield made
    made.close()


@pytest.fixture(scope="session")
def models_template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    """A project with models."""
    return make_template(tmp_path_factory.mktemp("models"), build)


@pytest.fixture
def models(
    models_template: Template, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Models]:
    """The project `fraud` with models in every state; the person at the app is `ana`."""
    monkeypatch.setattr("workbench.registry.ledger.user_name", lambda: ME)
    made = Models(copy_template(models_template, tmp_path, clock), clock)
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


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No app of a test reaches an engine that this machine may have."""

    def connect() -> Engine:
        raise DockerError("no Docker engine answers at the local socket", "start Docker")

    monkeypatch.setattr("workbench.tui.dock._connect", connect)


@pytest.fixture
def docker(no_engine: None, monkeypatch: pytest.MonkeyPatch) -> FakeDocker:
    """An engine that shows and does what a test tells it."""
    made = FakeDocker()
    made.install(monkeypatch)
    return made


@pytest.fixture
def shop(models: Models, docker: FakeDocker) -> Shop:
    """The project `fraud` with images and deployments in every state."""
    return stock(models, docker)
