"""Who and what this process is."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.tracking.capture.process import describe_process, user_name


def test_a_process_is_described_in_full() -> None:
    described = describe_process()
    assert described["host"] == os.uname().nodename
    assert described["cwd"] == os.getcwd()
    assert described["python"] == ".".join(map(str, sys.version_info[:3]))
    assert set(described) == {"user", "host", "command", "cwd", "python"}


def test_the_command_line_is_the_original_one_without_secrets(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text(
        "from workbench.tracking.capture.process import describe_process as d; print(*d()['command'][1:])\n"
    )
    command = [sys.executable, "-B", str(script), "--token", "hunter2", "--lr=0.1"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout == f"-B {script} --token *** --lr=0.1\n"


def test_the_user_is_known_without_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LOGNAME", "USER", "USERNAME"):
        monkeypatch.delenv(name, raising=False)
    assert user_name() == pwd.getpwuid(os.getuid()).pw_name
    monkeypatch.setattr(os, "getuid", lambda: 4_000_000)
    assert user_name() == "uid 4000000"
    monkeypatch.setenv("USER", "ada")
    assert user_name() == "ada"


def test_a_working_directory_that_is_gone_is_empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert describe_process()["cwd"] == ""
    os.chdir(tmp_path)


def test_describing_loads_nothing_heavy() -> None:
    code = (
        "import sys; from workbench.tracking.capture.process import describe_process; describe_process();"
        "print([m for m in ('socket', 'getpass', 'subprocess', 'pathlib', 'typing', 'psutil') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-I", "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
                          capture_output=True, text=True, check=True)  # fmt: skip
    assert done.stdout == "[]\n"
