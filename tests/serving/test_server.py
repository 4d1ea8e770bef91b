"""The server as a process: real sockets, signals, workers, and a copy of it under another name."""

from __future__ import annotations

import ast
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from tests.serving import models
from tests.serving.servers import ROOT, exchange, serving, until

SOURCES = sorted((ROOT / "workbench" / "serving").rglob("*.py"))
ROW = {"sl": 5.1, "sw": 3.5, "pl": 1.4, "pw": 0.2}
GOOD = {"dataframe_records": [ROW]}


def test_a_packaged_model_is_served_logged_and_stopped_in_order(iris: Path, tmp_path: Path) -> None:
    folder = models.packaged(iris, tmp_path / "m")
    with serving(folder, "--log-dir", str(tmp_path / "log")) as server:
        server.wait_until_ready()
        reply = server.ask("POST", "/invocations", GOOD, x_request_id="r-1")
        assert (reply.status, reply.json) == (200, {"predictions": [0]})
        csv = server.ask("POST", "/invocations", b"sl,sw,pl,pw\n8,8,8,8\n", content_type="text/csv")
        assert csv.json == {"predictions": [1]}
        health = [sys.executable, "-m", "workbench.serving.healthcheck"]
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "WORKBENCH_SERVING_PORT": str(server.port)}
        assert subprocess.run(health, env=environment, check=False).returncode == 0
        assert server.stop() == 0
        assert subprocess.run(health, env=environment, check=False).returncode == 1
    lines = [json.loads(line) for path in tmp_path.rglob("pred-*.jsonl") for line in path.read_text().splitlines()]
    assert [(line["model"], line["version"], line["y"]) for line in lines] == [("iris", "3", 0), ("iris", "3", 1)]
    assert lines[0]["rid"] == "r-1"
    assert [line["event"] for line in server.lines] == ["listening", "ready", "draining", "stopped"]


def test_one_changed_byte_is_never_ready_and_says_so(iris: Path, tmp_path: Path) -> None:
    folder = models.packaged(iris, tmp_path / "m")
    data = bytearray((folder / "model.skops").read_bytes())
    data[-1] ^= 1
    (folder / "model.skops").write_bytes(data)
    with serving(folder) as server:
        until(lambda: server.ask("GET", "/health/ready").json["state"] == "failed")
        assert "model.skops" in server.ask("GET", "/health/ready").json["error"]
        assert server.ask("GET", "/health/live").status == 200
        assert server.ask("POST", "/invocations", GOOD).status == 503
        assert server.stop() == 0


def test_health_is_answered_while_a_slow_prediction_runs_and_overload_is_sent_away(slow: Path) -> None:
    settings = {"threads": "1", "queue": "1", "time_limit_s": "20"}
    with serving(slow, "--allow-pickle", **settings) as server:
        server.wait_until_ready()
        statuses: list[int] = []
        body = {"dataframe_records": [{"seconds": 2.0}]}
        asking = [
            threading.Thread(target=lambda: statuses.append(server.ask("POST", "/invocations", body).status))
            for _ in range(3)
        ]
        for thread in asking:
            thread.start()
        until(lambda: b"workbench_serving_queue 1" in server.ask("GET", "/metrics").body)
        connection = http.client.HTTPConnection("127.0.0.1", server.port)
        exchange(connection, "GET", "/health/ready", None)
        delays = []
        for _ in range(10):
            started = time.perf_counter()
            assert exchange(connection, "GET", "/health/ready", None).status == 200
            delays.append(time.perf_counter() - started)
        connection.close()
        assert sorted(delays)[5] < 0.1
        for thread in asking:
            thread.join()
        assert sorted(statuses) == [200, 200, 503]


def test_sigterm_lets_requests_finish_says_unready_first_and_ends_with_0(slow: Path) -> None:
    with serving(slow, "--allow-pickle", drain_s="1.5") as server:
        server.wait_until_ready()
        kept = http.client.HTTPConnection("127.0.0.1", server.port)
        exchange(kept, "GET", "/ping", None)
        found: list[int] = []
        body = {"dataframe_records": [{"seconds": 3.0}]}
        asking = threading.Thread(target=lambda: found.append(server.ask("POST", "/invocations", body).status))
        asking.start()
        until(lambda: b"in_flight 2" in server.ask("GET", "/metrics").body)
        started = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        until(lambda: any(line["event"] == "draining" for line in server.lines))
        reply = exchange(kept, "GET", "/health/ready", None)
        assert (reply.status, reply.json["state"], reply.headers["connection"]) == (503, "draining", "close")
        assert server.process.wait(20) == 0
        assert time.monotonic() - started < 10
        asking.join()
        assert found == [200]


