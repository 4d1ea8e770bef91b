"""What the app and the system around it agree on: signals to end and to go on, and the terminal meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

ENDING = (signal.SIGTERM, signal.SIGHUP)
ENDING_S = 1.5
"""So long after such a signal the process ends, whatever its app is doing."""


def listen(app: WorkbenchApp) -> None:
    """Hear signals from now on; for the app's own thread, once it runs in a terminal.

    What a signal leads to is done between two steps of the app, never amid one: a step that writes to the terminal
    holds a lock for it that the handler would wait for without end.
    """
    loop = asyncio.get_running_loop()
    for number in ENDING:
        signal.signal(number, lambda number, _: _end_soon(app, loop, signal.Signals(number)))
    driver: Any = app._driver
    if app.terminal_before is not None:  # what a shell or an editor gets while the app is aside
        driver.attrs_before = app.terminal_before
    loop.add_signal_handler(signal.SIGTSTP, driver._sigtstp_application)
    loop.add_signal_handler(signal.SIGCONT, _Waking(app, loop).soon)


def _end_soon(app: WorkbenchApp, loop: asyncio.AbstractEventLoop, number: signal.Signals) -> None:
    """End with the app's next step; without one, where a terminal that takes no more text holds up the app."""
    if loop.is_closed():
        os._exit(128 + number)
    signal.signal(signal.SIGALRM, lambda *_: os._exit(128 + number))
    signal.setitimer(signal.ITIMER_REAL, ENDING_S)
    loop.call_soon_threadsafe(_end, app, number)


def _end(app: WorkbenchApp, number: signal.Signals) -> None:
    """Leave in good order."""
    app.ended_by = number
    app.exit(return_code=128 + number)


class _Waking:
    """Goes on once after signals that came in a row: it takes a tenth of a second, as Textual waits for a key."""

    def __init__(self, app: WorkbenchApp, loop: asyncio.AbstractEventLoop) -> None:
        self._app = app
        self._loop = loop
        self._due = False

    def soon(self) -> None:
        """A signal has come."""
        if not self._due:
            self._due = True
            self._loop.call_soon(self._go_on)

    def _go_on(self) -> None:
        """Take the terminal again.

        Textual takes it as if it had given it back, which is so after Ctrl-Z in a shell. Whoever was stopped without
        being asked has not, and would read every key twice.
        """
        self._due = False
        driver: Any = self._app._driver
        if driver is None or not driver._auto_restart:  # an editor or a pager has it
            return
        if not driver._must_signal_resume:
            driver.suspend_application_mode()
        driver.resume_application_mode()
        self._app.call_later(self._app.refresh, layout=True)
