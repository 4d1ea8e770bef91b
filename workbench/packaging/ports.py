"""Ports of this machine: a free one, and who has one that is taken."""

from __future__ import annotations

import errno
import socket

from workbench.base.errors import InputError, RefusedError
from workbench.packaging.building import ROLE
from workbench.packaging.containers import DEPLOYMENT, Settings
from workbench.packaging.engine import Engine, errors
from workbench.packaging.labels import OURS

FIRST = 8080
MOST_TRIED = 200


def check_port(port: int) -> None:
    """Make sure that a number is one of a port.

    Raises:
        InputError: it is none.
    """
    if not 1 <= port <= 65535:
        raise InputError(f"{port} is no port", "a port is 1 to 65535")


def free_port(first: int = FIRST) -> int:
    """The first port from `first` on that nobody listens to.

    Raises:
        RefusedError: there is none.
    """
    for port in range(first, min(first + MOST_TRIED, 65536)):
        if is_free(Settings(port)):
            return port
    raise RefusedError(f"no port from {first} on is free", "--port P")


def is_free(settings: Settings) -> bool:
    """Whether nobody on this machine listens at the address of a deployment."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(settings.address)
        except OSError as error:
            return error.errno != errno.EADDRINUSE
    return True


def taken(engine: Engine, port: int) -> RefusedError:
    """The error that a port is taken: by which deployment, container or process, where that can be found out."""
    by = _container_at(engine, port) or _process_at(port)
    return RefusedError(f"port {port} is taken{f' by {by}' if by else ''}", f"--port {port + 1}, or any that is free")


def _container_at(engine: Engine, port: int) -> str | None:
    with errors():
        listed = engine.client.containers()
    for one in listed:
        if any(published.get("PublicPort") == port for published in one.get("Ports") or ()):
            labels = one.get("Labels") or {}
            if labels.get(ROLE) == DEPLOYMENT:
                return f"the deployment {labels.get(f'{OURS}{DEPLOYMENT}')} ({labels.get(f'{OURS}image')})"
            return f"the container {(one.get('Names') or [one['Id'][:12]])[0].lstrip('/')} ({one.get('Image')})"
    return None


def _process_at(port: int) -> str | None:
    """The process that listens, where this user may see it."""
    import psutil

    try:
        for connection in psutil.net_connections("tcp"):
            if connection.status == psutil.CONN_LISTEN and connection.laddr[1:] == (port,) and connection.pid:
                return f"PID {connection.pid} ({psutil.Process(connection.pid).name()})"
    except (psutil.Error, OSError):
        return None
    return None
