"""The demo's last step, on an engine in memory: what it builds, and what it says where it cannot."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.packaging.conftest import small_packages, trial
from tests.packaging.shops import Shop
from workbench.base.errors import DockerError
from workbench.base.project import Project
from workbench.demo import serving
from workbench.demo.plan import PlannedRun
from workbench.demo.serving import Served, serve_best
from workbench.demo.training import RunView

__all__ = ["small_packages", "trial"]


@pytest.fixture
def shop(project: Project, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    opened = Shop.open(project)
    monkeypatch.setattr(serving, "connect", lambda: opened.engine)
    yield opened
    opened.registry.close()


@pytest.fixture
def best(shop: Shop) -> RunView:
    """A run that has logged a model."""
    shop.add_version("a", name="other")
    return RunView(PlannedRun("digits-mlp", "digits", "mlp", 1), "digits-mlp", "finished", "a" * 32)


def quiet(stage: str, text: str) -> None:
    pass


def test_the_best_model_is_built_run_asked_and_stopped(
    shop: Shop, best: RunView, small_packages: Any, trial: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[str] = []

    class Outcome:
        url = "http://127.0.0.1:8080"

    def run(engine: Any, project: Any, governing: Any, reference: str, *_: Any) -> Any:
        done.append(f"run {reference}")
        return Outcome()

    def ask(url: str, body: str) -> list[int]:
        done.append(f"ask {body}")
        return [3]

    monkeypatch.setattr(serving, "run", run)
    monkeypatch.setattr(serving, "stop", lambda *words, **_: done.append(f"stop {words[3]}"))
    monkeypatch.setattr(serving, "_ask", ask)
    served = serve_best(shop.project, best, shop.base, quiet)
    assert isinstance(served, Served), served
    assert (served.version, served.built.tag, served.prediction) == ("workbench-demo/1", "workbench-demo:1", [3])
    assert done == [
        "run workbench-demo:1",
        'ask {"dataframe_split": {"columns": ["amount"], "data": [[1.0]]}}',
        "stop workbench-demo",
    ]
    assert shop.source("workbench-demo@champion").version == 1


def test_what_is_missing_is_said_exactly(shop: Shop, best: RunView, monkeypatch: pytest.MonkeyPatch) -> None:
    said = serve_best(shop.project, best, None, quiet)
    assert said == ("there is no base image python:3.11-slim here; docker pull python:3.11-slim, or --base-image NAME")

    def nobody() -> None:
        raise DockerError("no Docker engine answers at the local socket", "start Docker")

    monkeypatch.setattr(serving, "connect", nobody)
    assert serve_best(shop.project, best, None, quiet) == "no Docker engine answers at the local socket; start Docker"
