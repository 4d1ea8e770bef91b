"""Running the command line in tests: in this process for speed, as a subprocess where streams matter."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer.main

from tests.conftest import FakeClock
from workbench.base.project import Project
from workbench.cli.app import app
from workbench.journal.writer import JournalWriter


@dataclass(frozen=True)
class Outcome:
    """What a command line did."""

    status: int
    stdout: str
    stderr: str


class Terminal(io.TextIOWrapper):
    """A stream that says that it is a terminal."""

    def __init__(self) -> None:
        super().__init__(io.BytesIO(), encoding="utf-8", newline="")

    def isatty(self) -> bool:
        """Always."""
        return True


def pipe() -> io.TextIOWrapper:
    """A stream that is no terminal."""
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="")


def workbench(*words: str, terminal: bool = False, stdin: str = "") -> Outcome:
    """Run `workbench WORDS` in this process; `terminal` makes all three streams terminals."""
    out = Terminal() if terminal else pipe()
    err = Terminal() if terminal else pipe()
    answers = Terminal() if terminal else pipe()
    answers.write(stdin)
    answers.seek(0)
    before = sys.stdin
    sys.stdin = answers
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            status = typer.main.get_command(app).main(list(words), standalone_mode=False)
    finally:
        sys.stdin = before
    return Outcome(status, _written(out), _written(err))


def process(
    *words: str, environment: Mapping[str, str] | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run `workbench WORDS` as its own process."""
    return subprocess.run(
        [*program(), *words],
        capture_output=True,
        text=True,
        input=stdin,
        env={**os.environ, **(environment or {})},
        timeout=60,
        check=False,
    )


def program() -> list[str]:
    """The words that start `workbench` with this Python."""
    return [sys.executable, "-c", "from workbench.cli.app import main; main()"]


def write_run(
    project: Project,
    uid: str,
    events: Sequence[dict[str, object]] = (),
    *,
    metrics: Mapping[str, Sequence[float]] | None = None,
    name: str = "brave-otter",
    experiment: str = "fraud",
    status: str | None = "finished",
    clock: FakeClock | None = None,
) -> JournalWriter:
    """Write the journal of one run and return its writer, closed.

    With `status` None the run goes on, and the writer is open. The clock moves by a second for each value.
    """
    writer = JournalWriter(project.journal_dir, uid, durability="process")
    writer.event(
        "start",
        experiment=experiment,
        name=name,
        parent=None,
        resumed=False,
        user="ada",
        host="lab",
        command=["python", "train.py"],
        cwd="/code",
        python="3.11.7",
    )
    if events:
        writer.events(list(events))
    for key, values in (metrics or {}).items():
        for step, value in enumerate(values):
            if clock is not None:
                clock.advance(1)
            writer.metrics({key: value}, step)
    if status is not None:
        writer.event("end", status=status, exit_code=0 if status == "finished" else 1, error=None)
        writer.close()
    return writer


GOLDEN = Path(__file__).parent / "golden"


def check_golden(name: str, text: str) -> None:
    """Compare `text` with the golden file `name`, or write the file where the environment has `GOLDEN=write`."""
    path = GOLDEN / name
    if os.environ.get("GOLDEN") == "write":
        path.write_text(text, encoding="utf-8", newline="")
    expected = path.read_text(encoding="utf-8") if path.exists() else ""
    assert text == expected, f"differs from {path.name}; where that is meant: GOLDEN=write pytest tests/cli"


def _written(stream: io.TextIOWrapper) -> str:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
