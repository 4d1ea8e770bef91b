"""Ctrl-C for what has to be left tidily."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from workbench.base.errors import StoreInterruptedError


@contextmanager
def cancellable() -> Iterator[threading.Event]:
    """An event that the first Ctrl-C sets, so that the engine can be told and waited for; the second one ends at once.

    Raises:
        KeyboardInterrupt: what the block does was given up, or Ctrl-C was pressed twice.
    """
    cancelled = threading.Event()

    def interrupt(number: int, frame: FrameType | None) -> None:
        if cancelled.is_set():
            raise KeyboardInterrupt
        cancelled.set()

    handles = threading.current_thread() is threading.main_thread()
    handles = handles and signal.getsignal(signal.SIGINT) is signal.default_int_handler
    if handles:
        signal.signal(signal.SIGINT, interrupt)
    try:
        yield cancelled
    except StoreInterruptedError:
        if not cancelled.is_set():
            raise
        raise KeyboardInterrupt from None
    finally:
        if handles:
            signal.signal(signal.SIGINT, signal.default_int_handler)
