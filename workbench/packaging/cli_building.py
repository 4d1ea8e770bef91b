"""Building with the `docker` program, through BuildKit where its plugin buildx is there."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from threading import Event

from workbench.base.errors import DockerError
from workbench.packaging.building import Listener, Said
from workbench.packaging.context import Context
from workbench.packaging.engine import Engine, check_cancelled

SOCKET = "unix:///var/run/docker.sock"
STOP_S = 10


def build_with_cli(
    engine: Engine,
    context: Context,
    listen: Listener,
    *,
    tag: str | None = None,
    network: str = "none",
    platform: str | None = None,
    cancelled: Event | None = None,
) -> str:
    """Build a context with the `docker` program; takes, returns and raises what `building.build_image` does.

    Raises:
        DockerError: there is no such program.
    """
    program = shutil.which("docker")
    if program is None:
        raise DockerError("there is no docker program on PATH", "leave out --backend cli: no program is needed then")
    # The same engine as docker-py talks to, whatever context the program has chosen.
    environment = {**os.environ, "DOCKER_HOST": os.environ.get("DOCKER_HOST") or SOCKET}
    buildkit = has_buildx(program)
    environment["DOCKER_BUILDKIT"] = "1" if buildkit else "0"
    said = Said(listen)
    check_cancelled(cancelled)
    with tempfile.TemporaryDirectory(prefix="workbench-build-") as folder, context.open() as tar:
        id_file = os.path.join(folder, "id")
        command = [program, *_VERB[buildkit], "--network", network, "--iidfile", id_file]
        command += ["--tag", tag] if tag else []
        command += ["--platform", platform] if platform else []
        with subprocess.Popen(
            [*command, "-"], stdin=tar, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True,
            errors="replace", process_group=0,
        ) as process:  # fmt: skip
            try:
                assert process.stdout is not None
                last = ""
                for line in process.stdout:
                    check_cancelled(cancelled)
                    last = line.strip() or last
                    said.hear(line.rstrip())
                if process.wait():
                    raise said.failure(last.removeprefix("ERROR: "))
            except BaseException:
                process.terminate()
                try:
                    process.wait(STOP_S)
                except subprocess.TimeoutExpired:
                    process.kill()
                if said.left_behind:
                    engine.discard(said.left_behind)
                raise
        with open(id_file, encoding="utf-8") as file:
            return file.read().strip()


_VERB = {True: ["buildx", "build", "--load", "--provenance=false", "--progress=plain"], False: ["build", "--force-rm"]}


def has_buildx(program: str) -> bool:
    """Whether the `docker` program has the plugin that BuildKit needs."""
    done = subprocess.run([program, "buildx", "version"], capture_output=True, check=False)
    return done.returncode == 0
