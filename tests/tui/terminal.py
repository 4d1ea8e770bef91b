"""The app, or any program, in a real terminal: its keys are pressed and its screen is read as a person would."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import psutil
import pytest

from tests.terminal import TmuxTerminal, unavailable
from workbench.base.project import Project

SIZE = (80, 24)
DEADLINE_S = 8.0
POLL_S = 0.02
UNLIKE_A_PERSONS = ("NO_COLOR", "COLUMNS", "LINES", "PYTHONDONTWRITEBYTECODE", "PYTEST_", "WORKBENCH_")
"""Variables of a test run that would change how the app starts and draws."""

_WHY_NOT = unavailable()
needs_terminal = pytest.mark.skipif(_WHY_NOT is not None, reason=str(_WHY_NOT))

Predicate = Callable[[str], bool]


def workbench(*arguments: str) -> list[str]:
    """A command line of the product, in this interpreter."""
    return [sys.executable, "-m", "workbench", *arguments]


def environment(**more: str) -> dict[str, str]:
    """This environment as a person's would be: with colours, and the size of its own terminal."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(UNLIKE_A_PERSONS)}
    return kept | more


class Terminal(TmuxTerminal):
    """A program in a terminal of its own; both are gone at the end of the `with` block.

    Args:
        command: the program.
        size: columns and lines.
        env: the whole environment; by default `environment()`.
    """

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int] = SIZE, env: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(size, environment() if env is None else env)
        try:
            self.start(command)
        except BaseException:
            self.close()
            raise

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, in tmux's names: `j`, `Enter`, `Escape`, `C-d`."""
        self.type(*keys)

    def back(self, shown: str) -> None:
        """Press escape, and wait until what it closes, which shows `shown`, is gone.

        A key that comes before the app has read the escape is another key with Alt; what the screen shows beside may
        stand there from before, for a busy app draws in parts.
        """
        self.press("Escape")
        self.wait_without(shown)

    def write(self, text: str) -> None:
        """Type a text as it stands, one letter after the other; enter at the end of each line."""
        for line in text.splitlines(keepends=True):
            self._ask(f"send-keys -t main: -l {shlex.quote(line.rstrip(chr(10)))}")
            if line.endswith("\n"):
                self.press("Enter")

    def wait_until(self, predicate: Predicate, what: str = "the screen", deadline_s: float = DEADLINE_S) -> str:
        """Wait until `predicate(screen)` is true; returns that screen.

        Raises:
            TerminalError: the time is up, or the program has ended; shows the screen.
        """
        deadline = time.monotonic() + deadline_s
        while True:
            shown = self.screen()
            if predicate(shown):
                return shown
            if not self.running() and not predicate(shown := self.screen()):
                raise self.error(f"the program ended with {self.exit_status()} before: {what}")
            if time.monotonic() > deadline:
                raise self.error(f"not within {deadline_s:g} s: {what}")
            time.sleep(POLL_S)

    def wait_for(self, text: str, deadline_s: float = DEADLINE_S) -> str:
        """Wait until the screen holds `text`; returns the screen. Raises as `wait_until`."""
        return self.wait_until(lambda shown: text in shown, repr(text), deadline_s)

    def wait_without(self, text: str, deadline_s: float = DEADLINE_S) -> str:
        """Wait until the screen holds no `text`; returns the screen. Raises as `wait_until`."""
        return self.wait_until(lambda shown: text not in shown, f"no {text!r}", deadline_s)

    def wait_for_line(self, pattern: str, deadline_s: float = DEADLINE_S) -> re.Match[str]:
        """Wait until a line matches a regular expression somewhere; returns the match. Raises as `wait_until`."""
        expression = re.compile(pattern, re.MULTILINE)
        shown = self.wait_until(lambda shown: expression.search(shown) is not None, repr(pattern), deadline_s)
        found = expression.search(shown)
        assert found is not None
        return found

    def wait_for_end(self, deadline_s: float = DEADLINE_S) -> int:
        """Wait until the program has ended; returns its exit status, or minus the signal that ended it.

        Raises:
            TerminalError: it goes on.
        """
        deadline = time.monotonic() + deadline_s
        while (status := self.exit_status()) is None:
            if time.monotonic() > deadline:
                raise self.error(f"still running after {deadline_s:g} s")
            time.sleep(POLL_S)
        return status

    def exit_status(self) -> int | None:
        """What the program has ended with: its status, or minus the number of a signal; None while it runs."""
        if self.running():
            return None
        ended_by = self.ask("pane_dead_signal")
        if ended_by:
            return -(int(ended_by) if ended_by.isdigit() else signal.Signals[f"SIG{ended_by}"].value)
        status = self.ask("pane_dead_status")
        return int(status) if status else None  # the terminal is closed, the process not yet waited for

    def history(self) -> str:
        """The screen, and everything that has scrolled out of it; of the terminal's first screen, not the app's."""
        return "\n".join(self._ask("capture-pane -p -S - -t main:"))

    def app_process(self) -> psutil.Process:
        """The process of `workbench`, which may have been started from a shell."""
        return next(process for process in self.processes() if "workbench" in process.cmdline())


def app_in_terminal(
    project: Project, *options: str, size: tuple[int, int] = SIZE, env: Mapping[str, str] | None = None
) -> Terminal:
    """The app on a project, in a terminal of its own; `options` such as `--read-only`."""
    return Terminal(workbench("-C", project.root, "ui", *options), size=size, env=env)
