"""A project with models to package, an engine in memory, and the real one where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.packaging.shops import LOCK, Shop
from tests.packaging.yards import Yard
from workbench.base.errors import DockerError
from workbench.base.project import Project
from workbench.packaging import build, lock, site
from workbench.packaging.engine import Engine, connect
from workbench.packaging.trial import Trial

BASE_IMAGE = os.environ.get("WORKBENCH_TEST_BASE", "local/python:3.11")
UV_CACHE = os.environ.get("UV_CACHE_DIR") or os.path.expanduser("~/.cache/uv")


@pytest.fixture
def shop(project: Project, clock: FakeClock) -> Iterator[Shop]:
    opened = Shop.open(project)
    yield opened
    opened.registry.close()


@pytest.fixture
def yard(project: Project, clock: FakeClock) -> Iterator[Yard]:
    """Images to run, on an engine in memory."""
    opened = Yard.open(project, clock)
    yield opened
    opened.registry.close()


@pytest.fixture
def small_packages(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Packages are two small files; nothing is resolved or fetched. Returns what was done instead."""
    done: list[str] = []

    def compile_(requirements: str, *_: Any) -> str:
        done.append("resolve")
        return LOCK

    def install(locked: Any, base: Any, folder: str, **_: Any) -> None:
        done.append("fetch")
        for name, version in locked.packages.items():
            info = Path(folder, f"{name.replace('-', '_')}-{version}.dist-info")
            info.mkdir()
            Path(folder, f"{name}.py").write_text(f"__version__ = {version!r}\n")
            Path(folder, "tests").mkdir(exist_ok=True)
            info.joinpath("RECORD").write_text(f"{name}.py,,\n")

    monkeypatch.setattr(lock, "_compile", compile_)
    monkeypatch.setattr(site, "install", install)
    return done


class FakeTrial:
    """A model that predicts on this machine what a test says."""

    trial = Trial("{}", [0, 1], frozenset({"numpy", "scikit-learn"}))
    error: Exception | None = None
    stopped = 0

    def __init__(self, folder: str, loader: str, folders: Any) -> None:
        self.loader = loader

    def result(self, cancelled: Any = None) -> Trial:
        if FakeTrial.error is not None:
            raise FakeTrial.error
        return FakeTrial.trial

    def stop(self) -> None:
        FakeTrial.stopped += 1


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> type[FakeTrial]:
    """Models are not loaded: what they predict is what a test says."""
    monkeypatch.setattr(build, "TrialProcess", FakeTrial)
    for name, value in (("trial", FakeTrial.trial), ("error", None), ("stopped", 0)):
        monkeypatch.setattr(FakeTrial, name, value)
    return FakeTrial


@pytest.fixture
def docker_engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    """The real engine with the base image; what a test leaves named `wbtest-…` is removed after it."""
    try:
        engine = connect()
    except DockerError as error:
        pytest.skip(error.message)
    if engine.image(BASE_IMAGE) is None:
        engine.close()
        pytest.skip(f"there is no base image {BASE_IMAGE}; name another one in WORKBENCH_TEST_BASE")
    monkeypatch.setenv("UV_CACHE_DIR", UV_CACHE)
    yield engine
    engine.close()


@pytest.fixture
def docker_shop(shop: Shop, docker_engine: Engine) -> Iterator[Shop]:
    """A project on the real engine; the images that a test builds, `wbtest-…`, are removed after it."""
    shop.engine, shop.base = docker_engine, BASE_IMAGE
    yield shop
    for name in shop.made:
        remove_quietly(docker_engine, name)


def remove_quietly(engine: Engine, name: str) -> None:
    """Remove an image; one that others are built on keeps its layers."""
    from docker.errors import APIError

    try:
        engine.client.remove_image(name)
    except APIError:
        return
