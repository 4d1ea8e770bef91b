"""Between a program and its terminal: copies what is printed, unchanged and at once, and makes lines of the copy."""

from __future__ import annotations

import errno
import fcntl
import os
import select
import selectors
import termios
import threading
import time
from collections.abc import Callable, Sequence
from weakref import WeakSet

from workbench.tracking.capture.lines import Line, LineAssembler

READ_BYTES = 256 * 1024
PIPE_BYTES = 1024 * 1024
MAX_RECORDED_BYTES = 64 * 1024 * 1024
TICK_INTERVAL_S = 1.0
QUIET_S = 0.05
BAR_PREVIEW_INTERVAL_S = 30.0
_DRAIN_LIMIT_BYTES = 4 * PIPE_BYTES

_pumps: WeakSet[OutputPump] = WeakSet()


class Tap:
    """A pipe or pseudo terminal in front of a file descriptor.

    Attributes:
        stream: 1 for standard output, 2 for standard error.
        read_fd: what the program printed comes out here.
        write_fd: the program prints here; a terminal where the original is one.
        terminal_fd: the original, which gets a copy; owned by the tap.
    """

    def __init__(self, stream: int, fd: int) -> None:
        self.stream = stream
        self.terminal_fd = os.dup(fd)
        self.is_terminal = False
        try:
            self.read_fd, self.write_fd = self._open_terminal() if os.isatty(fd) else self._open_pipe()
            os.set_blocking(self.read_fd, False)
        except OSError:
            os.close(self.terminal_fd)
            raise
        self.assembler = LineAssembler()
        self.copying = True
        self.copy_window_size()

    def copy_window_size(self) -> None:
        """Give the pseudo terminal the size of the real one."""
        if self.is_terminal:
            try:
                size = fcntl.ioctl(self.terminal_fd, termios.TIOCGWINSZ, b"\0" * 8)
                if size != fcntl.ioctl(self.read_fd, termios.TIOCGWINSZ, b"\0" * 8):
                    fcntl.ioctl(self.read_fd, termios.TIOCSWINSZ, size)
            except OSError:
                pass

    def close_write(self) -> None:
        """Let go of the printing end, so that the end of the output can be seen."""
        if self.write_fd >= 0:
            os.close(self.write_fd)
            self.write_fd = -1

    def close_read(self) -> None:
        """Stop reading; a program that still prints gets the error that a closed terminal gives."""
        if self.read_fd >= 0:
            os.close(self.read_fd)
            self.read_fd = -1

    def close(self) -> None:
        """Close every descriptor."""
        self.close_read()
        self.close_write()
        if self.terminal_fd >= 0:
            os.close(self.terminal_fd)
            self.terminal_fd = -1

    def _open_terminal(self) -> tuple[int, int]:
        try:
            master, slave = os.openpty()
        except OSError:  # no pseudo terminals left, or none in this container
            return self._open_pipe()
        self.is_terminal = True
        try:
            attributes = termios.tcgetattr(slave)
            attributes[1] &= ~termios.OPOST  # the real terminal translates newlines; twice would be once too often
            attributes[3] &= ~termios.ECHO
            termios.tcsetattr(slave, termios.TCSANOW, attributes)
        except termios.error:
            pass
        return master, slave

    def _open_pipe(self) -> tuple[int, int]:
        read_fd, write_fd = os.pipe()
        try:
            fcntl.fcntl(write_fd, fcntl.F_SETPIPE_SZ, PIPE_BYTES)
        except (AttributeError, OSError):  # not Linux, or the user's share of pipe memory is used up
            pass
        return read_fd, write_fd


def open_taps() -> list[Tap]:
    """Taps in front of descriptors 1 and 2; one that is closed is left alone.

    Raises:
        OSError: there are no more descriptors.
    """
    taps: list[Tap] = []
    for fd in (1, 2):
        try:
            os.fstat(fd)
        except OSError:
            continue
        try:
            taps.append(Tap(fd, fd))
        except OSError:
            for tap in taps:
                tap.close()
            raise
    return taps


