"""The console: who is asked, who sees colour, and what happens when the reader leaves."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.harness import Terminal
from workbench.base.errors import InputError
from workbench.cli import console


def test_nobody_to_ask_is_refused_with_the_flag_that_agrees() -> None:
    with pytest.raises(InputError, match="no terminal to ask on") as caught:
        console.confirm("delete?", yes=False)
    assert "--yes" in str(caught.value.hint)


def test_yes_is_not_asked() -> None:
    assert console.confirm("delete?", yes=True)


@pytest.mark.parametrize(
    ("answer", "agreed"), [("y\n", True), ("YES\n", True), ("n\n", False), ("\n", False), ("", False)]
)
def test_only_a_yes_agrees(answer: str, agreed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    keyboard, screen = Terminal(), Terminal()
    keyboard.write(answer)
    keyboard.seek(0)
    monkeypatch.setattr(sys, "stdin", keyboard)
    monkeypatch.setattr(sys, "stderr", screen)
    assert console.confirm("delete?", yes=False) is agreed


def test_a_reader_that_leaves_is_no_error() -> None:
    code = "from workbench.cli import console, errors\nimport sys\n"
    code += "def body():\n    for n in range(100000): console.out(f'line {n}')\n"
    code += "sys.exit(errors.guarded(body))"
    done = subprocess.run(
        ["bash", "-c", f'set -o pipefail; "{sys.executable}" -c "$0" | head -1', code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("line 0\n", "", 0)


def test_a_file_appears_when_it_is_complete(tmp_path: object) -> None:
    with pytest.raises(RuntimeError), console.data_file("out.json") as file:
        file.write("half")
        raise RuntimeError
    listing = subprocess.run(["ls"], capture_output=True, text=True, check=True).stdout.split()
    assert listing == ["home"]


def test_a_file_that_cannot_be_written_is_the_user_s_mistake() -> None:
    with pytest.raises(InputError, match="cannot write nowhere/"), console.data_file("nowhere/x.csv") as file:
        file.write("")


def test_characters_that_the_terminal_lacks_are_escaped() -> None:
    code = "from workbench.cli import console; console.prepare(); console.out('● ok')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, env={"PYTHONIOENCODING": "ascii"}, check=True
    )
    assert done.stdout == b"\\u25cf ok\n"


def test_waiting_is_silent_in_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    with console.waiting("reading"):
        pass
    assert capsys.readouterr().err == ""


def test_a_full_disk_behind_stdout_is_said_in_one_line() -> None:
    code = "from workbench.cli import console, errors\nimport sys\n"
    code += "sys.exit(errors.guarded(lambda: console.out('x')))"
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.stderr, done.returncode) == ("error: cannot write to stdout: no space left on device\n", 2)


def test_streams_that_are_closed_from_the_start_lead_nowhere() -> None:
    code = "import os, sys\nfrom workbench.cli import console, errors\n"
    code += "console.prepare(); console.out('x'); console.note('y')\n"
    code += "assert sys.stdin.read() == '' and os.open(os.devnull, os.O_RDONLY) > 2\n"
    code += "sys.exit(errors.guarded(lambda: 7))"
    done = subprocess.run(["bash", "-c", f'"{sys.executable}" -c "$0" <&- >&- 2>&-', code], check=False)
    assert done.returncode == 7


def test_what_is_piped_into_a_pager_is_no_wider_than_the_terminal_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr("workbench.output.terminal.terminal_width", lambda stream: 72 if stream is sys.stderr else None)
    assert console.drawing_width() == 72
    monkeypatch.setattr("workbench.output.terminal.terminal_width", lambda stream: None)
    assert console.drawing_width() == 100
