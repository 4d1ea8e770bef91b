"""Recording what this process prints, its C libraries and its child processes included.

Descriptors 1 and 2 are replaced by a pipe, or by a pseudo terminal where the original is a terminal,
so that `isatty()` and progress bars stay as they were. Where Python's `sys.stdout` does not lead to
descriptor 1 (a notebook, a test runner), what is written to it is recorded as well.

Limits: C code that prints more than the pipe holds (1 MiB; 64 KiB on a terminal) while it keeps the
interpreter's lock waits for a reader that waits for the lock. What is printed in the last instant
before a crash of the interpreter itself (a segmentation fault) may reach neither record nor terminal,
and a background process that outlives this one cannot print any more. `workbench run` has none of
these limits but the last: there the reader is a process of its own.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable
from functools import partial

from workbench.tracking.capture.pump import MAX_RECORDED_BYTES, OutputPump, Tap, open_taps

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, TextIO


class OutputCapture:
    """Copies what reaches descriptors 1 and 2 to `on_line` while it still reaches the terminal unchanged.

    Args:
        on_line: called with `(stream, text, newline)`; stream is 1 or 2, the text has no newline. With
            `newline` false the line is not complete: see `workbench.tracking.capture.lines`. It is called from
            another thread, one call at a time; what it raises is dropped.
        on_pause: called after the lines at hand were passed on; the moment to write a batch.
        max_recorded_bytes: after so much text one line says that recording ended.
    """

    def __init__(
        self,
        on_line: Callable[[int, str, bool], None],
        on_pause: Callable[[], None] | None = None,
        max_recorded_bytes: int = MAX_RECORDED_BYTES,
    ) -> None:
        self._arguments = (on_line, on_pause, max_recorded_bytes)
        self._pump: OutputPump | None = None
        self._taps: list[Tap] = []
        self._mirrors: dict[str, _Mirror] = {}
        self._pid = 0

    def start(self) -> None:
        """Begin to capture. A descriptor that is closed is left alone.

        Raises:
            OSError: there are no more descriptors or threads.
        """
        if self._pump is not None:
            return
        _flush()
        self._pid = os.getpid()
        self._taps = open_taps()
        pump = OutputPump(self._taps, *self._arguments)
        pump.start()
        self._pump = pump
        atexit.register(self.stop)  # a program that nobody stops may have its last words in the pipe
        for tap in self._taps:
            os.dup2(tap.write_fd, tap.stream)
        for stream, name in ((1, "stdout"), (2, "stderr")):
            original = getattr(sys, name)
            if original is not None and not _leads_to(original, stream):
                self._mirrors[name] = _Mirror(original, partial(pump.record, stream))
                setattr(sys, name, self._mirrors[name])

    def stop(self, timeout_s: float = 2.0) -> None:
        """Give the descriptors back; what was printed before has been passed on when this returns.

        Waits at most `timeout_s` for a terminal that does not take the output. In a forked child it
        does nothing: the parent goes on recording both.
        """
        pump, self._pump = self._pump, None
        if pump is None or self._pid != os.getpid():
            return
        atexit.unregister(self.stop)
        _flush()
        for tap in self._taps:
            os.dup2(tap.terminal_fd, tap.stream)
        for name, mirror in self._mirrors.items():
            if getattr(sys, name) is mirror:
                setattr(sys, name, mirror.original)
        self._mirrors = {}
        pump.stop(timeout_s)


class _Mirror:
    """A text stream that also passes on what is written to it."""

    def __init__(self, original: TextIO, on_text: Callable[[str], None]) -> None:
        self.original = original
        self._on_text = on_text

    def write(self, text: str) -> int:
        count = self.original.write(text)
        self._on_text(text)
        return count

    def writelines(self, lines: list[str]) -> None:
        for line in lines:
            self.write(line)

    def __getattr__(self, name: str) -> object:
        return getattr(self.original, name)


def _flush() -> None:
    for stream in {
        id(s): s for s in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__) if s is not None
    }.values():
        try:
            stream.flush()
        except (OSError, ValueError):  # a closed stream
            pass


def _leads_to(stream: Any, fd: int) -> bool:
    try:
        return bool(stream.fileno() == fd)
    except Exception:  # io.UnsupportedOperation, or no such method at all
        return False
