"""What the smoke test runs inside a container, with the image's own Python: standard library alone, one file.

It waits until the server is ready, asks it this and that, and prints one JSON document. Its argument is one too.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.request

SENTINEL = "sentinel-4b1d"
"""A value that no error may repeat."""


def main() -> None:
    """Ask, and print what came back."""
    asked = json.loads(sys.argv[1])
    base = f"http://127.0.0.1:{asked['port']}"
    found: dict[str, object] = {
        "ready_at": wait(base, asked["deadline_s"]),
        "uid": os.getuid(),
        "read_only": is_read_only(),
    }
    body = asked.get("example")
    if found["ready_at"] is not None:
        if body is not None:
            status, text = call(f"{base}/invocations", body)
            found["status"], found["answer"] = status, text
            found["latency_ms"] = latencies(f"{base}/invocations", body, asked["rounds"])
        found["bad"] = [[name, *bad(base, payload)] for name, payload in sorted(asked["bad"].items())]
        found["modules"] = [[name, not_importable(name)] for name in asked["modules"]]
        found["metrics"] = call(f"{base}/metrics")[0]
        found["memory_bytes"] = memory()
    else:
        found["why"] = call(f"{base}/health/ready")[1][:2000]
    sys.stdout.write(json.dumps(found))


def wait(base: str, deadline_s: float) -> float | None:
    """The time at which the server was ready; None where it was not in time."""
    end = time.time() + deadline_s
    while time.time() < end:
        if call(f"{base}/health/ready")[0] == 200:
            return time.time()
        time.sleep(0.02)
    return None


def call(url: str, body: str | None = None) -> tuple[int, str]:
    """Status and text of an answer; status 0 where there is none."""
    data = None if body is None else body.encode()
    request = urllib.request.Request(url, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except OSError:
        return 0, ""


def bad(base: str, payload: str) -> tuple[int, bool]:
    """The status of what should be refused, and whether the answer repeats the value."""
    status, text = call(f"{base}/invocations", payload)
    return status, SENTINEL in text


def latencies(url: str, body: str, rounds: int) -> dict[str, float]:
    """Milliseconds of predictions: the median and the 99th percentile."""
    for _ in range(5):
        call(url, body)
    took = []
    for _ in range(rounds):
        began = time.perf_counter()
        call(url, body)
        took.append((time.perf_counter() - began) * 1000)
    took.sort()
    return {"p50": statistics.median(took), "p99": took[int(len(took) * 0.99)], "requests": rounds}


def not_importable(module: str) -> str:
    """Why a module cannot be imported as the server would; empty where it can."""
    done = subprocess.run([sys.executable, "-c", f"import {module}"], capture_output=True, text=True, check=False)
    return (done.stderr.strip().splitlines() or ["it ended without a word"])[-1] if done.returncode else ""


def is_read_only() -> bool:
    """Whether the root file system refuses a new file."""
    for folder in ("/", "/opt", os.path.expanduser("~")):
        if folder == "/tmp":
            continue
        try:
            with open(os.path.join(folder, ".workbench-smoke"), "w"):
                return False
        except OSError:
            continue
    return True


def memory() -> int | None:
    """What the processes of the container keep in memory, in bytes; None where the kernel does not say."""
    for path in ("/sys/fs/cgroup/memory.stat", "/sys/fs/cgroup/memory/memory.stat"):
        try:
            with open(path) as file:
                said = dict(line.split() for line in file)
            return int(said.get("anon") or said.get("total_rss") or said["rss"])
        except (OSError, ValueError, KeyError):
            continue
    return None


if __name__ == "__main__":
    main()
