"""A terminal that measures: how long until its screen shows something, and how long after a key it changes."""

from __future__ import annotations

import re
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from itertools import count

from tests.terminal import TerminalError, TmuxTerminal, unavailable

__all__ = ["SIZE", "Terminal", "TerminalError", "View", "matching_lines", "rows_and_cursor", "unavailable"]

SIZE = (120, 40)
START_POLL_S = 0.010
KEY_POLL_S = 0.002
STYLE = re.compile(r"\x1b\[[0-9;:]*m")

View = Callable[[str], object]
"""What of a screen, given with its escape sequences, counts."""


class Terminal(TmuxTerminal):
    """A terminal of its own, gone with everything in it when closed. Arguments as `TmuxTerminal`."""

    def __init__(self, size: tuple[int, int] = SIZE, env: Mapping[str, str] | None = None) -> None:
        super().__init__(size, env)
        self._started = 0.0

    def start(self, command: Sequence[str]) -> None:
        """Start a program on an empty screen, instead of the one before, which is killed."""
        self._started = time.perf_counter()
        super().start(command)

    def stop(self, key: str = "q", timeout_s: float = 10.0) -> None:
        """Ask the program to quit and wait until it has.

        Raises:
            TerminalError: it has not.
        """
        deadline = time.perf_counter() + timeout_s
        self.type(key)
        while self.running():
            if time.perf_counter() > deadline:
                raise self.error(f"still running {timeout_s:g} s after the key {key}")
            time.sleep(START_POLL_S)

    def capture_cost_ms(self, times: int = 50) -> float:
        """Milliseconds that one look at the screen takes: what every figure may be too long by, beside the polling."""
        samples = []
        for _ in range(times):
            start = time.perf_counter()
            self.screen(styled=True)
            samples.append(time.perf_counter() - start)
        return statistics.median(samples) * 1e3

    def wait_for(self, text: str | Callable[[str], bool], timeout_s: float = 30.0) -> float:
        """Seconds from the start of the program until its plain screen holds `text`, or `text(screen)` is true.

        Raises:
            TerminalError: it has ended, or the time is up.
        """
        found = (lambda shown: text in shown) if isinstance(text, str) else text
        for looks in count():
            shown = self.screen()
            now = time.perf_counter()
            if found(shown):
                return now - self._started
            if looks % 20 == 19 and not self.running():
                raise self.error("the program ended")
            if now - self._started > timeout_s:
                raise self.error(f"not seen within {timeout_s:g} s: {text if isinstance(text, str) else 'a screen'}")
            time.sleep(START_POLL_S)
        raise AssertionError

    def wait_for_lines(self, pattern: str, least: int = 1, timeout_s: float = 30.0) -> tuple[float, float]:
        """Seconds from the start to `least` lines that hold `pattern`, and to the first time of as many as in the end.

        The end is when their number has not changed for half a second.
        """
        first_s = self.wait_for(lambda shown: matching_lines(shown, pattern) >= least, timeout_s)
        most, full_s, changed = least, first_s, time.perf_counter()
        while time.perf_counter() - changed < 0.5:
            lines, now = matching_lines(self.screen(), pattern), time.perf_counter()
            if lines > most:
                most, full_s, changed = lines, now - self._started, now
            time.sleep(START_POLL_S)
        return first_s, full_s

    def press(self, *keys: str, view: View = str, timeout_s: float = 5.0) -> float:
        """Type keys (in tmux's names); milliseconds until the styled screen changed, or what `view` makes of it.

        Raises:
            TerminalError: nothing changed in time.
        """
        before = view(self.screen(styled=True))
        start = time.perf_counter()
        self.type(*keys)
        while True:
            after = view(self.screen(styled=True))
            now = time.perf_counter()
            if after != before:
                return (now - start) * 1e3
            if now - start > timeout_s:
                raise self.error(f"nothing changed within {timeout_s:g} s of the key {' '.join(keys)}")
            time.sleep(KEY_POLL_S)

    def press_until(self, key: str, found: Callable[[str], bool], timeout_s: float = 15.0) -> float:
        """Type a key; milliseconds until `found` holds of the plain screen."""
        start = time.perf_counter()
        self.type(key)
        while not found(self.screen()):
            if time.perf_counter() - start > timeout_s:
                raise self.error(f"not shown within {timeout_s:g} s of the key {key}")
            time.sleep(KEY_POLL_S)
        return (time.perf_counter() - start) * 1e3

    def settle(self, quiet_s: float = 0.5, timeout_s: float = 5.0) -> None:
        """Wait until the screen has not changed for `quiet_s`, or the time is up: something may tick for ever."""
        deadline = time.perf_counter() + timeout_s
        shown, changed = self.screen(styled=True), time.perf_counter()
        while time.perf_counter() - changed < quiet_s and time.perf_counter() < deadline:
            time.sleep(START_POLL_S)
            if (now := self.screen(styled=True)) != shown:
                shown, changed = now, time.perf_counter()


def matching_lines(screen: str, pattern: str) -> int:
    """How many lines hold `pattern`."""
    return sum(re.search(pattern, line) is not None for line in screen.splitlines())


def rows_and_cursor(pattern: str) -> View:
    """A view of a list: the names in it and where which style begins, which is where its cursor is.

    Values that change by themselves are none of it: a live run does not look like an answer to a key.
    """

    def view(screen: str) -> object:
        return re.findall(pattern, screen), [STYLE.findall(line) for line in screen.split("\n")]

    return view
