"""A folder for any `docker build`, with an engine or without one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.packaging.shops import Shop
from workbench.base.errors import BaseImageError, DockerError, InputError, RefusedError
from workbench.packaging.emitting import emit
from workbench.packaging.plan import Options, open_plan


def test_a_folder_is_written_without_an_engine(shop: Shop, small_packages: Any, tmp_path: Path) -> None:
    options = Options(platform="linux/arm64", python="3.11")
    with open_plan(None, shop.project, shop.add_version(), options) as plan:
        document = emit(plan, str(tmp_path / "out"))
    assert document["files"] == ["10-site.tar", "20-serve.tar", "30-model.tar", "Dockerfile", "README.md"]
    dockerfile = (tmp_path / "out" / "Dockerfile").read_text()
    assert dockerfile.startswith("FROM python:3.11-slim\nADD 10-site.tar /\nADD 20-serve.tar /\nADD 30-model.tar /\n")
    assert 'ENTRYPOINT ["python3", "-m", "workbench_serving", "/opt/model"]' in dockerfile
    assert "RUN" not in dockerfile
    assert "aarch64" in (tmp_path / "out" / "README.md").read_text()
    assert json.dumps(document)


def test_what_is_emitted_are_the_layers_that_are_built(shop: Shop, small_packages: Any, tmp_path: Path) -> None:
    source = shop.add_version()
    done = shop.package(source)
    with open_plan(shop.engine, shop.project, source, Options(base=shop.base)) as plan:
        emit(plan, str(tmp_path / "out"))
    context = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    from tests.packaging.fakes import sha256

    emitted = [sha256(context[name]) for name in ("10-site.tar", "20-serve.tar", "30-model.tar")]
    assert list(done.built.layers[1:]) == emitted


def test_a_folder_with_something_in_it_is_left_alone(shop: Shop, small_packages: Any, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").touch()
    with (
        open_plan(None, shop.project, shop.add_version(), Options()) as plan,
        pytest.raises(RefusedError, match="has something in it"),
    ):
        emit(plan, str(tmp_path / "out"))


def test_what_needs_an_engine_says_so(shop: Shop, small_packages: Any) -> None:
    source = shop.add_version()
    with (
        pytest.raises(DockerError, match="installs in a container"),
        open_plan(None, shop.project, source, Options(install="pip")),
    ):
        pass
    with (
        pytest.raises(InputError, match="no platform"),
        open_plan(None, shop.project, source, Options(platform="windows/amd64")),
    ):
        pass
    with (
        pytest.raises(BaseImageError, match="trained with Python"),
        open_plan(None, shop.project, source, Options(python="3.13")),
    ):
        pass
