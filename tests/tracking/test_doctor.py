"""The checks of `workbench doctor`, one by one."""

from __future__ import annotations

import socket
import threading
from collections import namedtuple
from pathlib import Path

import pytest

from workbench.base.project import Project
from workbench.tracking import doctor

Usage = namedtuple("Usage", "total used free")


@pytest.mark.parametrize(("free_bytes", "state"), [(10**12, "ok"), (5 * 10**8, "warn"), (10**6, "fail")])
def test_space_runs_out_by_degrees(
    project: Project, free_bytes: int, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(0, 0, free_bytes))
    assert doctor.check_space(project).state == state


def engine(path: Path, answer: bytes) -> threading.Thread:
    """An engine that answers one request on a socket."""
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(str(path))
    server.listen()

    def serve() -> None:
        with server, server.accept()[0] as connection:
            connection.recv(65536)
            connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread


@pytest.mark.parametrize(
    ("body", "state"), [(b'{"Version": "29.1", "ApiVersion": "1.52"}', "ok"), (b"not json", "warn"), (b"[]", "warn")]
)
def test_docker_is_asked_for_its_version(
    tmp_path: Path, body: bytes, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "d.sock"
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b" % (len(body), body)
    thread = engine(path, answer)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    check = doctor.check_docker()
    thread.join()
    assert check.state == state
    assert state != "ok" or check.detail == f"engine 29.1 at {path}"


def test_a_socket_without_an_engine_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "d.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(str(path))
    monkeypatch.setenv("DOCKER_HOST", f"unix://{path}")
    assert doctor.check_docker().state == "warn"


def test_no_docker_is_no_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(doctor, "DOCKER_SOCKETS", ("/nonexistent/docker.sock",))
    assert doctor.check_docker().state == "absent"


def test_a_terminal_without_utf8_is_told() -> None:
    assert doctor.check_terminal("UTF-8").state == "ok"
    assert doctor.check_terminal("latin-1").state == "warn"


def test_a_project_that_cannot_be_read_fails_without_an_exception(project: Project) -> None:
    Path(project.settings_path).unlink()
    by_name = {check.name: check for check in doctor.diagnose(project, encoding="utf-8")}
    assert by_name["project"].state == "fail"
    assert by_name["store"].state == "fail"
    assert by_name["disk"].state == "ok"
