"""Code blocks of the documentation: found, run in order, and compared with the output that the page shows.

A page's blocks run in one scratch folder, top to bottom, so that a later block sees what an earlier one made.

    ```bash       runs as one script; it must succeed
    ```python     runs as one program; it must succeed
    ```console    lines that start with `$ ` run; the other lines are what they print

What a console block shows must come in that order in what the command prints. `…` stands for any text,
a line of `…` for any lines, and any run of spaces or box-drawing lines for any other. A command that shows
`exit status N` must end with that status, every other with 0.

A comment on the line above a block says what else happens to it:

    <!-- not run: WHY -->     shown only
    <!-- file: NAME -->       written to NAME in the scratch folder
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
LANGUAGES = ("bash", "python", "console")
TIMEOUT_S = 120

_BLOCK = re.compile(r"(?:^<!-- (?P<marker>.+?) -->\n)?^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
_STATUS = re.compile(r"exit status (\d+)")


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:
        page: path of the page, relative to the repository.
        line: of the fence, from 1.
        language: after the fence.
        marker: of the comment above it, or "".
        text: between the fences.
    """

    page: str
    line: int
    language: str
    marker: str
    text: str

    @property
    def runs(self) -> bool:
        """Whether it is a program, rather than shown only or written to a file."""
        return self.language in LANGUAGES and not self.marker.startswith(("not run:", "file:"))


@dataclass(frozen=True)
class Step:
    """A command of a console block and the lines that it is shown to print."""

    command: str
    shown: list[str]


def blocks_of(page: str, text: str) -> list[Block]:
    """Every fenced block of a page with a language, in order."""
    found = []
    for match in _BLOCK.finditer(text):
        line = text.count("\n", 0, match.start("language")) + 1
        found.append(Block(page, line, match["language"], match["marker"] or "", match["text"]))
    return found


def console_steps(text: str) -> list[Step]:
    """The commands of a console block; a command ending in a backslash goes on in the next line."""
    steps: list[Step] = []
    goes_on = False
    for line in text.splitlines():
        if goes_on:
            steps[-1] = Step(f"{steps[-1].command}\n{line}", [])
        elif line.startswith("$ "):
            steps.append(Step(line[2:], []))
        elif steps:
            steps[-1].shown.append(line)
        elif line.strip():
            raise ValueError(f"output before the first command: {line!r}")
        goes_on = (goes_on and line.endswith("\\")) or (line.startswith("$ ") and line.endswith("\\"))
    return steps


def missing_line(shown: list[str], printed: str) -> str | None:
    """The first line of `shown` that does not come, in order, in `printed`; None when all do."""
    lines = iter([_squeezed(line) for line in printed.splitlines()])
    for line in shown:
        wanted = _squeezed(line)
        if wanted in ("", "…") or _STATUS.fullmatch(wanted):
            continue
        pattern = re.compile(".*".join(re.escape(part.strip()) for part in wanted.split("…")))
        if not any(pattern.search(found) for found in lines):
            return line
    return None


def run_block(block: Block, folder: Path) -> None:
    """Do what the page tells the reader to do.

    Raises:
        AssertionError: a program failed or did not print what the page shows.
    """
    where = f"{block.page}:{block.line}"
    if block.marker.startswith("file:"):
        path = folder / block.marker.removeprefix("file:").strip()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(block.text)
    elif not block.runs:
        return
    elif block.language == "python":
        _run([sys.executable, "-c", block.text], folder, where, 0)
    elif block.language == "bash":
        _run(["bash", "-euo", "pipefail", "-c", block.text], folder, where, 0)
    else:
        for step in console_steps(block.text):
            statuses = [match for line in step.shown if (match := _STATUS.fullmatch(line.strip()))]
            status = int(statuses[0][1]) if statuses else 0
            printed = _run(["bash", "-uo", "pipefail", "-c", step.command], folder, f"{where}: {step.command}", status)
            missing = missing_line(step.shown, printed)
            assert missing is None, f"{where}: `{step.command}` does not print\n{missing}\nbut\n{printed}"


def _run(arguments: list[str], folder: Path, where: str, status: int) -> str:
    """Everything that the command prints, stderr included."""
    programs = str(Path(sys.executable).parent)
    done = subprocess.run(
        arguments,
        cwd=folder,
        env={**os.environ, "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )
    assert done.returncode == status, f"{where} ended with status {done.returncode}\n{done.stdout}"
    return done.stdout


def _squeezed(line: str) -> str:
    return re.sub(r"[\s─━═]+", " ", line).strip()
