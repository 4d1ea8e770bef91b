"""The process: sockets, signals, workers, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from types import FrameType
from typing import Any

import uvicorn

from .app import App
from .description import Description
from .errors import LoadError
from .logs import log
from .service import Service
from .settings import Settings

GRACE_S = 8.0
"""After the end of draining, how long requests that are being answered may take."""


class _Server(uvicorn.Server):
    """uvicorn without its signals: it would end by the signal, where orchestrators want status 0."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def install_signal_handlers(self) -> None:
        """What older versions call instead."""


def serve(description: Description, settings: Settings) -> int:
    """Serve a model until SIGTERM or SIGINT.

    Returns:
        The exit status, 0. With several workers only the first process returns.

    Raises:
        LoadError: the address cannot be listened on.
    """
    listener = _listen(settings)
    service = Service(description, settings)
    host, port = listener.getsockname()[:2]
    log("info", "listening", host=host, port=port, pid=os.getpid(), workers=service.workers, threads=service.threads)
    if service.workers == 1:
        service.load_beside()
        _work(service, listener)
        return 0
    service.load()
    return _Crew(service, listener).run()


def _listen(settings: Settings) -> socket.socket:
    """A socket that listens; connections wait in it while the model loads."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise LoadError(f"cannot listen on {settings.host}:{settings.port}: {error.strerror}") from error
    listener.set_inheritable(True)
    return listener


def _work(service: Service, listener: socket.socket) -> None:
    """Answer requests in this process until a signal."""
    loop = _new_loop()
    asyncio.set_event_loop(loop)
    loop.run_until_complete(_run(service, listener))
    if service.predictions is not None:
        service.predictions.close()
    log("info", "stopped", pid=os.getpid())
    # Threads that still predict after the time limit would keep the interpreter from ending.
    os._exit(0)


async def _run(service: Service, listener: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    server = _Server(_config(App(service)))

    async def drain() -> None:
        await asyncio.sleep(service.settings.drain_s)
        server.should_exit = True

    tasks = set()

    def stop(number: int) -> None:
        if service.draining:
            return
        log("info", "draining", signal=signal.Signals(number).name, pid=os.getpid())
        service.draining = True
        tasks.add(loop.create_task(drain()))
        last = threading.Timer(service.settings.drain_s + GRACE_S + 1, os._exit, (0,))
        last.daemon = True
        last.start()

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop, number)
    await server.serve(sockets=[listener])


def _config(app: App) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http="httptools" if importlib.util.find_spec("httptools") else "h11",
        ws="none",
        lifespan="off",
        interface="asgi3",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=int(GRACE_S),
    )


def _new_loop() -> asyncio.AbstractEventLoop:
    if importlib.util.find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    uvloop: Any = importlib.import_module("uvloop")
    loop: asyncio.AbstractEventLoop = uvloop.new_event_loop()
    return loop


class _Crew:
    """Workers that share one loaded model by fork; one that dies is replaced."""

    def __init__(self, service: Service, listener: socket.socket) -> None:
        self._service = service
        self._listener = listener
        self._workers: dict[int, int] = {}
        self._stopping = False

    def run(self) -> int:
        """Keep the workers until a signal; 0."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        for worker in range(self._service.workers):
            self._fork(worker)
        while self._workers:
            pid, status = os.waitpid(-1, 0)
            worker = self._workers.pop(pid, -1)
            if worker >= 0 and not self._stopping:
                log("error", "a worker died", pid=pid, status=os.waitstatus_to_exitcode(status))
                time.sleep(0.5)
                self._fork(worker)
        return 0

    def _fork(self, worker: int) -> None:
        pid = os.fork()
        if pid:
            self._workers[pid] = worker
            if self._stopping:  # the signal came between the two
                os.kill(pid, signal.SIGTERM)
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        try:
            self._service.be_worker(worker)
            _work(self._service, self._listener)
        finally:
            os._exit(1)

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._stopping = True
        for pid in self._workers:
            os.kill(pid, signal.SIGTERM)
