"""A server that stands in for that of a model, in images that are made in a second: standard library alone, one file.

It answers what the product asks, logs a row for each prediction as the real one does, and ends by SIGTERM with 0.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODE = os.environ.get("STAND_IN", "")
FOLDER = os.path.join(os.environ.get("WORKBENCH_SERVING_LOG_DIR", "/tmp"), "fraud", "v1", time.strftime("dt=%Y-%m-%d"))
PATH = os.path.join(FOLDER, f"pred-{time.time_ns() // 1_000_000}-{os.uname().nodename}-1-0.jsonl.part")


class Handler(BaseHTTPRequestHandler):
    """What it answers."""

    def do_GET(self) -> None:
        """Health, and metrics."""
        self.answer(503 if MODE.endswith(":slow") else 200, "workbench_serving_ready 1\n")

    def do_POST(self) -> None:
        """A prediction."""
        os.makedirs(FOLDER, exist_ok=True)
        with open(PATH, "a") as file:
            file.write(json.dumps({"v": 1, "row": 0, "uid": os.getuid()}) + "\n")
        self.answer(200, '{"predictions": [0]}')

    def answer(self, status: int, text: str) -> None:
        """Send a text."""
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing."""


def end(*_: object) -> None:
    """Close the log and end."""
    if os.path.exists(PATH):
        os.rename(PATH, PATH.removesuffix(".part"))
    os._exit(0)


if __name__ == "__main__":
    if MODE.endswith(":broken"):
        sys.exit("no module named fraud_features")
    signal.signal(signal.SIGTERM, end)
    sys.stderr.write(f"listening as {os.getuid()}\n")
    sys.stderr.flush()
    ThreadingHTTPServer((os.environ["WORKBENCH_SERVING_HOST"], 8080), Handler).serve_forever()
