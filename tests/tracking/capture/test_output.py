"""What a process prints is recorded, and still reaches its terminal as it was."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tracking.rendering import rendered
from tests.tracking.terminal import run_python, terminal, wait_until
from workbench.tracking.capture.output import OutputCapture

RECORDING = """
import json, os, subprocess, sys, threading, time
from workbench.tracking.capture.output import OutputCapture
lines = []
capture = OutputCapture(lambda *line: lines.append(line))
def finish():
    capture.stop()
    with open("lines.json", "w") as file:
        json.dump(lines, file)
"""


def recorded(stream: int) -> list[str]:
    """What a program with RECORDING has recorded of a stream."""
    lines = json.loads(Path("lines.json").read_text())
    return list(rendered((text, newline) for number, text, newline in lines if number == stream))


def test_everything_that_writes_to_the_descriptors_is_recorded_and_shown() -> None:
    done = run_python(
        RECORDING
        + """
print("before")
capture.start()
print("python"); sys.stdout.flush(); os.write(1, b"raw \\xff\\n"); sys.stderr.write("error\\n")
subprocess.run(["sh", "-c", "echo child; echo child error >&2"])
import ctypes; ctypes.CDLL(None).puts(b"c library"); ctypes.CDLL(None).fflush(None)
print("buffered until the end", end="")
finish()
print("after")
"""
    )
    assert done.stdout == b"before\npython\nraw \xff\nchild\nc library\nbuffered until the endafter\n"
    assert done.stderr == b"error\nchild error\n"
    assert recorded(1) == ["python", "raw \\xff", "child", "c library", "buffered until the end"]
    assert recorded(2) == ["error", "child error"]


def test_every_byte_passes_unchanged() -> None:
    done = run_python(
        RECORDING
        + """
capture.start()
for n in range(256):
    os.write(1, bytes([n]) * 1000 + bytes(range(256)))
finish()
"""
    )
    assert done.stdout == b"".join(bytes([n]) * 1000 + bytes(range(256)) for n in range(256))


def test_a_terminal_stays_a_terminal_of_the_same_size() -> None:
    code = (
        RECORDING
        + """
capture.start()
print(sys.stdout.isatty(), sys.stderr.isatty(), os.get_terminal_size(), flush=True)
input("go on? ")
deadline = time.monotonic() + 30
while os.get_terminal_size().columns != 120 and time.monotonic() < deadline:
    time.sleep(0.1); print(".", flush=True)
print("now", os.get_terminal_size().columns, flush=True)
print("\\033[31mred\\033[0m", flush=True)
finish()
print(os.isatty(1))
"""
    )
    with terminal(sys.executable, "-c", code, rows=33, columns=99) as screen:
        screen.expect(b"go on? ")
        screen.resize(33, 120)
        screen.type(b"y\n")
        assert screen.wait() == 0
    assert b"True True os.terminal_size(columns=99, lines=33)\r\n" in screen.output
    assert b"\r\nnow 120\r\n\x1b[31mred\x1b[0m\r\nTrue\r\n" in screen.output
    assert recorded(1)[0] == "True True os.terminal_size(columns=99, lines=33)"
    assert recorded(1)[-2:] == ["now 120", "red"]


def test_a_prompt_is_recorded_before_it_is_answered() -> None:
    done = run_python(
        RECORDING
        + """
capture.start()
sys.stdout.write("Name: "); sys.stdout.flush()
deadline = time.monotonic() + 30
while not lines and time.monotonic() < deadline:
    time.sleep(0.05)
print("Ada")
finish()
"""
    )
    assert done.stdout == b"Name: Ada\n"
    assert json.loads(Path("lines.json").read_text()) == [[1, "Name: ", False], [1, "Ada", True]]


def test_stop_does_not_wait_for_a_child_that_holds_the_descriptors_and_the_child_goes_on() -> None:
    done = run_python(
        RECORDING
        + """
capture.start()
child = subprocess.Popen(["sh", "-c", "echo early; read line; echo late $line"], stdin=subprocess.PIPE)
while not lines: time.sleep(0.01)
started = time.monotonic()
finish()
assert time.monotonic() - started < 5
child.communicate(b"enough\\n")
assert child.returncode == 0
print("end", flush=True)
while threading.active_count() > 1: time.sleep(0.01)
"""
    )
    assert sorted(done.stdout.splitlines()) == [b"early", b"end", b"late enough"]
    assert recorded(1) == ["early"]


def test_a_forked_child_is_recorded_by_the_parent_and_its_stop_does_nothing() -> None:
    done = run_python(
        RECORDING
        + """
capture.start()
pid = os.fork()
if pid == 0:
    os.write(1, b"child\\n")
    capture.stop()
    os.write(1, b"child still\\n")
    os._exit(0)
