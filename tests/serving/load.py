"""Requests over several connections from one thread, for measuring a server rather than its client.

    python -m tests.serving.load http://127.0.0.1:8080 BODY.json --connections 16 --seconds 5

Every connection sends a prepared request, waits for the whole answer, sends the next. Parsing is limited to the
status and the length, so that one client can ask some ten thousand times a second.
"""

from __future__ import annotations

import argparse
import json
import selectors
import socket
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Result:
    """What was measured.

    Attributes:
        requests: answered ones.
        failed: those with another status than 200.
        p50_ms, p99_ms: latency.
        per_s: answers for each second.
    """

    requests: int
    failed: int
    p50_ms: float
    p99_ms: float
    per_s: float


class _Connection:
    def __init__(self, host: str, port: int, request: bytes) -> None:
        self.socket = socket.create_connection((host, port), 10)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._request = request
        self._received = b""
        self.sent = 0.0

    def send(self) -> None:
        self._received = b""
        self.sent = time.perf_counter()
        self.socket.sendall(self._request)

    def receive(self) -> int | None:
        """The status of the answer, or None while it is not complete."""
        self._received += self.socket.recv(1 << 20)
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        return int(head[9:12]) if len(body) >= length else None


def load(url: str, body: bytes, *, connections: int, seconds: float, path: str = "/invocations") -> Result:
    """Ask a server for some seconds.

    Args:
        url: `http://host:port`.
        body: of each request, JSON.
    """
    host, port = urlsplit(url).hostname or "127.0.0.1", urlsplit(url).port or 80
    request = (
        f"POST {path} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    ).encode() + body
    selector = selectors.DefaultSelector()
    for _ in range(connections):
        connection = _Connection(host, port, request)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send()
    latencies: list[float] = []
    failed = 0
    start = time.perf_counter()
    while (now := time.perf_counter()) - start < seconds:
        for key, _ in selector.select(1):
            status = key.data.receive()
            if status is None:
                continue
            now = time.perf_counter()
            latencies.append(now - key.data.sent)
            failed += status != 200
            key.data.send()
    took = now - start
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    latencies.sort()
    p99 = latencies[int(len(latencies) * 0.99)]
    return Result(len(latencies), failed, statistics.median(latencies) * 1000, p99 * 1000, len(latencies) / took)


def main() -> None:
    """Measure a server from the command line; prints JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("body", type=Path)
    parser.add_argument("--connections", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=3.0)
    options = parser.parse_args()
    body = options.body.read_bytes()
    result = load(options.url, body, connections=options.connections, seconds=options.seconds)
    print(json.dumps(result.__dict__))


if __name__ == "__main__":
    main()
