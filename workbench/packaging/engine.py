"""The Docker engine: reached through its socket, with errors that say what to do."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING, Any

from workbench.base.errors import DiskFullError, DockerError, NotFoundError, StoreInterruptedError

if TYPE_CHECKING:
    from docker import APIClient

WATCH_S = 0.2
NO_ENGINE = "start Docker, or point DOCKER_HOST at an engine; without one: workbench package build --emit DIR"


class Engine:
    """A Docker engine.

    Args:
        client: docker-py's client of the Engine API.

    Attributes:
        client: the same. Calls are made within `errors`.
    """

    def __init__(self, client: APIClient) -> None:
        self.client = client

    def image(self, reference: str) -> dict[str, Any] | None:
        """What the engine knows of an image; None where it has none of that name or id."""
        from docker.errors import ImageNotFound

        try:
            with errors():
                found: dict[str, Any] = self.client.inspect_image(reference)  # type: ignore[no-untyped-call]
                return found
        except ImageNotFound:
            return None

    def pull(
        self, reference: str, progress: Callable[[str], None], *, platform: str | None = None
    ) -> dict[str, Any] | None:
        """Fetch an image from its registry; None where there is none, or no network."""
        from docker.errors import APIError

        name, _, tag = reference.rpartition(":")
        if not name or "/" in tag:
            name, tag = reference, "latest"
        try:
            with errors():
                for event in self.client.pull(name, tag=tag, stream=True, decode=True, platform=platform):
                    if "error" in event:
                        return None
                    if event.get("status"):
                        progress(str(event["status"]))
        except (APIError, DockerError):
            return None
        return self.image(reference)

    def close(self) -> None:
        """Let go of the connection."""
        self.client.close()

    def discard(self, image_id: str) -> None:
        """Remove an image that has no name; no error where it is gone, has one, or is used by a container."""
        from docker.errors import APIError

        found = self.image(image_id)
        if found is None or found.get("RepoTags"):
            return
        try:
            self.client.remove_image(image_id)
        except APIError as error:
            if error.status_code not in (404, 409):
                raise

    @contextmanager
    def container(self, **settings: Any) -> Iterator[str]:
        """A container that is made with these settings of `create_container`, and gone at the end of the block."""
        from docker.errors import NotFound

        try:
            with errors():
                made = self.client.create_container(**settings)["Id"]
        except NotFound as error:
            raise DockerError(f"Docker: {error.explanation or error}") from None
        try:
            yield made
        finally:
            self.remove(made)

    def remove(self, container: str) -> None:
        """Remove a container, running or not; no error where it is gone."""
        from docker.errors import APIError

        try:
            self.client.remove_container(container, force=True, v=True)
        except APIError as error:
            if error.status_code not in (404, 409):  # gone, or going
                raise


def connect() -> Engine:
    """The engine of `DOCKER_HOST`, else of the local socket.

    Raises:
        DockerError: none answers, or this user may not talk to it.
    """
    import docker
    from docker.utils import kwargs_from_env

    try:
        client = docker.APIClient(**kwargs_from_env(), version="auto", timeout=120)
    except Exception as error:  # docker-py lets errors of requests, urllib3 and the socket through
        raise _unreachable(error) from None
    return Engine(client)


@contextmanager
def given_up(engine: Engine, container: str, cancelled: Event | None) -> Iterator[None]:
    """Within the block, removes a container as soon as `cancelled` is set, so that whoever waits for it goes on.

    Raises:
        StoreInterruptedError: it was set.
    """
    if cancelled is None:
        yield
        return
    done = Event()

    def watch() -> None:
        while not done.is_set():
            if cancelled.wait(WATCH_S):
                engine.remove(container)
                return

    watcher = Thread(target=watch, name="workbench-cancel", daemon=True)
    watcher.start()
    try:
        yield
    except Exception:
        if not cancelled.is_set():
            raise
    finally:
        done.set()
        watcher.join()
    check_cancelled(cancelled)


def check_cancelled(cancelled: Event | None) -> None:
    """Go on, or not.

    Raises:
        StoreInterruptedError: `cancelled` is set.
    """
    if cancelled is not None and cancelled.is_set():
        raise StoreInterruptedError("given up; no image was named")


def _unreachable(error: Exception) -> DockerError:
    text = str(error)
    if "Permission denied" in text:
        who = f"uid {os.getuid()}" if hasattr(os, "getuid") else "this user"
        return DockerError(
            f"{who} may not talk to the Docker engine", "sudo usermod -aG docker $USER, then log in again"
        )
    where = os.environ.get("DOCKER_HOST", "the local socket")
    return DockerError(f"no Docker engine answers at {where}", NO_ENGINE)


@contextmanager
def errors() -> Iterator[None]:
    """Turn what docker-py raises into errors of ours, but for `docker.errors.NotFound`, which callers expect.

    Raises:
        DockerError: the engine refused, failed or went away.
        DiskFullError: its disk is full.
    """
    import requests
    from docker.errors import APIError, DockerException, NotFound

    try:
        yield
    except NotFound:
        raise
    except APIError as error:
        text = str(error.explanation or error)
        if "no space left" in text:
            raise DiskFullError("no space left where Docker keeps its images", "docker system df") from None
        raise DockerError(f"Docker: {text.strip().splitlines()[0]}") from None
    except (DockerException, requests.RequestException) as error:
        raise _unreachable(error) from None


def required_image(engine: Engine, reference: str) -> dict[str, Any]:
    """What the engine knows of an image.

    Raises:
        NotFoundError: it has none of that name or id.
    """
    found = engine.image(reference)
    if found is None:
        raise NotFoundError(f"Docker has no image {reference}", "workbench package list")
    return found