os.waitpid(pid, 0)
print("parent", flush=True)
finish()
"""
    )
    assert done.stdout == b"child\nchild still\nparent\n"
    assert recorded(1) == ["child", "child still", "parent"]


def test_capture_can_begin_again() -> None:
    run_python(
        RECORDING
        + """
for number in range(3):
    capture.start(); capture.start()
    print("round", number)
    capture.stop(); capture.stop()
    print("not this")
assert len(os.listdir("/proc/self/fd")) < 12, os.listdir("/proc/self/fd")
finish()
"""
    )
    assert recorded(1) == ["round 0", "round 1", "round 2"]


def test_a_callback_that_fails_does_not_stop_the_output() -> None:
    done = run_python(
        "from workbench.tracking.capture.output import OutputCapture\n"
        "def fail(*line): raise ValueError\n"
        "capture = OutputCapture(fail, fail)\ncapture.start()\nprint('one')\ncapture.stop()\nprint('two')"
    )
    assert (done.stdout, done.stderr) == (b"one\ntwo\n", b"")


def test_a_reader_that_is_gone_is_seen_by_the_program() -> None:
    code = RECORDING + "capture.start()\nwhile True: os.write(1, b'line\\n')"
    done = subprocess.run(
        ["sh", "-c", f"'{sys.executable}' -c \"$0\" | head -2", code], capture_output=True, timeout=30
    )
    assert done.stdout == b"line\nline\n"
    assert b"BrokenPipeError" in done.stderr


def test_closed_descriptors_are_left_alone() -> None:
    done = subprocess.run(
        [
            "sh",
            "-c",
            f"'{sys.executable}' -c \"$0\" >&-",
            RECORDING + "capture.start()\nos.write(2, b'x\\n')\nfinish()",
        ],
        capture_output=True,
        timeout=30,
    )
    assert (done.returncode, done.stderr) == (0, b"x\n")
    assert recorded(2) == ["x"]


def test_too_much_output_is_shown_and_not_recorded() -> None:
    done = run_python(
        RECORDING
        + """
capture = OutputCapture(lambda *line: lines.append(line), max_recorded_bytes=2**20)
capture.start()
for n in range(40_000): print("x" * 49)
finish()
"""
    )
    assert len(done.stdout) == 2_000_000
    lines = recorded(1)
    assert lines[-1] == "[output beyond 1 MiB is not recorded]"
    assert 20_000 < len(lines) < 22_000


def test_a_batch_ends_when_the_lines_at_hand_were_passed_on() -> None:
    run_python(
        RECORDING
        + """
batch, batches = [], []
def pause():
    if batch: batches.append(len(batch)); batch.clear()
capture = OutputCapture(lambda *line: batch.append(line), pause)
capture.start()
os.write(1, b"line\\n" * 1000)
capture.stop()
assert sum(batches) == 1000 and len(batches) < 100, batches
lines.append((1, "well", True))
finish()
"""
    )
    assert recorded(1) == ["well"]


def test_a_python_stream_that_leads_elsewhere_is_recorded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = io.StringIO()
    monkeypatch.setattr(sys, "stdout", notebook)
    lines: list[tuple[int, str, bool]] = []
    capture = OutputCapture(lambda *line: lines.append(line))
    capture.start()
    try:
        print("a cell")
        sys.stdout.writelines(["more", "\n"])
        sys.stdout.write("open")
        wait_until(lambda: (1, "open", False) in lines, "a preview of the open line")
        assert notebook.getvalue().startswith("a cell")
    finally:
        capture.stop()
    assert sys.stdout is notebook
    print("not this")
    assert notebook.getvalue() == "a cell\nmore\nopennot this\n"
    assert [line for line in lines if line[0] == 1] == [(1, "a cell", True), (1, "more", True), (1, "open", False)]


def test_the_test_runners_own_capture_still_works(capfd: pytest.CaptureFixture[str]) -> None:
    lines: list[tuple[int, str, bool]] = []
    capture = OutputCapture(lambda *line: lines.append(line))
    capture.start()
    print("python")
    os.write(1, b"raw\n")
    capture.stop()
    assert sorted(lines) == [(1, "python", True), (1, "raw", True)]
    assert sorted(capfd.readouterr().out.split()) == ["python", "raw"]


def test_two_streams_that_are_written_in_turn_keep_their_order() -> None:
    run_python(
        RECORDING
        + """
capture.start()
for place, text in enumerate((b"error 0", b"out 0", b"error 1", b"out 1")):
    os.write(2 if text.startswith(b"error") else 1, text + b"\\n")
    deadline = time.monotonic() + 20
    while len(lines) <= place and time.monotonic() < deadline:
        time.sleep(0.001)
finish()
"""
    )
    assert [text for _, text, _ in json.loads(Path("lines.json").read_text())] == [
        "error 0",
        "out 0",
        "error 1",
        "out 1",
    ]