def test_a_prediction_beyond_the_time_limit_is_504(slow: Path) -> None:
    with serving(slow, "--allow-pickle", time_limit_s="0.2") as server:
        server.wait_until_ready()
        reply = server.ask("POST", "/invocations", {"dataframe_records": [{"seconds": 5.0}]})
        assert (reply.status, reply.json["error_code"]) == (504, "DEADLINE_EXCEEDED")
        assert server.stop() == 0


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="workers never exceed the processors")
def test_workers_share_the_model_and_their_metrics_and_are_replaced(iris: Path, tmp_path: Path) -> None:
    with serving(iris, "--workers", "2", "--log-dir", str(tmp_path / "log")) as server:
        server.wait_until_ready()

        def pids() -> set[int]:
            try:
                return {server.ask("GET", "/metadata").json["pid"] for _ in range(20)}
            except (OSError, http.client.HTTPException):  # of the one that was just killed
                return set()

        until(lambda: len(pids()) == 2)
        victim = pids().pop()
        os.kill(victim, signal.SIGKILL)
        until(lambda: any(line["event"] == "a worker died" for line in server.lines))
        until(lambda: len(pids() - {victim}) == 2)
        for _ in range(10):
            assert server.ask("POST", "/invocations", GOOD).status == 200
        text = server.ask("GET", "/metrics").body.decode()
        assert 'requests_total{route="/invocations",status="200"} 10' in text
        assert server.stop() == 0
    lines = [line for path in tmp_path.rglob("pred-*.jsonl") for line in path.read_text().splitlines()]
    assert len(lines) == 10
    assert not list(tmp_path.rglob("*.part"))


def test_a_body_beyond_the_limit_is_refused_without_being_read(iris: Path) -> None:
    with serving(iris, max_body_bytes="1000") as server:
        server.wait_until_ready()
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(
                b"POST /invocations HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
                b"transfer-encoding: chunked\r\n\r\n" + b"3e8\r\n" + b" " * 1000 + b"\r\n" + b"3e8\r\n" + b" " * 1000
            )
            assert connection.recv(4096).startswith(b"HTTP/1.1 413")


def test_it_runs_as_a_copy_under_another_name(iris: Path, tmp_path: Path) -> None:
    target = tmp_path / "opt" / "workbench_serving"
    shutil.copytree(ROOT / "workbench" / "serving", target)
    with serving(iris, module="workbench_serving", pythonpath=str(target.parent)) as server:
        server.wait_until_ready()
        assert server.ask("POST", "/invocations", GOOD).json == {"predictions": [0]}


@pytest.mark.parametrize("path", SOURCES, ids=[path.stem for path in SOURCES])
def test_every_module_is_python_3_10(path: Path) -> None:
    text = path.read_text()
    tree = ast.parse(text, feature_version=(3, 10))
    names = {ast.unparse(node) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not names & {"datetime.UTC", "asyncio.timeout", "asyncio.Runner", "asyncio.TaskGroup", "enum.StrEnum"}
    assert "tomllib" not in text
    assert "Self" not in {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


def test_a_folder_without_a_model_ends_with_1(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        assert server.process.wait(60) == 1
    assert server.lines[-1]["event"] == "the server cannot start"


def test_a_model_of_numbers_needs_neither_mlflow_nor_pandas_nor_c_extensions(iris: Path, tmp_path: Path) -> None:
    folder = models.packaged(iris, tmp_path / "m")
    program = (
        "import sys\n"
        "class Missing:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('mlflow', 'pandas', 'yaml', 'orjson', 'uvloop', 'httptools', 'pyarrow'):\n"
        "            raise ModuleNotFoundError(name=name)\n"
        "sys.meta_path.insert(0, Missing())\n"
        "from workbench.serving.model import Model\n"
        "from workbench.serving.description import read_description\n"
        "from workbench.serving.settings import Settings\n"
        f"model = Model(read_description({str(folder)!r}), Settings())\n"
        "sys.stdout.buffer.write(model.score(model.example, 'application/json').body)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    assert len(json.loads(done.stdout)["predictions"]) == 2