class OutputPump:
    """A thread that copies from taps to their terminals and passes lines on.

    Args:
        taps: where output comes from; the pump closes them in the end.
        on_line: called with `(stream, text, newline)`, see `lines`, one call at a time. What it raises
            is dropped: recording must not stop the copying.
        on_pause: called after the lines at hand were passed on; the moment to write a batch.
        max_recorded_bytes: after so much text one line says that recording ended; copying goes on.
    """

    def __init__(
        self,
        taps: Sequence[Tap],
        on_line: Callable[[int, str, bool], None],
        on_pause: Callable[[], None] | None = None,
        max_recorded_bytes: int = MAX_RECORDED_BYTES,
    ) -> None:
        self._taps = list(taps)
        self._on_line = on_line
        self._on_pause = on_pause or (lambda: None)
        self._left_bytes = max_recorded_bytes
        self._max_bytes = max_recorded_bytes
        self._mirrors: dict[int, LineAssembler] = {}
        self._lock = threading.RLock()  # `on_line` may print
        self._wake_read, self._wake_write = os.pipe()
        os.set_blocking(self._wake_read, False)
        self._drained = threading.Event()
        self._recording = True
        self._last_data_s = self._last_tick_s = self._last_bar_s = time.monotonic()
        self._thread = threading.Thread(target=self._work, name="workbench-output", daemon=True)
        _pumps.add(self)

    def start(self) -> None:
        """Begin to copy."""
        self._thread.start()

    def stop(self, timeout_s: float) -> bool:
        """Pass on all that was printed before the call, then stop recording; False where that took too long.

        Whoever still holds a printing end goes on to reach the terminal, as long as this process lives.
        """
        os.write(self._wake_write, b"\0")
        return self._drained.wait(timeout_s)

    def record(self, stream: int, text: str) -> None:
        """Record text that does not come through a tap."""
        with self._lock:
            if not self._recording:
                return
            self._last_data_s = time.monotonic()
            assembler = self._mirrors.setdefault(stream, LineAssembler())
            self._emit(stream, assembler.feed(text.encode("utf-8", "backslashreplace")))
            self._pause()
            if assembler.waiting:
                os.write(self._wake_write, b"t")  # the thread may be asleep without a deadline

    def copy_window_size(self) -> None:
        """The real terminal has a new size."""
        for tap in self._taps:
            tap.copy_window_size()

    def _work(self) -> None:
        selector = selectors.DefaultSelector()  # epoll tells what became ready first, so the streams keep their order
        selector.register(self._wake_read, selectors.EVENT_READ)
        for tap in self._taps:
            selector.register(tap.read_fd, selectors.EVENT_READ, tap)
        open_taps = len(self._taps)
        while open_taps or self._recording:
            for key, _ in selector.select(self._patience_s()):
                tap = key.data
                if tap is None:
                    if b"\0" in os.read(self._wake_read, 4096):
                        self._finish()
                elif self._read(tap) is None:
                    selector.unregister(tap.read_fd)
                    tap.close_read()
                    open_taps -= 1
            with self._lock:
                if self._recording:
                    self._tick()
                    self._pause()
        selector.close()
        for tap in self._taps:
            tap.close()
        self._close()

    def _read(self, tap: Tap) -> int | None:
        """Copy and record what is there; the number of bytes, None at the end of the stream."""
        try:
            data = os.read(tap.read_fd, READ_BYTES)
        except BlockingIOError:
            return 0
        except OSError:  # a pseudo terminal that nobody holds any more gives EIO
            return None
        if not data:
            return None
        alive = self._copy(tap, data)
        if self._recording:
            self._last_data_s = time.monotonic()
            with self._lock:
                lines = tap.assembler.feed(data)
                for other in self._taps if lines else ():
                    if other is not tap and not other.assembler.live:
                        self._emit(other.stream, other.assembler.settle())  # it was finished before these lines
                self._emit(tap.stream, lines)
        return len(data) if alive else None

    def _copy(self, tap: Tap, data: bytes) -> bool:
        """Write everything to the terminal; False where its reader is gone, which the program then has to see."""
        left = memoryview(data)
        while tap.copying and left:
            try:
                left = left[os.write(tap.terminal_fd, left) :]
            except BlockingIOError:
                select.select([], [tap.terminal_fd], [])
            except OSError as error:
                if error.errno == errno.EPIPE:
                    return False
                tap.copying = False  # the terminal is gone or the disk is full: the run goes on without it
        return True

    def _emit(self, stream: int, lines: list[Line]) -> None:
        for text, newline in lines:
            if self._left_bytes <= 0:
                return
            self._left_bytes -= len(text) + 1
            if self._left_bytes <= 0:
                text, newline = f"[output beyond {self._max_bytes / 2**20:.3g} MiB is not recorded]", True
            try:
                self._on_line(stream, text, newline)
            except Exception:
                pass

    def _pause(self) -> None:
        try:
            self._on_pause()
        except Exception:
            pass

    def _assemblers(self) -> list[tuple[int, LineAssembler]]:
        return [(tap.stream, tap.assembler) for tap in self._taps] + list(self._mirrors.items())

    def _patience_s(self) -> float | None:
        """How long the thread may sleep: for ever where no unfinished line waits."""
        if not self._recording or not any(assembler.waiting for _, assembler in self._assemblers()):
            return None
        now_s = time.monotonic()
        quiet_s = self._last_data_s + QUIET_S - now_s
        return quiet_s if quiet_s > 0 else max(QUIET_S, self._last_tick_s + TICK_INTERVAL_S - now_s)

    def _tick(self) -> None:
        """In a moment without output: pass on finished bars and, once a second, the beginning of unfinished lines."""
        now_s = time.monotonic()
        quiet_s = now_s - self._last_data_s
        if quiet_s < QUIET_S:
            return
        due = now_s - self._last_tick_s >= TICK_INTERVAL_S
        for stream, assembler in self._assemblers():
            if due or not assembler.live:
                self._emit(stream, assembler.settle())
        if not due:
            return
        self._last_tick_s = now_s
        bars = now_s - self._last_bar_s >= BAR_PREVIEW_INTERVAL_S
        if bars:
            self._last_bar_s = now_s
        self.copy_window_size()
        if bars or quiet_s >= TICK_INTERVAL_S:
            for stream, assembler in self._assemblers():
                self._emit(stream, assembler.preview(bars=bars))

    def _finish(self) -> None:
        """Drain the taps without waiting for their end, which a background process may keep away for ever."""
        for tap in self._taps:
            drained_bytes = 0
            while tap.read_fd >= 0 and drained_bytes < _DRAIN_LIMIT_BYTES:
                count = self._read(tap)
                if not count:
                    break
                drained_bytes += count
        with self._lock:
            for stream, assembler in self._assemblers():
                self._emit(stream, assembler.finish())
            self._recording = False
            self._pause()
        for tap in self._taps:
            tap.close_write()
        self._drained.set()

    def _close(self) -> None:
        _pumps.discard(self)
        os.close(self._wake_read)
        os.close(self._wake_write)

    def _abandon(self) -> None:
        """In a forked child, which has no thread: only the parent may read, or a child could not see it die."""
        self._recording = False
        self._lock = threading.RLock()  # the parent's thread may have held it
        for tap in self._taps:
            tap.close()
        self._close()


def _abandon_all_in_child() -> None:
    for pump in list(_pumps):
        pump._abandon()


os.register_at_fork(after_in_child=_abandon_all_in_child)
