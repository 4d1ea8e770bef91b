"""Signals as messages, for a process that stands between a terminal and a command."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NamedTuple

ENDING = frozenset((signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT))
_PASSED_ON = ENDING | {signal.SIGUSR1, signal.SIGUSR2}
_WATCHED = _PASSED_ON | {signal.SIGCHLD, signal.SIGWINCH}
_POLL_INTERVAL_S = 0.1


class Received(NamedTuple):
    """A signal that came.

    Attributes:
        number: which.
        from_terminal: the kernel sent it to the whole foreground group, as for Ctrl-C, so that the
            command has it already.
    """

    number: signal.Signals
    from_terminal: bool


class SignalInbox:
    """While it is open, signals wait here instead of interrupting. Ignored ones (nohup) stay ignored.

    Where the operating system lets a process ask for a signal's origin (Linux, and only before other
    threads start) a Ctrl-C is told from a `kill -INT`. Elsewhere every interrupt that arrives while
    this process has the terminal counts as a Ctrl-C. Outside the main thread there are no signals,
    and `next` only waits a moment.
    """

    def __init__(self) -> None:
        self._main = threading.current_thread() is threading.main_thread()
        self._asks = self._main and hasattr(signal, "sigtimedwait") and threading.active_count() == 1
        self._arrived: deque[int] = deque()
        self._handlers: dict[signal.Signals, object] = {}
        self._watched: set[signal.Signals] = set()
        self._mask: set[int] = set()

    def __enter__(self) -> SignalInbox:
        if self._main:
            # What is ignored must stay so, but for SIGCHLD, which is by default.
            ignored = {s for s in _PASSED_ON if signal.getsignal(s) in (signal.SIG_IGN, None)}
            self._watched = set(_WATCHED - ignored)
        self._handlers = {number: signal.signal(number, self._note) for number in self._watched}
        if self._asks:
            self._mask = set(signal.pthread_sigmask(signal.SIG_BLOCK, self._watched))
        return self

    def __exit__(self, *error: object) -> None:
        if self._asks:
            while signal.sigtimedwait(self._watched, 0):  # what came too late for the command must not end us now
                pass
            signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        for number, handler in self._handlers.items():
            signal.signal(number, handler)  # type: ignore[arg-type]

    @contextmanager
    def spawning(self) -> Iterator[None]:
        """While the command is started: it must not inherit that signals are held back."""
        if not self._asks:
            yield
            return
        signal.pthread_sigmask(signal.SIG_SETMASK, self._mask)
        try:
            yield
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, self._watched)

    def next(self, timeout_s: float) -> Received | None:
        """The next signal, or None after `timeout_s` or where there may be news of a child."""
        if self._asks and not self._arrived:
            info = signal.sigtimedwait(self._watched, max(0.0, timeout_s))
            # https://man7.org/linux/man-pages/man2/sigaction.2.html: codes above 0 are the kernel's
            return Received(signal.Signals(info.si_signo), info.si_code > 0) if info else None
        deadline_s = time.monotonic() + timeout_s
        if not self._arrived:
            time.sleep(max(0.0, min(_POLL_INTERVAL_S, deadline_s - time.monotonic())))
        if not self._arrived:
            return None
        number = signal.Signals(self._arrived.popleft())
        return Received(number, number in (signal.SIGINT, signal.SIGQUIT) and _has_terminal())

    def _note(self, number: int, frame: FrameType | None) -> None:
        self._arrived.append(number)


def _has_terminal() -> bool:
    """Whether this process is in the foreground of its terminal."""
    try:
        fd = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(fd) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(fd)
