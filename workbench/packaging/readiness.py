"""Waiting until a server is ready, and why it is not."""

from __future__ import annotations

import time
from collections.abc import Sequence

from workbench.base.errors import StartFailedError
from workbench.base.numbers import format_size
from workbench.packaging.building import LAST_LINES
from workbench.packaging.containers import Container, is_local, read_container
from workbench.packaging.engine import Engine, errors
from workbench.packaging.smoke import likely_cause

POLL_S = 0.05
ASK_S = 2.0


def wait_until_ready(engine: Engine, container: Container, wait_s: float) -> float:
    """Wait until a container that was started answers that it is ready; returns how long that took, in seconds.

    It is asked at its port. Where the engine is elsewhere its own health check is what counts.

    Raises:
        StartFailedError: it ended, is gone, or is not ready in time; with its last lines and the likely cause.
        DockerError: the engine fails.
    """
    from docker.errors import NotFound

    began = time.monotonic()
    asks = is_local(engine)
    while True:
        try:
            now = read_container(engine, container.id)
        except NotFound:
            raise StartFailedError(f"the container of {container.shown} was removed while it started") from None
        if not now.is_running or now.status == "restarting" or now.restarts > container.restarts:
            raise _failed(engine, now, _end(now))
        if now.health == "healthy" or (asks and is_ready(container.settings.port)):
            return time.monotonic() - began
        if time.monotonic() - began >= wait_s:
            raise _failed(engine, now, f"{now.shown} is not ready after {wait_s:g} s", "wait longer: --wait S")
        time.sleep(POLL_S)


def is_ready(port: int) -> bool:
    """Whether the server at a port of this machine says that it is ready."""
    return ask(port, "/health/ready") is not None


def ask(port: int, path: str, token: str = "", timeout_s: float = ASK_S) -> str | None:
    """What the server at a port of this machine answers; None where it does not, or with an error."""
    import http.client

    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout_s)
    try:
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"} if token else {})
        answer = connection.getresponse()
        text = answer.read().decode("utf-8", "replace")
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return text if answer.status == 200 else None


def last_lines(engine: Engine, container: Container) -> list[str]:
    """The last lines that a server wrote; none where its container is gone."""
    from docker.errors import NotFound

    try:
        with errors():
            said = bytes(engine.client.logs(container.id, stdout=True, stderr=True, tail=LAST_LINES))
    except NotFound:
        return []
    return said.decode(errors="replace").splitlines()


def _failed(engine: Engine, container: Container, message: str, hint: str | None = None) -> StartFailedError:
    lines = last_lines(engine, container)
    return StartFailedError(message, lines, _cause(container, lines) or hint)


def _end(container: Container) -> str:
    return f"{container.shown} ended with status {container.exit_code} before it was ready"


def _cause(container: Container, lines: Sequence[str]) -> str | None:
    memory = container.settings.memory_bytes
    if container.out_of_memory:
        return (
            f"{format_size(memory)} of memory are too little: --memory 1g" if memory else "there is too little memory"
        )
    text = "\n".join(lines)
    if "cannot be read" in text and "token" in text:
        return "the server may not read the file of the token"
    if container.exit_code == 137:
        return "it was killed from outside, or had too little memory"
    return likely_cause(lines)
