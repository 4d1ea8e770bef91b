"""Reaching an engine, and what it means where that fails."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from typing import Any

import docker
import pytest

from tests.packaging.fakes import BASE, fake_engine, refused
from workbench.base.errors import DiskFullError, DockerError, NotFoundError, StoreInterruptedError
from workbench.packaging.engine import connect, errors, given_up, required_image


def test_without_an_engine_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    with pytest.raises(DockerError, match="no Docker engine answers at unix") as caught:
        connect()
    assert "--emit" in str(caught.value.hint)


def test_without_permission_the_group_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise docker.errors.DockerException("('Connection aborted.', PermissionError(13, 'Permission denied'))")

    monkeypatch.setattr(docker, "APIClient", refuse)
    with pytest.raises(DockerError, match="may not talk to the Docker engine") as caught:
        connect()
    assert "docker" in str(caught.value.hint)


def test_what_the_engine_refuses_is_one_line_of_ours() -> None:
    for text, kind in (("write x: no space left on device", DiskFullError), ("first\nsecond", DockerError)):
        with pytest.raises(kind) as caught, errors():
            raise refused(text)
        assert "second" not in caught.value.message


def test_a_container_is_gone_at_the_end_of_the_block_whatever_happens() -> None:
    engine, client = fake_engine()
    with pytest.raises(ZeroDivisionError), engine.container(image=BASE):
        assert client.containers_by_id
        _ = 1 / 0
    assert client.containers_by_id == {}
    with pytest.raises(DockerError, match="No such image"), engine.container(image="missing:1"):
        pass


def test_images_with_a_name_are_not_discarded() -> None:
    engine, client = fake_engine()
    nameless = client.add_image(layers=("sha256:x",))
    engine.discard(nameless)
    engine.discard(nameless)
    engine.discard(client.inspect_image(BASE)["Id"])
    assert client.names() == [BASE]
    assert len(client.images_by_id) == 1
    with pytest.raises(NotFoundError):
        required_image(engine, nameless)


def test_giving_up_removes_the_container_that_is_waited_for() -> None:
    engine, client = fake_engine()
    cancelled = Event()
    with (
        pytest.raises(StoreInterruptedError),
        engine.container(image=BASE) as made,
        given_up(engine, made, cancelled),
    ):
        cancelled.set()
        while made in client.containers_by_id:
            cancelled.wait(0.01)
        raise refused("No such container", 404)  # what the call that waited for it raises then
    assert client.containers_by_id == {}
