"""On the real engine: layers, names, what is left behind, and other architectures. Packages are two small files."""

from __future__ import annotations

import gc
import os
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from tests.packaging.conftest import BASE_IMAGE
from tests.packaging.fakes import saved_image, tar_of
from tests.packaging.shops import LOCK, Shop
from workbench.base.errors import BaseImageError, BuildFailedError, DockerError, InputError, StoreInterruptedError
from workbench.packaging import lock
from workbench.packaging.build import build
from workbench.packaging.building import build_image
from workbench.packaging.context import Context, packages_tag
from workbench.packaging.engine import Engine
from workbench.packaging.inspecting import read_bill
from workbench.packaging.labels import OURS
from workbench.packaging.plan import Options, open_plan
from workbench.packaging.saving import load_image, save_image

pytestmark = pytest.mark.docker
NAME = f"wbtest-{os.getpid()}"


def nameless(engine: Engine, layers: list[str]) -> list[str]:
    """Images without a name that begin with these layers."""
    found = [engine.image(image["Id"]) for image in engine.client.images(filters={"dangling": True})]
    return [image["Id"] for image in found if image and image["RootFS"]["Layers"][: len(layers)] == layers]


def containers(engine: Engine, role: str) -> list[str]:
    found = engine.client.containers(all=True, filters={"label": f"{OURS}role={role}"})
    return [container["Id"] for container in found]


def test_the_layers_of_an_image_follow_from_what_goes_in(docker_shop: Shop, small_packages: Any) -> None:
    source = docker_shop.add_version()
    first = docker_shop.package(source, tag=f"{NAME}:1")
    again = docker_shop.package(source, tag=f"{NAME}:2", settings={})
    docker_shop.engine.client.remove_image(f"{NAME}:1")
    docker_shop.engine.client.remove_image(f"{NAME}:2")
    docker_shop.engine.client.remove_image(docker_shop.made[1])
    rebuilt = docker_shop.package(source, tag=f"{NAME}:3")
    assert rebuilt.built.layers_reused == len(rebuilt.plan.base.layers)
    assert first.built.digest == again.built.digest == rebuilt.built.digest


def test_docker_inspect_says_what_an_image_is_and_how_it_runs(docker_shop: Shop, small_packages: Any) -> None:
    source = docker_shop.add_version()
    done = docker_shop.package(source, tag=f"{NAME}:inspect")
    found = docker_shop.engine.image(f"{NAME}:inspect")
    assert found is not None
    config = found["Config"]
    assert config["User"] == "10001:10001"
    assert config["Healthcheck"]["Test"][0] == "CMD"
    assert list(config["ExposedPorts"]) == ["8080/tcp"]
    assert config["Labels"] == done.plan.labels
    assert (config["Labels"][f"{OURS}model"], config["Labels"][f"{OURS}version"]) == ("fraud", "1")
    bill = read_bill(docker_shop.engine, done.image)
    assert [part["name"] for part in bill["components"]] == [done.plan.base.reference, "numpy", "scikit-learn"]


def test_after_a_retraining_the_packages_are_neither_made_nor_sent(
    docker_shop: Shop, small_packages: list[str]
) -> None:
    docker_shop.package(docker_shop.add_version("a"), tag=f"{NAME}:a")
    del small_packages[:]
    done = docker_shop.package(docker_shop.add_version("b"), tag=f"{NAME}:b")
    assert small_packages == []
    assert done.built.layers_reused == len(done.built.layers) - 1


def test_the_docker_program_builds_the_same_image(docker_shop: Shop, small_packages: Any) -> None:
    source = docker_shop.add_version()
    one = docker_shop.package(source, tag=f"{NAME}:sdk")
    try:
        other = docker_shop.package(source, tag=f"{NAME}:cli", backend="cli")
    except DockerError as error:
        pytest.skip(error.message)
    assert other.built.digest == one.built.digest


def test_a_build_that_breaks_leaves_nothing(docker_engine: Engine) -> None:
    broken = Context(f"FROM {BASE_IMAGE}\nLABEL wbtest={NAME}\nRUN exit 3\n", {})
    lines: list[str] = []
    with pytest.raises(BuildFailedError, match="step 3 of 3 failed"):
        build_image(docker_engine, broken, lambda progress: lines.append(progress.text))
    assert lines[0].startswith("Step 1/3")
    assert docker_engine.client.images(filters={"label": f"wbtest={NAME}"}) == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # the connection is dropped
def test_what_is_given_up_gets_no_name_and_leaves_nothing(
    docker_shop: Shop, small_packages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, own = docker_shop.engine, f"{LOCK}own{os.getpid()}==1.0 \\\n    --hash=sha256:3\n"
    monkeypatch.setattr(lock, "_compile", lambda *_: own)  # so that the image is built on layers of its own
    cancelled = Event()
    options = Options(base=docker_shop.base, tag=f"{NAME}:never")
    with open_plan(engine, docker_shop.project, docker_shop.add_version(), options) as plan:
        docker_shop.made.append(packages_tag(plan.base, plan.site.layer))
        with pytest.raises(StoreInterruptedError):
            build(
                engine, docker_shop.project, plan, smoke=False, cancelled=cancelled,
                listen=lambda progress: cancelled.set() if progress.step == 5 else None,
            )  # fmt: skip
    gc.collect()
    assert engine.image(f"{NAME}:never") is None
    packages = engine.image(docker_shop.made[0])
    assert packages is not None
    assert nameless(engine, packages["RootFS"]["Layers"]) == []


def test_an_image_for_another_architecture(docker_shop: Shop, small_packages: Any) -> None:
    engine, base = docker_shop.engine, f"{NAME}-arm:1"
    program = tar_of({"usr/bin/python3": b"\x7fELF of another machine"}, mode=0o755)
    engine.client.load_image(saved_image([program], base, "arm64"))  # type: ignore[no-untyped-call]
    source = docker_shop.add_version()
    try:
        with pytest.raises(BaseImageError, match="for linux/amd64"):
            docker_shop.package(source, base=base, platform="linux/amd64")
        done = docker_shop.package(source, base=base, platform="linux/arm64", tag=f"{NAME}:arm", smoke=True)
        assert (done.plan.base.machine, done.built.smoke) == ("aarch64", None)
        found = engine.image(f"{NAME}:arm")
        assert found is not None
        assert found["Architecture"] == "arm64"
    finally:
        engine.client.remove_image(base, force=True)


@pytest.mark.docker_slow
def test_an_image_travels_in_a_file(docker_shop: Shop, small_packages: Any, tmp_path: Path) -> None:
    engine, path = docker_shop.engine, tmp_path / "image.tar"
    done = docker_shop.package(docker_shop.add_version(), tag=f"{NAME}:saved")
    save_image(engine, done.image, str(path))
    engine.client.remove_image(f"{NAME}:saved")
    loaded = load_image(engine, str(path))
    assert loaded["image_id"] == done.built.image_id
    content = path.read_bytes()
    at = content.index(b"scikit_learn-1.9.1.dist-info")
    path.write_bytes(content[:at] + b"X" + content[at + 1 :])
    with pytest.raises(InputError, match=r"was changed|damaged"):
        load_image(engine, str(path))


def test_helpers_are_gone_after_their_work(docker_shop: Shop, small_packages: Any) -> None:
    docker_shop.package(docker_shop.add_version(), tag=f"{NAME}:helpers")
    assert containers(docker_shop.engine, "probe") == []
