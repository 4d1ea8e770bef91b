"""A real terminal, driven from outside: tmux shows its screen and types its keys.

One tmux client in control mode stays attached and answers over a pipe: looking at the screen takes a fraction of a
millisecond and starts no process, so that looking often does not slow down what is looked at.
"""

from __future__ import annotations

import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

import psutil

ANSWER_S = 10.0
NEEDED = "tmux 3.2 or newer"


class TerminalError(Exception):
    """The program did not do what was waited for; the message ends with its screen."""


def unavailable() -> str | None:
    """Why no terminal can be had, None where one can."""
    path = shutil.which("tmux")
    if path is None:
        return f"{NEEDED} is not installed"
    told = subprocess.run([path, "-V"], capture_output=True, text=True, check=False).stdout
    version = re.search(r"(\d+)\.(\d+)", told)
    if version is not None and (int(version[1]), int(version[2])) < (3, 2):
        return f"{NEEDED} is needed, found {told.strip()}"
    return None


class TmuxTerminal:
    """A terminal of its own, gone with everything in it when closed.

    Args:
        size: columns and lines.
        env: the whole environment of the programs (default: this one's).
    """

    def __init__(self, size: tuple[int, int], env: Mapping[str, str] | None = None) -> None:
        self.size = size
        environment = {name: value for name, value in (os.environ if env is None else env).items() if name != "TMUX"}
        environment |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self._folder = tempfile.mkdtemp(prefix="workbench-tmux-")  # short: a socket's path holds a hundred characters
        self._tmux = ["tmux", "-S", f"{self._folder}/socket", "-f", os.devnull]
        self._env = environment
        self._buffer = b""
        self._run("new-session", "-d", "-s", "main", "-x", str(size[0]), "-y", str(size[1]), "sleep", "86400")
        try:
            for option in (
                ("-g", "remain-on-exit", "on"), ("-g", "window-size", "manual"), ("-g", "status", "off"),
                ("-s", "escape-time", "0"), ("-g", "default-terminal", "tmux-256color"),
                ("-q", "-g", "remain-on-exit-format", ""),
            ):  # fmt: skip
                self._run("set-option", *option)
            self._client = subprocess.Popen(
                [*self._tmux, "-C", "attach-session", "-f", "no-output,ignore-size", "-t", "main"],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
            self._answer()
        except BaseException:
            self._kill()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the terminal and every program in it."""
        self._kill()
        self._client.communicate(timeout=ANSWER_S)

    def start(self, command: Sequence[str]) -> None:
        """Start a program on an empty screen, instead of the one before, which is killed."""
        self._ask(f"respawn-pane -k -t main: {shlex.join(command)}")

    def ask(self, variable: str) -> str:
        """One of tmux's variables, such as `cursor_flag`."""
        return self._ask(f"display-message -p -t main: '#{{{variable}}}'")[0]

    def pid(self) -> int:
        """The process id of the program."""
        return int(self.ask("pane_pid"))

    def processes(self) -> list[psutil.Process]:
        """The program and its children."""
        program = psutil.Process(self.pid())
        return [program, *program.children(recursive=True)]

    def running(self) -> bool:
        """Whether the program has not ended."""
        with suppress(psutil.NoSuchProcess):
            if psutil.Process(self.pid()).status() == psutil.STATUS_ZOMBIE:
                os.kill(int(self.ask("pid")), signal.SIGCHLD)  # tmux at times overlooks that its child has ended
        return self.ask("pane_dead") != "1"

    def screen(self, *, styled: bool = False) -> str:
        """What is shown, with escape sequences if `styled`."""
        return "\n".join(self._ask(f"capture-pane -p {'-e ' if styled else ''}-t main:"))

    def type(self, *keys: str) -> None:
        """Type keys, in tmux's names, and do not wait."""
        self._ask(f"send-keys -t main: {shlex.join(keys)}")

    def resize(self, width: int, height: int) -> None:
        """Give the terminal another size."""
        self.size = (width, height)
        self._ask(f"resize-window -t main: -x {width} -y {height}")

    def error(self, what: str) -> TerminalError:
        """An error that shows the screen."""
        return TerminalError(f"{what}; the screen:\n{self.screen().rstrip()}")

    def _kill(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], env=self._env, capture_output=True, check=False)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _run(self, *words: str) -> None:
        subprocess.run([*self._tmux, *words], env=self._env, capture_output=True, check=True)

    def _ask(self, command: str) -> list[str]:
        assert self._client.stdin is not None
        self._client.stdin.write(command.encode() + b"\n")
        self._client.stdin.flush()
        return self._answer()

    def _answer(self) -> list[str]:
        """The lines between %begin and its %end; what tmux says by itself in between is skipped."""
        lines: list[str] = []
        marks = ""
        while True:
            line = self._line()
            if not marks:
                marks = line.removeprefix("%begin ") if line.startswith("%begin ") else ""
            elif line == f"%end {marks}":
                return lines
            elif line == f"%error {marks}":
                raise TerminalError("tmux: " + " ".join(lines))
            else:
                lines.append(line)

    def _line(self) -> str:
        assert self._client.stdout is not None
        descriptor = self._client.stdout.fileno()
        while b"\n" not in self._buffer:
            ready, _, _ = select.select([descriptor], [], [], ANSWER_S)
            part = os.read(descriptor, 1 << 16) if ready else b""
            if not part:
                raise TerminalError(f"tmux said nothing for {ANSWER_S:g} s" if not ready else "tmux has ended")
            self._buffer += part
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.decode(errors="replace")
