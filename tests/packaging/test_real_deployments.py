"""Deployments on a real engine, of images with a server that stands in for a model's."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import tarfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cli.harness import program
from tests.conftest import FakeClock
from tests.packaging.conftest import BASE_IMAGE
from tests.packaging.yards import Yard
from workbench.base.clock import set_clock
from workbench.base.errors import DockerError, RefusedError, StartFailedError
from workbench.base.project import Project
from workbench.data.prediction_logs import read_new
from workbench.packaging.context import USER
from workbench.packaging.deployments import read_deployments
from workbench.packaging.engine import Engine, connect
from workbench.packaging.images import forget_image
from workbench.packaging.pulling import pull
from workbench.packaging.readiness import last_lines
from workbench.packaging.watching import list_rows

pytestmark = pytest.mark.docker
WAIT_S = 30.0
MODES = ("works", "works-too", "slow", "broken")


def built(engine: Engine, tag: str, said: str, files: Mapping[str, bytes]) -> str:
    """An image; returns its id."""
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, content in {"Dockerfile": said.encode(), **files}.items():
            header = tarfile.TarInfo(name)
            header.size, header.mode = len(content), 0o644
            tar.addfile(header, io.BytesIO(content))
    context.seek(0)
    events = engine.client.build(fileobj=context, custom_context=True, rm=True, decode=True, tag=tag)
    return [str(event["aux"]["ID"]) for event in events if "aux" in event][-1]


@pytest.fixture(scope="module")
def stand_ins() -> Iterator[list[str]]:
    """Ids of four images: two work, one is never ready, one ends at once."""
    try:
        engine = connect()
    except DockerError as error:
        pytest.skip(error.message)
    if engine.image(BASE_IMAGE) is None:
        engine.close()
        pytest.skip(f"there is no base image {BASE_IMAGE}; name another one in WORKBENCH_TEST_BASE")
    server = f"wbtest-standin-{os.getpid()}:server"
    script = Path(__file__).with_name("stand_in.py").read_bytes()
    start = 'ENTRYPOINT ["python3", "-u", "/server.py"]'
    built(engine, server, f"FROM {BASE_IMAGE}\nADD server.py /server.py\n{start}\n", {"server.py": script})
    tags = [server.replace("server", mode) for mode in MODES]
    yield [built(engine, tag, f"FROM {server}\nENV STAND_IN={tag}\n", {}) for tag in tags]
    for tag in (*tags, server):
        engine.client.remove_image(tag, force=True)
    engine.close()


@pytest.fixture
def real_yard(project: Project, clock: FakeClock, docker_engine: Engine, stand_ins: list[str]) -> Iterator[Yard]:
    """Versions 1 and 2 work, 3 is never ready, 4 ends at once; the engine is real, and so is the time."""
    yard = Yard.open(project, clock)
    for number, image_id in enumerate(stand_ins, 1):
        before = yard.image(f"fraud/{number}")
        yard.registry.do(forget_image, before)
        yard.add_image("fraud", number, before.version, image_id=image_id)
    set_clock(None)
    client: Any = docker_engine.client
    yard.docker = client
    yield yard
    for deployment in read_deployments(docker_engine, project):
        for container in deployment.containers:
            docker_engine.remove(container.id)
            if container.settings.volume:
                client.remove_volume(container.settings.volume, force=True)
    yard.registry.close()


def ask(yard: Yard) -> None:
    """One prediction."""
    with urllib.request.urlopen(f"http://127.0.0.1:{yard.port}/invocations", b"{}", timeout=10) as answer:
        assert answer.status == 200


def until(condition: Callable[[], bool]) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_from_one_version_to_the_next_and_back_with_the_log_of_both(real_yard: Yard) -> None:
    yard = real_yard
    yard.run("fraud/1", wait_s=WAIT_S)
    ask(yard)
    second = yard.run("fraud/2", wait_s=WAIT_S)
    ask(yard)
    [row, kept] = list_rows(yard.engine, yard.project)
    assert (row.status, kept.status) == ("running", "kept")
    back = yard.rollback(reason="errors", wait_s=WAIT_S)
    assert back.is_warm and back.container.version == 1
    ask(yard)
    assert yard.run("fraud/1", wait_s=WAIT_S).as_before
    found = read_new(yard.project, "fraud")
    expected = os.getuid() or int(USER.split(":")[0])
    assert [entry["uid"] for entry in found.rows] == [expected] * 3
    stopped = yard.deployment().of_sequence(second.container.sequence)
    assert stopped is not None and stopped.exit_code == 0
    yard.stop(remove=True)
    assert not read_deployments(yard.engine, yard.project)
    assert [action for action, _, _ in yard.deeds()] == [
        "deploy", "stop", "deploy", "rollback-deployment", "stop", "stop", "stop",
    ]  # fmt: skip


def test_the_container_is_hardened(real_yard: Yard) -> None:
    container = real_yard.run("fraud/1", wait_s=WAIT_S).container
    client = real_yard.engine.client
    script = "import os; print(os.getuid()); open('/file', 'w')"
    begun = client.exec_create(container.id, ["python3", "-c", script])["Id"]
    said = client.exec_start(begun).decode()
    assert "Read-only file system" in said and not said.startswith("0\n")
    host = client.inspect_container(container.id)["HostConfig"]
    assert host["CapDrop"] == ["ALL"] and host["Memory"] == 400_000_000 and host["PidsLimit"] == 128
    assert host["PortBindings"]["8080/tcp"][0]["HostIp"] == "127.0.0.1"


@pytest.mark.parametrize(("number", "words"), [(3, "is not ready after 0.5 s"), (4, "ended with status 1")])
def test_one_that_does_not_come_up_makes_way_for_the_one_before(real_yard: Yard, number: int, words: str) -> None:
    real_yard.run("fraud/1", wait_s=WAIT_S)
    with pytest.raises(StartFailedError, match=f"{words}.*; fraud/1 was started again") as caught:
        real_yard.run(f"fraud/{number}", wait_s=0.5 if number == 3 else WAIT_S)
    assert caught.value.output
    until(lambda: list_rows(real_yard.engine, real_yard.project)[0].container.is_running)
    ask_when_up(real_yard)


def ask_when_up(yard: Yard) -> None:
    def answers() -> bool:
        try:
            ask(yard)
        except OSError:
            return False
        return True

    until(answers)


def test_a_port_that_docker_has_given_away_is_refused_by_name(real_yard: Yard) -> None:
    real_yard.run("fraud/1", wait_s=WAIT_S)
    with pytest.raises(RefusedError, match=r"is taken by the deployment fraud \(fraud:1\)"):
        real_yard.run("fraud/2", name="other", wait_s=WAIT_S)


def test_a_volume_is_pulled_also_from_one_that_is_stopped(real_yard: Yard) -> None:
    yard = real_yard
    yard.run("fraud/1", log_dir="volume", wait_s=WAIT_S)
    ask(yard)
    containers = yard.deployment().containers
    assert pull(yard.engine, yard.project, "fraud", containers, []).rows == 1
    ask(yard)
    yard.stop()
    assert pull(yard.engine, yard.project, "fraud", containers, []).rows == 1
    assert pull(yard.engine, yard.project, "fraud", containers, []).rows == 0
    assert len(read_new(yard.project, "fraud").rows) == 2


@pytest.mark.parametrize("go_on", ["run", "rollback"])
def test_a_process_that_is_killed_while_it_waits_is_gone_on_from(real_yard: Yard, go_on: str) -> None:
    yard = real_yard
    yard.run("fraud/1", wait_s=WAIT_S)
    words = [*program(), "package", "run", "fraud/3"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    until(lambda: yard.running() == [3] and bool(last_lines(yard.engine, yard.deployment().current)))
    process.send_signal(signal.SIGKILL)
    process.wait()
    if go_on == "run":
        assert yard.run("fraud/2", wait_s=WAIT_S).container.version == 2
    else:
        assert yard.rollback(wait_s=WAIT_S).container.version == 1
    ask(yard)
    assert len(yard.running()) == 1
