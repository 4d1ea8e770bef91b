"""`python -m …healthcheck`: whether the server on this machine is ready, for Docker's HEALTHCHECK.

Exit status 0 if it is, 1 otherwise. Imports only what takes no time: it runs every few seconds.
"""

from __future__ import annotations

import os
import socket
import sys

TIMEOUT_S = 3.0


def is_ready(host: str, port: int, timeout_s: float = TIMEOUT_S) -> bool:
    """Whether `/health/ready` answers 200 in time."""
    try:
        with socket.create_connection((host, port), timeout_s) as connection:
            connection.sendall(f"GET /health/ready HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            head = connection.recv(64)
    except OSError:
        return False
    return head.startswith(b"HTTP/1.") and head[8:12] == b" 200"


def main() -> int:
    """Ask the server that this environment describes."""
    host = os.environ.get("WORKBENCH_SERVING_HOST", "127.0.0.1")
    port = os.environ.get("WORKBENCH_SERVING_PORT", "8080")
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    return 0 if port.isdigit() and is_ready(everywhere.get(host, host), int(port)) else 1


if __name__ == "__main__":
    sys.exit(main())
