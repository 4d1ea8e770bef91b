"""What the app and the system around it agree on: signals to end and to go on, and the terminal meanwhile."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from workbench.tui.app import WorkbenchApp

ENDING = (signal.SIGTERM, signal.SIGHUP)
ENDING_S = 1.5
"""So long after such a signal the process ends, whatever it is doing."""


def listen(app: WorkbenchApp) -> None:
    """Hear signals from now on; for the app's own thread, once it runs in a terminal."""
    loop = asyncio.get_running_loop()
    for number in ENDING:
        loop.add_signal_handler(number, _end, app, number)
    if app.terminal_before is not None:  # what a shell or an editor gets while the app is aside
        driver: Any = app._driver
        driver.attrs_before = app.terminal_before
    signal.signal(signal.SIGCONT, lambda *_: _go_on(app))


def _end(app: WorkbenchApp, number: signal.Signals) -> None:
    """Leave in good order; where the terminal is gone and nothing can be written to it, without."""
    app.ended_by = number
    patience = threading.Timer(ENDING_S, os._exit, (128 + number,))
    patience.daemon = True
    patience.start()
    app.exit(return_code=128 + number)


def _go_on(app: WorkbenchApp) -> None:
    """Take the terminal again.

    Textual takes it as if it had given it back, which is so after Ctrl-Z in a shell. Whoever was stopped without
    being asked has not, and would read every key twice.
    """
    driver: Any = app._driver
    if driver is None or not driver._auto_restart:  # an editor or a pager has it
        return
    if not driver._must_signal_resume:
        driver.suspend_application_mode()
    driver.resume_application_mode()
    app.call_later(app.refresh, layout=True)
