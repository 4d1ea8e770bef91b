"""A server as a process of its own, and an application without a socket."""

from __future__ import annotations

import asyncio
import http.client
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
DEADLINE_S = 90.0


class Reply(NamedTuple):
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Server:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], port: int, lines: list[dict[str, Any]]) -> None:
        self.process = process
        self.port = port
        self.lines = lines

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        """One request on a connection of its own; values are sent as JSON."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            return exchange(connection, method, path, body, **headers)
        finally:
            connection.close()

    def wait_until_ready(self) -> None:
        until(lambda: self.ask("GET", "/health/ready").status == 200)

    def stop(self) -> int:
        """SIGTERM; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(30)


def exchange(connection: http.client.HTTPConnection, method: str, path: str, body: Any, **headers: str) -> Reply:
    """One request on an open connection."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    if body is not None:
        sent = {"content-type": "application/json", **sent}
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    return Reply(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())


def until(condition: Any, deadline_s: float = DEADLINE_S) -> None:
    """Wait until something is so."""
    end = time.monotonic() + deadline_s
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


@contextmanager
def serving(folder: Path, *arguments: str, module: str = "workbench.serving", **environment: str) -> Iterator[Server]:
    """A server process on a free port; settings as keywords: `queue="1"`."""
    settings = {f"WORKBENCH_SERVING_{name.upper()}": value for name, value in environment.items()}
    path = environment.pop("pythonpath", str(ROOT))
    process = subprocess.Popen(
        [sys.executable, "-m", module, str(folder), "--port", "0", *arguments],
        env={**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", **settings},
        stderr=subprocess.PIPE,
        text=True,
    )
    lines: list[dict[str, Any]] = []

    def read() -> None:
        assert process.stderr is not None
        lines.extend(map(json.loads, process.stderr))

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        until(lambda: any(line["event"] == "listening" for line in lines) or process.poll() is not None)
        port = next((line["port"] for line in lines if line["event"] == "listening"), 0)
        yield Server(process, port, lines)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(30)
        reader.join(30)
        assert process.stderr is not None
        process.stderr.close()


def ask(app: Any, method: str, path: str, body: Any = None, **headers: str) -> Reply:
    """One request to an ASGI application, without a socket."""
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
    sent = {"content-type": "application/json"} if body is not None else {}
    sent.update({name.replace("_", "-"): value for name, value in headers.items()})
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }
    messages: list[Any] = []

    async def answer() -> None:
        asked = False

        async def receive() -> dict[str, Any]:
            nonlocal asked
            if asked:
                await asyncio.Event().wait()  # the client stays
            asked = True
            return {"type": "http.request", "body": body or b"", "more_body": False}

        async def send(message: Any) -> None:
            messages.append(message)

        await app(scope, receive, send)

    asyncio.run(answer())
    head = {name.decode(): value.decode() for name, value in messages[0]["headers"]}
    return Reply(messages[0]["status"], head, b"".join(message.get("body", b"") for message in messages[1:]))
